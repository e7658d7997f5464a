//! Failures of task servers: how soon and how well they are reported.
//!
//! The package's programs are shell scripts: a task server does not have to behave well to be
//! started.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::stage::{Stage, said};

const EARLY: &str = "7d1f3c1e-5a30-4d5e-9b64-0f6d00000001";
const MUTE: &str = "7d1f3c1e-5a30-4d5e-9b64-0f6d00000002";

/// A stage with a broker and a package of two servers: one exits at once, one never registers.
fn set(config: &str) -> Stage {
    let mut stage = Stage::new();
    stage.write("config/config.toml", config);
    stage.start_broker();
    let sample = include_str!("../../../../examples/primes/AppxManifest.xml");
    let from = sample.find("<com:ExeServer").unwrap();
    let to = sample.find("</com:ExeServer>").unwrap() + "</com:ExeServer>".len();
    let server = |program: &str, class: &str| {
        format!("<com:ExeServer Executable=\"{program}.exe\"><com:Class Id=\"{class}\" /></com:ExeServer>")
    };
    let servers = server("early", EARLY) + &server("mute", MUTE);
    let manifest = sample[..from].to_owned() + &servers + &sample[to..];
    stage.write(
        "package/AppxManifest.xml",
        &manifest.replace("SamplePackagedWinMainBackgroundApp", "Failing"),
    );
    script(&stage, "early", "echo no configuration found >&2\necho giving up >&2\nexit 3");
    script(&stage, "mute", "echo looking for the configuration >&2\nexec sleep 3600");
    stage.done(&["package", "add", "package"]);
    stage
}

fn script(stage: &Stage, name: &str, text: &str) {
    let path = stage.write(&format!("package/{name}"), &format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Registers a task directly in the store, as a program of the package would.
fn register(stage: &mut Stage, name: &str, class: &str) {
    stage.kill_broker();
    let store = rusqlite::Connection::open(stage.path("state/store.db")).unwrap();
    let package: String = store.query_row("SELECT family FROM package", [], |row| row.get(0)).unwrap();
    let halves = |id: &str| -> Vec<u8> {
        let digits = id.replace('-', "");
        let bytes = |half: &str| u64::from_str_radix(half, 16).unwrap().to_be_bytes();
        [bytes(&digits[16..]), bytes(&digits[..16])].concat()
    };
    let id = halves(&format!("00000000-0000-8000-8000-{:012x}", name.len()));
    let task = rusqlite::params![id, package, name, halves(class)];
    let row = "INSERT INTO task (id, package, name, class, trigger, registered_at) VALUES (?, ?, ?, ?, 'every 15m', 0)";
    store.execute(row, task).unwrap();
    drop(store);
    stage.start_broker();
}

fn last(stage: &Stage) -> Value {
    stage.json(&["history", "--json"])[0].clone()
}

#[test]
fn a_server_that_exits_early_is_told_with_its_status_and_last_words() {
    let mut stage = set("");
    register(&mut stage, "early", EARLY);
    let waited = stage.says(&["run", "--wait", "early"]);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert!(waited.out.contains("exit 3") && waited.out.contains("giving up"), "{waited:?}");
    let entry = last(&stage);
    assert_eq!((&entry["outcome"], &entry["exit_status"]), (&"not_activated".into(), &"exit 3".into()));
    let message = entry["message"].as_str().unwrap();
    let facts = format!("early` ended (exit 3) before it registered class {EARLY}\n");
    assert!(message.contains(&facts), "{message}");
    assert!(message.ends_with("it wrote:\nno configuration found\ngiving up"), "{message}");
}

#[test]
fn a_server_that_never_registers_is_given_up_and_killed() {
    let mut stage = set("[time]\nactivation_timeout = \"200ms\"\n");
    register(&mut stage, "silent", MUTE);
    let waited = stage.says(&["run", "--wait", "silent"]);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    let entry = last(&stage);
    assert_eq!(entry["outcome"], "not_activated");
    let message = entry["message"].as_str().unwrap();
    let facts = format!("mute` did not register class {MUTE} within 200ms; usually");
    assert!(message.contains(&facts), "{message}");
    assert!(message.ends_with("it wrote:\nlooking for the configuration"), "{message}");
}

#[test]
fn a_program_that_this_host_cannot_start_is_told_with_the_reason() {
    let mut stage = set("[time]\nstrikes = 0\n");
    register(&mut stage, "broken", EARLY);
    let program = stage.path("package/early");
    for (contents, reason) in [
        (
            "#!/no/such/interpreter\n",
            "its interpreter /no/such/interpreter does not exist; install the interpreter",
        ),
        ("#!/bin/sh\r\nexit 0\r\n", "its first line ends with a carriage return"),
        ("#!/bin/sh\nexit 0\n", "ended (exit 0) before it registered class"),
        ("#!/bin/sh\nexit 0\n", "; usually `main` ignores the arguments in the manifest"),
        ("#!/bin/sh\nexit 127\n", "a shared library or a command is missing"),
    ] {
        fs::write(&program, contents).unwrap();
        assert_eq!(stage.says(&["run", "--wait", "broken"]).code, Some(1));
        let entry = last(&stage);
        let message = entry["message"].as_str().unwrap();
        assert!(message.contains(reason) && message.contains(EARLY), "{contents:?}: {message}");
        assert!(message.contains("package/early"), "{contents:?}: {message}");
    }
}

#[test]
fn a_program_that_vanished_is_named_when_it_should_start() {
    let mut stage = set("");
    register(&mut stage, "gone", EARLY);
    fs::remove_file(stage.path("package/early")).unwrap();
    assert_eq!(stage.says(&["run", "--wait", "gone"]).code, Some(1));
    let entry = last(&stage);
    assert_eq!(entry["outcome"], "not_activated");
    assert!(entry["message"].as_str().unwrap().contains("package/early"), "{entry}");
}

#[test]
fn what_was_missed_while_the_broker_was_down_runs_once_and_is_counted() {
    let mut stage = set("");
    register(&mut stage, "late", EARLY);
    set_due(&mut stage, -3_600_000_000);
    // The firing is due at once; requesting another one follows that run to its end.
    stage.says(&["run", "--wait", "late"]);
    let history = stage.json(&["history", "late", "--json"]);
    let entries = history.as_array().unwrap();
    let first = |outcome: &str| entries.iter().rev().find(|entry| entry["outcome"] == outcome).unwrap();
    let (missed, joined) = (first("not_activated"), first("coalesced"));
    assert!(missed["firings"].as_u64().unwrap() >= 5, "{history}");
    assert_eq!(joined["firings"].as_u64().unwrap() + 1, missed["firings"].as_u64().unwrap(), "{history}");
    assert!(joined["message"].as_str().unwrap().contains(missed["instance_id"].as_str().unwrap()));
    assert!(stage.json(&["show", "late", "--json"])["next_due"].is_string());
}

#[test]
fn a_time_trigger_fires_by_real_time_and_not_before() {
    let mut stage = set("[time]\nslack = \"0s\"\n");
    register(&mut stage, "soon", EARLY);
    script(&stage, "early", "echo fired > fifo\nexit 3");
    let fifo = stage.path("package/fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let due = set_due(&mut stage, 400_000);
    // Opening it waits for the task server to open it too.
    assert_eq!(fs::read_to_string(&fifo).unwrap(), "fired\n");
    assert!(micros() >= due, "early");
    let shown = stage.says(&["cancel", "soon"]);
    assert!([Some(0), Some(3)].contains(&shown.code), "it is ending or has ended: {shown:?}");
    let history = stage.json(&["history", "soon", "--json"]);
    let fired_at: jiff::Timestamp = history[0]["fired_at"].as_str().unwrap().parse().unwrap();
    // The broker computes it with the boot clock, and the two clocks are not read at the same
    // instant.
    assert!((fired_at.as_microsecond() - due).abs() < 1_000_000, "{fired_at} is not when it was due");
}

fn micros() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// Restarts the broker with every task due this many microseconds from now.
fn set_due(stage: &mut Stage, ahead: i64) -> i64 {
    stage.kill_broker();
    let due = micros() + ahead;
    let store = rusqlite::Connection::open(stage.path("state/store.db")).unwrap();
    store.execute("UPDATE task SET next_due = ?", [due]).unwrap();
    drop(store);
    stage.start_broker();
    due
}

#[test]
fn two_brokers_started_at_once_end_as_one() {
    let stage = Stage::new();
    let start = || {
        let mut command = stage.oncue(&["daemon", "--from-client"]);
        command.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let mut brokers = [start(), start(), start()];
    let about = stage.report();
    let pid = about["broker"]["pid"].as_u64().unwrap();
    let winner = brokers.iter().position(|broker| u64::from(broker.id()) == pid).unwrap();
    for (place, broker) in brokers.iter_mut().enumerate() {
        if place != winner {
            assert!(broker.wait().unwrap().success(), "who is not needed leaves without fuss");
        }
    }
    stage.done(&["daemon", "--stop"]);
    brokers[winner].wait().unwrap();
}

#[test]
fn a_package_may_be_installed_by_the_system() {
    let mut stage = Stage::new();
    let manifest = include_str!("../../../../examples/primes/AppxManifest.xml");
    stage.write("share/oncue/packages/primes/AppxManifest.xml", manifest);
    let program = stage.write("share/oncue/packages/primes/primes", "#!/bin/sh\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    stage.start_broker();
    let packages = stage.json(&["package", "list", "--json"]);
    assert_eq!(packages[0]["origin"], "installed", "{packages}");
    fs::remove_dir_all(stage.path("share/oncue/packages/primes")).unwrap();
    stage.kill_broker();
    stage.start_broker();
    assert_eq!(stage.done(&["package", "list", "--json"]), "[]\n", "what the system removed is gone");
}

#[test]
fn bad_packages_are_refused_and_leave_nothing() {
    let mut stage = Stage::new();
    stage.start_broker();
    let sample = include_str!("../../../../examples/primes/AppxManifest.xml");
    let cases: [(&str, String, &str); 6] = [
        ("missing program", sample.to_owned(), "does not exist"),
        ("no XML", "hello".into(), ":1:1:"),
        ("wrong namespace", sample.replace("manifest/foundation/windows10\"", "manifest\""), "namespace"),
        ("entities", format!("<!DOCTYPE p [<!ENTITY a \"aa\">]>{sample}"), ":1:"),
        ("outside", sample.replace("primes.exe", "..\\primes.exe"), ".."),
        ("huge", format!("{sample}{}", " ".repeat(2 << 20)), "1"),
    ];
    for (what, manifest, told) in cases {
        stage.write("bad/AppxManifest.xml", &manifest);
        let refused = said(stage.oncue(&["package", "add", "bad"]).output().unwrap());
        assert_eq!(refused.code, Some(3), "{what}: {refused:?}");
        assert!(refused.err.contains(told) && refused.err.contains("\n  try: "), "{what}: {refused:?}");
    }
    assert_eq!(stage.done(&["package", "list", "--json"]), "[]\n");
}
