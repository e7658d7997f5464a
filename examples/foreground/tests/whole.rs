//! The whole example: the app gets the runs while it is open, and another process after that.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../stage.rs"]
mod stage;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use stage::Stage;

#[test]
fn the_open_app_gets_the_runs_and_a_process_of_its_own_after_that() {
    let stage = Stage::new(env!("CARGO_BIN_EXE_foreground"), include_str!("../AppxManifest.xml"));
    let mut app = stage.command(&[]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(app.stdout.take().unwrap()).lines();
    let mut says = |expected: &str| assert_eq!(said.next().unwrap().unwrap(), expected);
    let mut typed = app.stdin.take().unwrap();
    says("open");
    for note in ["milk", "bread"] {
        writeln!(typed, "{note}").unwrap();
        says(&format!("noted: {note}"));
    }
    stage.says(&["--now"]);
    says("saved by the open app");
    assert_eq!(stage.local("Notes", "notes.txt"), "milk\nbread\n");

    drop(typed);
    says("closed");
    assert!(app.wait().unwrap().success());
    stage.says(&["--now"]);
    assert_eq!(stage.local("Notes", "notes.txt"), "bread\nmilk\n", "put in order, not saved again");
}
