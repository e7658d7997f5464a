//! Hostile clients: what they make the broker hold is limited, and nobody else has to wait.

use std::fs;
use std::os::fd::AsFd as _;
use std::process::{Child, Stdio};
use std::time::Instant;

use oncue_types::Outcome;
use oncue_wire::{BrokerInfo, limits};

use crate::client::Client;
use crate::stage::{PATIENCE, Stage};
use crate::stranger::{Stranger, call};

/// How much the broker may grow, in KiB. Without limits, it was hundreds of MiB in each of these
/// cases.
const GROWTH: u64 = 24 << 10;

/// The memory of the broker, in KiB.
fn memory(stage: &Stage) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", stage.broker())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn descriptors(stage: &Stage) -> usize {
    fs::read_dir(format!("/proc/{}/fd", stage.broker())).unwrap().count()
}

/// Another client is answered.
fn answers(stage: &Stage) {
    Client::connect(stage.home()).ask::<BrokerInfo>("About", &()).unwrap();
}

/// A call whose header announces this many bytes, which do not follow.
fn announcing(length: u32) -> Vec<u8> {
    let mut bytes = call("Find", &"");
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

#[test]
fn a_message_that_is_announced_takes_no_memory_and_one_that_is_too_long_is_refused() {
    let stage = Stage::new("completes", &["one 1 100"]);
    let before = memory(&stage);
    let mut strangers: Vec<Stranger> = (0..32).map(|_| Stranger::introduced(stage.home())).collect();
    for stranger in &mut strangers {
        stranger.say(&announcing((128 << 20) - 1_024));
    }
    for stranger in &mut strangers {
        let heard = stranger.heard();
        assert!(heard.contains("org.oncue.Error.NotEnoughQuota"), "{heard}");
        assert!(heard.contains(&limits::MESSAGE.to_string()), "the limit is named: {heard}");
    }
    let mut short: Vec<Stranger> = (0..16).map(|_| Stranger::introduced(stage.home())).collect();
    short.iter_mut().for_each(|stranger| stranger.say(&announcing(1 << 19)));
    answers(&stage);
    let after = memory(&stage);
    assert!(after < before + GROWTH, "{before} -> {after} KiB");
}

#[test]
fn answers_that_nobody_reads_stop_the_broker_from_reading_on() {
    let stage = Stage::new("completes", &["one 1 100", "two 1 100"]);
    let before = memory(&stage);
    let mut strangers: Vec<Stranger> = (0..10).map(|_| Stranger::introduced(stage.home())).collect();
    let introspect = zbus::Message::method_call("/", "Introspect");
    let introspect = introspect.interface("org.freedesktop.DBus.Introspectable");
    let long = introspect.build(&()).unwrap().data().repeat(5_000);
    let (mut said, mut last) = (0, Instant::now());
    // Until the broker accepts nothing more for a while, and all of it is stuck.
    while last.elapsed().as_millis() < 500 {
        for stranger in &mut strangers {
            let (more, hung_up) = stranger.say_on(&long);
            assert!(!hung_up, "a client that does not read has to wait, no more");
            if more > 0 {
                (said, last) = (said + more, Instant::now());
            }
        }
        assert!(said < 8 * long.len(), "the broker reads on");
        answers(&stage);
    }
    let after = memory(&stage);
    assert!(after < before + GROWTH, "{before} -> {after} KiB");
}

#[test]
fn an_introduction_that_never_ends_is_ended() {
    let stage = Stage::new("completes", &["one 1 100"]);
    let mut endless = Stranger::silent(stage.home());
    endless.say(b"\0AUTH EXTERNAL ");
    let line = vec![b'3'; 4 << 20];
    let mut said = 0;
    let until = Instant::now() + PATIENCE;
    loop {
        let (more, hung_up) = endless.say_on(&line[..64 << 10]);
        said += more;
        if hung_up {
            break;
        }
        assert!(Instant::now() < until, "the broker listens on");
        // The socket contains what the broker does not read.
        assert!(said < 1 << 19, "the broker has listened to {said} bytes");
    }
    for wrong in [&b"\n"[..], b"\0\n", b"\0AUTH\r\n\n", b"\0BEGIN\r\n", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut stranger = Stranger::silent(stage.home());
        stranger.say(wrong);
        stranger.is_hung_up_on();
    }
    answers(&stage);
    let log = stage.log();
    assert!(!log.contains("fault"), "{log}");
}

#[test]
fn a_process_has_a_limited_number_of_connections_and_gets_them_back() {
    let stage = Stage::new("completes", &["one 1 100"]);
    let mut held: Vec<Stranger> = Vec::new();
    let mut refused = loop {
        assert!(held.len() <= limits::CONNECTIONS_PER_PROCESS);
        let mut next = Stranger::introduced(stage.home());
        next.say(&call("About", &()));
        let heard = next.heard();
        if heard.contains("org.oncue.Error.NotEnoughQuota") {
            assert!(heard.contains("connections to the broker"), "{heard}");
            break next;
        }
        held.push(next);
    };
    refused.is_hung_up_on();
    held.clear();
    let until = Instant::now() + PATIENCE;
    loop {
        let mut again = Stranger::introduced(stage.home());
        again.say(&call("About", &()));
        if !again.heard().contains("NotEnoughQuota") {
            break;
        }
        assert!(Instant::now() < until, "no place is given back");
    }
}

/// Processes that hold as many connections as possible until they are ended.
struct Holders(Vec<Child>);

impl Holders {
    fn begin(stage: &mut Stage, count: usize) -> Self {
        let holders = (0..count).map(|_| {
            let holder = stage.play("holds_connections").stdin(Stdio::piped()).spawn().unwrap();
            assert_eq!(stage.said.line(), "held");
            holder
        });
        Self(holders.collect())
    }
}

impl Drop for Holders {
    fn drop(&mut self) {
        for holder in &mut self.0 {
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}

#[test]
fn idle_connections_keep_neither_task_servers_nor_other_clients_out() {
    let mut stage = Stage::new("completes", &["healthy 1 100"]);
    let mut watch = stage.watch();
    // Many more than there are places.
    let _holders = Holders::begin(&mut stage, 1_024 / limits::CONNECTIONS_PER_PROCESS);
    watch.fire("healthy");
    let entry = watch.ended();
    assert_eq!(entry.outcome, Outcome::Completed, "{:?}", entry.message);
    answers(&stage);
}

#[test]
fn a_busy_process_is_slowed_and_gets_all_its_answers() {
    let stage = Stage::new("completes", &["one 1 100"]);
    // More connections than a process may make at once.
    for _ in 0..limits::STEPS / 20 + 50 {
        let mut client = Stranger::introduced(stage.home());
        client.say(&call("About", &()));
        let heard = client.heard();
        assert!(!heard.contains("org.oncue.Error"), "{heard}");
    }
    // Many calls on one connection, whose answers are read later.
    let mut client = Client::connect(stage.home());
    client.call("Find", &"one", 800);
    client.ask::<BrokerInfo>("About", &()).unwrap();
}

/// Ends processes when dropped.
struct Spinners(Vec<Child>);

impl Drop for Spinners {
    fn drop(&mut self) {
        for spinner in &mut self.0 {
            let _ = spinner.kill();
            let _ = spinner.wait();
        }
    }
}

#[test]
fn processes_that_reconnect_without_end_are_kept_waiting_and_newcomers_are_not() {
    let mut stage = Stage::new("completes", &["one 1 100"]);
    let spinner = |stage: &Stage| stage.play("reconnects").stdin(Stdio::null()).spawn().unwrap();
    let _spinners = Spinners((0..4).map(|_| spinner(&stage)).collect());
    // By then each has made more connections than are covered.
    (0..4).for_each(|_| assert_eq!(stage.said.line(), "spins"));
    for _ in 0..5 {
        let mut newcomer = Stranger::introduced(stage.home());
        newcomer.say(&call("About", &()));
        let heard = newcomer.heard();
        assert!(!heard.contains("org.oncue.Error"), "{heard}");
    }
}

#[test]
fn descriptors_that_clients_pass_do_not_stay() {
    let stage = Stage::new("completes", &["one 1 100"]);
    let strangers: Vec<Stranger> = (0..8).map(|_| Stranger::introduced(stage.home())).collect();
    answers(&stage);
    let before = descriptors(&stage);
    let file = fs::File::open("/dev/null").unwrap();
    // The message is not complete, so descriptors sent with it would have to be kept.
    let begun = &call("About", &())[..12];
    for stranger in &strangers {
        stranger.pass(begun, &[file.as_fd(); 100]);
    }
    answers(&stage);
    let after = descriptors(&stage);
    assert!(after < before + 50, "{before} -> {after} descriptors");
}
