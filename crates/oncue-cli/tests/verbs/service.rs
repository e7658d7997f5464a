//! `oncue service`: what starts the broker at log-in, and a broker that a service manager starts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::furnish;
use crate::stage::Stage;

const ENTRY: &str = ".config/autostart/oncue.desktop";

fn status(stage: &Stage) -> Value {
    stage.json(&["service", "status", "--json"])
}

#[test]
fn what_is_installed_is_shown_and_can_be_removed() {
    let stage = Stage::of_user();
    assert!(status(&stage)["log_in"].is_null());
    let entry = stage.path(ENTRY);
    assert!(stage.done(&["service", "install"]).contains(entry.to_str().unwrap()));
    let shown = status(&stage);
    assert_eq!(shown["log_in"].as_str(), entry.to_str());
    assert_eq!(shown["program"].as_str(), Some(env!("CARGO_BIN_EXE_oncue")));
    assert_eq!((&shown["installed_by"], &shown["program_state"]), (&"user".into(), &"there".into()));
    assert!(shown["broker"].is_null(), "looking starts nothing");
    assert!(stage.done(&["service", "uninstall"]).contains("removed"));
    assert!(!entry.exists() && status(&stage)["log_in"].is_null());
}

/// Waits for the errand of a broker, whose end is not announced.
fn until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn tasks_make_the_broker_start_at_log_in_and_it_leaves_without_them() {
    let mut stage = Stage::of_user();
    stage.write(".config/oncue/config.toml", "[service]\nstay = \"1s\"\n");
    stage.start_broker();
    furnish(&stage);
    let entry = stage.path(ENTRY);
    until("the entry is written", || entry.exists());
    let shown = status(&stage);
    assert_eq!(
        (&shown["installed_by"], &shown["broker"]["started_by"]),
        (&"broker".into(), &"client".into())
    );
    assert!(
        stage.report()["problems"]
            .as_array()
            .unwrap()
            .iter()
            .all(|problem| { !problem["what"].as_str().unwrap().contains("log in") })
    );
    stage.done(&["package", "remove", "Stage", "--yes"]);
    // Nobody needs it any more.
    assert!(stage.take_broker().wait().unwrap().success());
    assert!(!entry.exists());
}

#[test]
fn a_user_who_does_not_want_it_is_heard() {
    let stage = Stage::of_user();
    stage.write(".config/oncue/config.toml", "[service]\ninstall = \"never\"\n");
    furnish(&stage);
    stage.done(&["daemon", "--stop"]);
    assert!(!stage.path(ENTRY).exists());
    // The broker that stops has done what it was asked, so the next one shows whether it does more.
    stage.write(".config/oncue/config.toml", "");
    stage.done(&["service", "uninstall"]);
    stage.done(&["list"]);
    stage.done(&["daemon", "--stop"]);
    assert!(!stage.path(ENTRY).exists());
    stage.done(&["service", "install"]);
    stage.done(&["package", "remove", "Stage", "--yes"]);
    stage.done(&["daemon", "--stop"]);
    assert_eq!(status(&stage)["installed_by"], "user");
}

#[test]
fn a_file_of_somebody_else_is_refused_by_name() {
    let stage = Stage::of_user();
    let entry = stage.write(ENTRY, "[Desktop Entry]\nExec=/opt/oncue daemon\n");
    let refused = stage.says(&["service", "install"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.err.contains(entry.to_str().unwrap()) && refused.err.contains("try: "), "{refused:?}");
    let left = stage.says(&["service", "uninstall"]);
    assert!(left.code == Some(0) && left.out.contains("still starts the broker"), "{left:?}");
    assert!(fs::read_to_string(&entry).unwrap().contains("/opt/oncue"));
}

#[test]
fn a_home_of_its_own_is_never_installed() {
    let stage = Stage::new();
    let refused = stage.says(&["service", "install"]);
    assert!(refused.code == Some(3) && refused.err.contains("ONCUE_HOME"), "{refused:?}");
    assert!(stage.done(&["service", "status"]).contains("ONCUE_HOME is set"));
    assert_eq!(stage.says(&["service", "uninstall"]).code, Some(3));
}

/// Starts a broker as systemd does, with its socket as the descriptor 3.
fn activated(stage: &Stage, listener: &UnixListener) -> Child {
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" daemon --from-service 3<&0 0</dev/null";
    let mut broker = stage.program(Path::new("/bin/sh"), &["-c", script, env!("CARGO_BIN_EXE_oncue")]);
    broker.env_remove("JOURNAL_STREAM");
    broker.stdin(OwnedFd::from(listener.try_clone().unwrap())).spawn().unwrap()
}

#[test]
fn a_broker_serves_the_socket_that_is_passed_on_and_leaves_it_there() {
    let stage = Stage::new();
    fs::create_dir_all(stage.path("run")).unwrap();
    let listener = UnixListener::bind(stage.path("run/broker.sock")).unwrap();
    let mut broker = activated(&stage, &listener);
    // The call waits in the socket until the broker is there.
    let status = stage.report();
    assert_eq!(status["broker"]["pid"], broker.id());
    assert_eq!(status["broker"]["started_by"], "service");
    assert_eq!(stage.json(&["service", "status", "--json"])["executable_state"], "there");
    stage.done(&["daemon", "--stop"]);
    assert!(broker.wait().unwrap().success());
    assert!(UnixStream::connect(stage.path("run/broker.sock")).is_ok(), "the service manager still listens");

    // Nobody takes the socket away from the service manager, which would start a broker now.
    let other = stage.says(&["daemon"]);
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(other.err.contains("is already running"), "{other:?}");
    let mut second = activated(&stage, &listener);
    assert_eq!(stage.report()["broker"]["pid"], second.id());
    stage.done(&["daemon", "--stop"]);
    second.wait().unwrap();
}

#[test]
fn a_socket_that_is_not_the_brokers_is_not_served() {
    let stage = Stage::new();
    let listener = UnixListener::bind(stage.path("other.sock")).unwrap();
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" daemon --from-client 3<&0 0</dev/null";
    let mut broker = stage.program(Path::new("/bin/sh"), &["-c", script, env!("CARGO_BIN_EXE_oncue")]);
    let mut broker = broker.stdin(OwnedFd::from(listener)).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(broker.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let log = fs::read_to_string(stage.path("state/broker.log")).unwrap();
    assert!(log.contains("the socket of the service manager is not used"), "{log}");
    assert_eq!(stage.report()["broker"]["pid"], broker.id());
    stage.done(&["daemon", "--stop"]);
    broker.wait().unwrap();
}
