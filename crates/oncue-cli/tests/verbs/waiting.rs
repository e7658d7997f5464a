//! `oncue run --wait` on a terminal: a progress bar, and a question at Ctrl-C.

use crate::stage::Stage;
use crate::terminal::{Gated, Terminal};

const CTRL_C: &str = "\u{3}";
const QUESTION: &str = "c cancel the run, d stop waiting, Enter go on:";

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.start_broker();
    stage
}

/// A person who waits for a run, which has made progress.
fn waits(stage: &Stage) -> Terminal {
    let mut terminal = Terminal::oncue(stage, &["run", "--wait", "backup"]);
    terminal.sees("running ████████████░░░░░░░░░░░░░░░░░░ 40%");
    terminal
}

#[test]
fn ctrl_c_asks_and_waiting_goes_on() {
    let stage = stage();
    let backup = Gated::add(&stage, "backup");
    let mut terminal = waits(&stage);
    terminal.types(CTRL_C);
    terminal.sees(QUESTION);
    terminal.types("\r");
    // The first bar stays above the question.
    terminal.waits_for("another bar", |screen| screen.contents().matches("40%").count() == 2);
    backup.open("0");
    let (code, shown) = terminal.ends();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("completed after "), "{shown}");
    assert_eq!(shown.matches("40%").count(), 1, "the last bar is gone: {shown}");
}

#[test]
fn ctrl_c_asks_and_the_run_is_cancelled() {
    let stage = stage();
    let _backup = Gated::add(&stage, "backup");
    let mut terminal = waits(&stage);
    terminal.types(CTRL_C);
    terminal.sees(QUESTION);
    terminal.types("c\r");
    let (code, shown) = terminal.ends();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("cancelled (Abort) after "), "{shown}");
}

#[test]
fn ctrl_c_twice_or_an_answer_stops_waiting_and_not_the_run() {
    let stage = stage();
    let _backup = Gated::add(&stage, "backup");
    for answer in ["d\r", CTRL_C] {
        let mut terminal = waits(&stage);
        terminal.types(CTRL_C);
        terminal.sees(QUESTION);
        terminal.types(answer);
        let (code, shown) = terminal.ends();
        assert_eq!(code, Some(130), "{shown}");
        assert!(shown.contains("no longer waiting; backup continues"), "{shown}");
        assert_eq!(stage.json(&["show", "backup", "--json"])["state"], "running");
        stage.done(&["cancel", "backup"]);
    }
}

#[test]
fn a_run_that_ends_during_the_question_is_not_missed() {
    let stage = stage();
    let backup = Gated::add(&stage, "backup");
    let mut terminal = waits(&stage);
    terminal.types(CTRL_C);
    terminal.sees(QUESTION);
    backup.open("3");
    let (code, shown) = terminal.ends();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("\nfailed after "), "{shown}");
}
