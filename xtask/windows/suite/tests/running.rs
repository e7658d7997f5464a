//! The sample as Windows would run it: COM starts its server, and a task runs for another process,
//! with deferral, progress and cancellation in both directions.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::thread;
use std::time::{Duration, Instant as Clock};

use windows::ApplicationModel::Background::BackgroundTaskCancellationReason as Reason;
use windows::Win32::Foundation::{REGDB_E_CLASSNOTREG, S_OK};
use windows::core::GUID;
use windows_suite::{Apartment, Heard, Instance, Process, activate, clear, local_folder, processes};

/// The class that the sample's manifest declares.
const SAMPLE: GUID = GUID::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);

/// What each run writes first.
const FIRST: &str = "2, 3, 5, 7, 11, 13, 17, 19, 23, 29, ";

/// How long a server may take to leave when it may.
const LEAVING: Duration = Duration::from_secs(30);

/// The sample's running servers.
fn servers() -> Vec<Process> {
    processes("primes.exe").unwrap()
}

/// Waits until no server of an earlier run is left.
fn all_gone() {
    for server in servers() {
        assert!(server.has_ended(LEAVING), "the server {} does not leave", server.id);
    }
}

/// What the task has written.
fn numbers() -> String {
    fs::read_to_string(local_folder().join("primes").join("numbersQueue.log")).unwrap_or_default()
}

/// Starts the run with this number, and waits until it has written its first primes.
fn started(number: usize) -> Instance {
    let instance = Instance::new(number as u128);
    instance.run(SAMPLE);
    let heard = instance.until(&[Heard::Progress(10)]).unwrap();
    assert_eq!(heard, [Heard::Deferred(1), Heard::HandlerAdded, Heard::Progress(10)]);
    let deadline = Clock::now() + LEAVING;
    while numbers().matches(FIRST).count() < number {
        assert!(Clock::now() < deadline, "no numbers: {}", numbers());
        thread::yield_now();
    }
    instance
}

/// Cancels a run and waits for its end.
fn ended(instance: &Instance) -> Vec<Heard> {
    instance.cancel(Reason::Abort).unwrap();
    instance.until(&[Heard::Completed(1), Heard::Returned(S_OK)]).unwrap()
}

#[test]
fn a_class_that_no_manifest_declares_is_not_registered() {
    let _apartment = Apartment::enter().unwrap();
    assert_eq!(activate(GUID::from_u128(1)).unwrap_err().code(), REGDB_E_CLASSNOTREG);
}

#[test]
fn a_run_is_deferred_tells_its_progress_and_completes_when_it_is_cancelled() {
    let _apartment = Apartment::enter().unwrap();
    clear().unwrap();
    let instance = started(1);
    // `Run` returns when the app's `run` has returned; Windows waits for the deferral.
    let heard = ended(&instance);
    let place = |wanted| heard.iter().position(|heard| *heard == wanted);
    assert!(place(Heard::HandlerRemoved) < place(Heard::Completed(1)), "{heard:?}");
    assert!(numbers().starts_with(FIRST), "{}", numbers());
    all_gone();
}

#[test]
fn one_server_serves_two_runs_at_a_time_and_leaves_after_the_last() {
    let _apartment = Apartment::enter().unwrap();
    clear().unwrap();
    let (first, second) = (started(1), started(2));
    let up: Vec<u32> = servers().iter().map(|server| server.id).collect();
    assert_eq!(up.len(), 1, "{up:?}");
    ended(&first);
    assert!(!servers().is_empty(), "the second run goes on");
    ended(&second);
    all_gone();
}

#[test]
fn a_run_that_comes_when_the_server_has_left_gets_a_new_one() {
    let _apartment = Apartment::enter().unwrap();
    clear().unwrap();
    for number in 1..=2 {
        let instance = started(number);
        assert_eq!(servers().len(), 1);
        ended(&instance);
        all_gone();
    }
}

#[test]
fn a_run_that_fails_completes_and_leaves_no_error_for_windows_to_try_again() {
    let _apartment = Apartment::enter().unwrap();
    clear().unwrap();
    // There is a file where the task needs a folder.
    fs::create_dir_all(local_folder()).unwrap();
    fs::write(local_folder().join("primes"), "").unwrap();
    let instance = Instance::new(1);
    instance.run(SAMPLE);
    instance.until(&[Heard::Completed(1), Heard::Returned(S_OK)]).unwrap();
    all_gone();
}
