//! Starting a broker if none is running: which program is started, and the error if that fails.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use oncue::tools::Broker;
use oncue_wire::names::TOKEN_VARIABLE;
use oncue_wire::{Code, FactInfo, Place};

use super::fake_broker::{FakeBroker, TASK, command, is_app};

/// The expected text of the app's error, set by the test.
const EXPECTED: &str = "ONCUE_TEST_EXPECTED";

fn fails_with(test: &str, home: &Path, environment: &[(&str, &str)], expected: &str) {
    let mut app = command(test, home, environment);
    let ended = app.env(EXPECTED, expected).status().unwrap();
    assert!(ended.success(), "the app failed: {ended}");
}

fn connect_and_compare() {
    let error = Broker::connect().unwrap_err();
    assert!(error.is_unreachable() && error.way_out().is_some());
    let expected = env::var(EXPECTED).unwrap();
    assert!(error.to_string().contains(&expected), "`{error}` lacks `{expected}`");
}

fn script(home: &Path, lines: &str) -> String {
    let path = home.join("oncue");
    fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn without_any_program_the_way_out_is_told() {
    if is_app() {
        return connect_and_compare();
    }
    let home = tempfile::tempdir().unwrap();
    let test = "starting::without_any_program_the_way_out_is_told";
    fails_with(test, home.path(), &[("PATH", "")], "none was found to start");
}

#[test]
fn a_variable_that_names_no_program_is_told() {
    if is_app() {
        return connect_and_compare();
    }
    let home = tempfile::tempdir().unwrap();
    let test = "starting::a_variable_that_names_no_program_is_told";
    fails_with(test, home.path(), &[("ONCUE_BROKER", "/no/oncue")], "ONCUE_BROKER is `/no/oncue`");
}

#[test]
fn a_program_that_ends_early_is_told_with_its_status() {
    if is_app() {
        return connect_and_compare();
    }
    let home = tempfile::tempdir().unwrap();
    let program = script(home.path(), "exit 3");
    let test = "starting::a_program_that_ends_early_is_told_with_its_status";
    let expected = format!(
        "`{program} daemon --from-client` was started as the broker but ended before it was ready: exit status: 3"
    );
    fails_with(test, home.path(), &[("ONCUE_BROKER", &program)], &expected);
}

#[test]
fn a_broker_that_cannot_start_says_why() {
    if is_app() {
        let error = Broker::connect().unwrap_err();
        assert_eq!(error.way_out(), Some("correct that line"));
        return connect_and_compare();
    }
    let home = tempfile::tempdir().unwrap();
    let said =
        "printf 'its own words\\nfailed\\n/a.toml:2:1: unknown key\\n  try: correct that line\\n'\nexit 1";
    let program = script(home.path(), said);
    let test = "starting::a_broker_that_cannot_start_says_why";
    let expected = "the broker cannot start: /a.toml:2:1: unknown key";
    fails_with(test, home.path(), &[("ONCUE_BROKER", &program)], expected);
}

#[test]
fn a_program_in_the_path_is_started_and_asked_once_it_is_ready() {
    if is_app() {
        return connect_and_compare();
    }
    let home = tempfile::tempdir().unwrap();
    let place = Place::below(home.path());
    fs::create_dir_all(&place.runtime).unwrap();
    // The test plays the broker: it listens at a name that only becomes the socket's when the
    // program runs. It does not complete the handshake, so that the app's error shows how far it
    // got.
    let hidden = place.runtime.join("hidden");
    let listener = UnixListener::bind(&hidden).unwrap();
    let lines = format!(
        "[ \"$*\" = 'daemon --from-client' ] || exit 4\n[ -z \"${TOKEN_VARIABLE}\" ] || exit 5\n\
         [ \"$(pwd)\" = / ] || exit 6\n/bin/mv {} {}\necho not yet\necho ready\nexec /bin/sleep 1",
        hidden.display(),
        place.socket().display()
    );
    script(home.path(), &lines);
    let test = "starting::a_program_in_the_path_is_started_and_asked_once_it_is_ready";
    let path = home.path().to_str().unwrap();
    let mut app = command(test, home.path(), &[("PATH", path)]);
    let mut app = app.env(EXPECTED, "did not complete the handshake").spawn().unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"WHO IS THERE\r\n").unwrap();
    let ended = app.wait().unwrap();
    assert!(ended.success(), "the app failed: {ended}");
}

#[test]
fn a_tool_that_may_not_start_a_broker_says_that_none_runs() {
    if is_app() {
        let error = Broker::connect_running().unwrap_err();
        assert!(error.is_unreachable());
        assert!(error.to_string().starts_with("no broker is running at "), "{error}");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let program = script(home.path(), "exit 3");
    let test = "starting::a_tool_that_may_not_start_a_broker_says_that_none_runs";
    let ended = command(test, home.path(), &[("ONCUE_BROKER", &program)]).status().unwrap();
    assert!(ended.success());
}

#[test]
fn a_broker_that_ends_before_it_has_greeted_or_answered_is_followed_by_the_next() {
    if is_app() {
        let broker = Broker::connect().unwrap();
        assert_eq!(broker.version(), "2");
        assert!(broker.facts().unwrap().is_empty());
        let error = broker.cancel(TASK.parse().unwrap()).unwrap_err();
        assert!(error.is_unreachable(), "what may have been done is not asked again: {error}");
        return;
    }
    let test = "starting::a_broker_that_ends_before_it_has_greeted_or_answered_is_followed_by_the_next";
    let broker = FakeBroker::with_app(test, &[]);
    broker.refuses_to_greet();
    let mut first = broker.accept();
    first.expect("Hello");
    first.hang_up();
    let mut second = broker.accept();
    let hello = second.expect("Hello");
    second.answer(&hello, &"2");
    let facts = second.expect("Facts");
    second.refuse(&facts, Code::Stopping, "the broker is about to end", "ask again");
    let again = second.expect("Facts");
    second.answer(&again, &Vec::<FactInfo>::new());
    second.expect("Cancel");
    second.hang_up();
    broker.app_succeeds();
}
