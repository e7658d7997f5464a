//! Programs and packages that change while a server is running.

use std::fs;

use crate::client::Client;
use crate::fifo::Fifo;
use crate::stage::Stage;
use crate::watched::Watched;
use oncue_types::{CancellationReason as Reason, Outcome};

/// Replaces the package's program by another file, like a package manager.
fn replace_program(stage: &Stage) {
    let new = stage.path("primes.new");
    fs::copy(stage.program(), &new).unwrap();
    fs::rename(&new, stage.program()).unwrap();
}

#[test]
fn a_server_whose_program_was_replaced_serves_on_and_the_next_one_is_the_new_one() {
    let stage = Stage::new("tells_process", &["sync 1 100"]);
    let mut watch = stage.watch();
    watch.fire("sync");
    let old = watch.progress();
    watch.ended();
    let exe = || fs::read_link(format!("/proc/{old}/exe")).unwrap();
    replace_program(&stage);
    assert!(exe().to_str().unwrap().ends_with(" (deleted)"), "{:?}", exe());
    watch.fire("sync");
    assert_eq!(watch.progress(), old);
    assert_eq!(watch.ended().outcome, Outcome::Completed);

    Watched::process(old.cast_signed()).kill();
    // Until the broker has noticed its end, a run may still go to it.
    let new = loop {
        watch.fire("sync");
        let entry = watch.ended();
        if entry.outcome == Outcome::Completed {
            break watch.progress();
        }
        let lost = [Outcome::Crashed, Outcome::NotActivated];
        assert!(lost.iter().any(|outcome| entry.outcome == *outcome), "{entry:?}");
    };
    assert_ne!(new, old);
}

#[test]
fn a_process_of_the_package_stays_one_when_its_program_is_replaced() {
    let mut stage = Stage::new("tells_process", &["sync 1 100"]);
    // It connects only after its program was replaced, and without a token.
    let mut go = Fifo::make(&stage.path("go"));
    let mut child = stage.play("starts_when_told").spawn().unwrap();
    let app = Watched::process(stage.said.line().parse().unwrap());
    replace_program(&stage);
    go.say("start");
    let mut watch = stage.watch();
    // The broker accepts its class object, so it gets runs.
    while served_by(&mut watch) == Served::ByServer {
        assert!(app.is_alive(), "its class object was refused");
    }
    app.kill();
    child.wait().unwrap();
}

#[derive(PartialEq)]
enum Served {
    ByApp,
    ByServer,
}

/// The app's task sets no progress; the server's task does.
fn served_by(watch: &mut Client) -> Served {
    watch.fire("sync");
    let entry = watch.ended();
    assert_eq!(entry.outcome, Outcome::Completed);
    if entry.progress.is_none() { Served::ByApp } else { Served::ByServer }
}

#[test]
fn an_update_cancels_what_runs_and_the_next_run_is_the_new_versions() {
    let stage = Stage::new("waits_for_cancel", &["sync 1 20000"]);
    let mut watch = stage.watch();
    watch.fire("sync");
    let old = watch.progress();
    let server = Watched::process(old.cast_signed());
    replace_program(&stage);
    stage.lay_out("tells_process", 2);
    stage.add_package();
    let entry = watch.ended();
    assert_eq!(
        (entry.outcome, entry.reason),
        (Outcome::Cancelled.into(), Some(Reason::ServicingUpdate.into()))
    );
    watch.fire("sync");
    assert_ne!(watch.progress(), old);
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    drop(server);
}

/// The task has a run whose server is still starting, and a firing that waits for it; then the
/// package is updated.
fn updated_while_a_firing_waits(version: u32) {
    let mut stage = Stage::new("old", &["sync 1 20000"]);
    stage.write_program("#!/bin/sh\necho $* >> said\nexec sleep 1000\n");
    let mut watch = stage.watch();
    watch.fire("sync");
    assert!(stage.said.line().ends_with("parts::old"));
    watch.fire("sync");
    stage.lay_out("new", version);
    stage.add_package();
    let entry = watch.ended();
    assert_eq!(
        (entry.outcome, entry.reason),
        (Outcome::Cancelled.into(), Some(Reason::ServicingUpdate.into()))
    );
    let started = stage.said.line();
    assert!(started.ends_with("parts::new"), "the firing that waited went to `{started}`");
}

#[test]
fn a_firing_that_waits_for_an_update_goes_to_the_new_program() {
    updated_while_a_firing_waits(2);
}

#[test]
fn other_arguments_in_the_same_version_are_an_update() {
    updated_while_a_firing_waits(1);
}
