//! `oncue service`: what starts the broker at log-in, and a broker that a service manager starts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::stage::{Said, Stage, said};

/// A user's home without any session.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn oncue(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oncue"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        command.env("HOME", self.0.path()).env("XDG_CONFIG_DIRS", self.0.path().join("none"));
        command
    }

    fn says(&self, arguments: &[&str]) -> Said {
        said(self.oncue(arguments).output().unwrap())
    }

    fn status(&self) -> serde_json::Value {
        let said = self.says(&["service", "status", "--json"]);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }
}

#[test]
fn what_is_installed_is_shown_and_can_be_removed() {
    let home = Home::new();
    assert!(home.status()["log_in"].is_null());
    let entry = home.0.path().join(".config/autostart/oncue.desktop");
    let installed = home.says(&["service", "install"]);
    assert_eq!(installed.code, Some(0), "{installed:?}");
    assert!(installed.out.contains(entry.to_str().unwrap()), "{installed:?}");
    let status = home.status();
    assert_eq!(status["log_in"].as_str(), entry.to_str());
    assert_eq!(status["program"].as_str(), Some(env!("CARGO_BIN_EXE_oncue")));
    assert_eq!((&status["installed_by"], &status["program_state"]), (&"user".into(), &"there".into()));
    assert!(status["broker"].is_null(), "looking starts nothing");
    let removed = home.says(&["service", "uninstall"]);
    assert!(removed.code == Some(0) && removed.out.contains("removed"), "{removed:?}");
    assert!(!entry.exists() && home.status()["log_in"].is_null());
}

#[test]
fn a_file_of_somebody_else_is_refused_by_name() {
    let home = Home::new();
    let entry = home.0.path().join(".config/autostart/oncue.desktop");
    fs::create_dir_all(entry.parent().unwrap()).unwrap();
    fs::write(&entry, "[Desktop Entry]\nExec=/opt/oncue daemon\n").unwrap();
    let refused = home.says(&["service", "install"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.err.contains(entry.to_str().unwrap()) && refused.err.contains("try: "), "{refused:?}");
    let left = home.says(&["service", "uninstall"]);
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
