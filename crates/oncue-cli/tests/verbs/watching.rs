//! `oncue watch` on a real terminal, with a real broker.

use rustix::process::Signal;

use crate::stage::Stage;
use crate::terminal::{Gated, Terminal};

const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";
const CTRL_Z: &str = "\u{1a}";

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.start_broker();
    stage
}

#[test]
fn the_screen_follows_a_run_and_keys_steer_it() {
    let stage = stage();
    let backup = Gated::add(&stage, "backup");
    stage.done(&["add", "report", "--at", "03:00", "--", "/bin/true"]);
    let mut terminal = Terminal::oncue(&stage, &["watch"]);
    terminal.sees("> backup");
    terminal.sees("nothing has run yet");
    terminal.types("r");
    terminal.sees("backup started");
    terminal.sees("running ███░░░░░ 40% ");
    terminal.sees(" uploading");
    terminal.sees("1 running");

    terminal.types("l");
    terminal.sees("out copying");
    backup.open("0");
    terminal.sees("out copied");
    terminal.sees("end completed");
    terminal.types("q");
    terminal.sees("completed after");
    terminal.sees_no_more("running");

    terminal.types("r");
    terminal.sees("running ███░░░░░ 40% ");
    terminal.types("c");
    terminal.sees("cancel the run of backup? yes");
    terminal.types("n");
    terminal.sees("nothing was cancelled");
    terminal.types("cy");
    terminal.sees("cancelled (Abort) after");

    terminal.types("p");
    terminal.sees("armed: paused");
    terminal.types("w");
    terminal.sees("backup would not run now: you have paused it.");
    terminal.types(ESCAPE);
    terminal.sees("RECENT");
    terminal.types("p");
    terminal.sees("backup is resumed");
    terminal.sees_no_more("armed: paused");
    terminal.types("P");
    terminal.sees("all tasks are paused until you resume them");
    terminal.sees("2 tasks  all paused");
    terminal.types("P");
    terminal.sees("all tasks are resumed");
    terminal.sees_no_more("all paused");

    terminal.types("/rep\r");
    terminal.sees("> report");
    terminal.sees_no_more("> backup");
    terminal.types("q");
    let (code, shown) = terminal.ends();
    assert_eq!((code, shown.as_str()), (Some(0), ""));
}

#[test]
fn what_others_do_is_shown() {
    let stage = stage();
    let mut terminal = Terminal::oncue(&stage, &["watch"]);
    terminal.sees("no tasks are registered");
    let added = Gated::add(&stage, "added");
    terminal.sees("> added");
    stage.done(&["run", "added"]);
    terminal.sees("running");
    added.open("3");
    terminal.sees("failed after");
    stage.done(&["pause", "added"]);
    terminal.sees("armed: paused");
    stage.done(&["remove", "added"]);
    terminal.sees("no tasks are registered");
    terminal.types("q");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn the_screen_fits_another_size() {
    let stage = stage();
    stage.done(&["add", "写真", "--every", "1h", "--", "/bin/true"]);
    let mut terminal = Terminal::oncue(&stage, &["watch"]);
    terminal.sees("LAST RUN");
    terminal.resize(10, 40);
    terminal.sees_no_more("LAST RUN");
    terminal.sees("> 写真");
    terminal.resize(60, 200);
    terminal.sees("TRIGGER");
    terminal.sees("every hour");
    assert!(terminal.screen().rows(0, 200).all(|row| row.chars().count() <= 200));
    terminal.types("q");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn a_broker_that_ends_is_missed_and_the_next_one_is_found() {
    let mut stage = stage();
    stage.done(&["add", "report", "--", "/bin/true"]);
    let mut terminal = Terminal::oncue(&stage, &["watch"]);
    terminal.sees("> report");
    stage.kill_broker();
    terminal.sees("no broker for");
    terminal.types("r");
    terminal.sees("no broker answers");
    stage.start_broker();
    terminal.sees("1 task");
    terminal.types("r");
    terminal.sees("completed after");
    terminal.types("q");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn every_end_gives_the_terminal_back() {
    let stage = stage();
    let watch = || {
        let mut terminal = Terminal::oncue(&stage, &["watch"]);
        terminal.sees("no tasks are registered");
        assert!(terminal.screen().alternate_screen() && terminal.screen().hide_cursor());
        terminal
    };
    let mut typed = watch();
    typed.types(CTRL_C);
    assert_eq!(typed.ends().0, Some(0));
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let ended = watch();
        ended.kill(signal);
        assert_eq!(ended.ends().0, Some(130), "{signal:?}");
    }
}

#[test]
fn a_shell_can_stop_it_and_continue_it() {
    let stage = stage();
    let shell = &[("PS1", "prompt> "), ("ENV", "")];
    let mut terminal = Terminal::with(&stage, (24, 80), shell, &["/bin/sh", "-i"]);
    terminal.sees("prompt>");
    terminal.types(&format!("{} watch\r", env!("CARGO_BIN_EXE_oncue")));
    terminal.sees("no tasks are registered");
    terminal.types(CTRL_Z);
    terminal.sees("Stopped");
    assert!(!terminal.screen().alternate_screen() && !terminal.screen().hide_cursor());
    stage.done(&["add", "report", "--", "/bin/true"]);
    terminal.types("fg\r");
    terminal.sees("> report");
    assert!(terminal.screen().alternate_screen());
    terminal.types("q");
    // Until the next prompt, the program may still read what is typed.
    terminal.waits_for("a prompt", |screen| screen.contents().trim_end().ends_with("prompt>"));
    terminal.types("exit\r");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn colours_are_not_forced_on_anybody() {
    let stage = stage();
    stage.done(&["add", "report", "--", "/bin/false"]);
    stage.says(&["run", "--wait", "report"]);
    let words = [env!("CARGO_BIN_EXE_oncue"), "watch"];
    let has_colours = |variables: &[(&str, &str)]| {
        let mut terminal = Terminal::with(&stage, (24, 80), variables, &words);
        terminal.sees("failed after");
        let screen = terminal.screen();
        let cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
        cells.into_iter().any(|cell| cell.fgcolor() != vt100::Color::Default)
    };
    assert!(has_colours(&[]));
    assert!(!has_colours(&[("NO_COLOR", "1")]));
}

#[test]
fn without_a_terminal_the_way_out_is_said() {
    let stage = stage();
    let refused = stage.says(&["watch"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("needs a terminal, and standard input is not one"), "{refused:?}");
    assert!(refused.err.contains("try: `oncue list`"), "{refused:?}");
    let words = [env!("CARGO_BIN_EXE_oncue"), "watch"];
    let (code, shown) = Terminal::with(&stage, (24, 80), &[("TERM", "dumb")], &words).ends();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("TERM is `dumb`"), "{shown}");
}
