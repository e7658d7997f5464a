//! Every option of `oncue add` can be changed, and taken back.

use std::collections::BTreeSet;

use clap::{Args as _, Parser};

use super::*;

#[derive(Debug, Parser)]
struct Add {
    #[command(flatten)]
    task: TaskFlags,
    #[arg(last = true)]
    words: Vec<OsString>,
}

#[derive(Debug, Parser)]
struct Edit {
    #[command(flatten)]
    arguments: Arguments,
}

const WORDS: [&str; 2] = ["--", "true"];

/// The task without any option.
fn plain(flags: &[&str]) -> CommandSpec {
    let fixed = ["add", "--cwd", "/", "--env", "PATH=/usr/bin:/bin"];
    let line = Add::parse_from([&fixed[..], flags, &WORDS].concat());
    line.task.spec("t", &line.words).unwrap()
}

fn edited(spec: CommandSpec, flags: &[&str]) -> CommandSpec {
    Edit::parse_from([&["edit", "t"], flags].concat()).arguments.changed(spec).unwrap()
}

/// An option, how it is used, and how that is taken back.
const OPTIONS: [(&str, &[&str], &[&str]); 28] = [
    ("every", &["--every", "1h"], &["--no-trigger"]),
    ("in", &["--in", "1h"], &["--no-trigger"]),
    ("at", &["--at", "9:00"], &["--no-trigger"]),
    ("cron", &["--cron", "@daily"], &["--no-trigger"]),
    ("on", &["--on", "user-away"], &["--no-trigger"]),
    ("on-change", &["--on-change", "/srv"], &["--no-trigger"]),
    ("recursive", &["--on-change", "/srv", "--recursive"], &["--no-trigger"]),
    ("on-device", &["--on-device", "usb"], &["--no-trigger"]),
    ("on-signal", &["--on-signal", "x"], &["--no-trigger"]),
    ("on-bus", &["--on-bus", "member='Next'"], &["--no-trigger"]),
    ("after", &["--after", "x"], &["--no-trigger"]),
    ("at-login", &["--at-login"], &["--no-trigger"]),
    ("maintenance", &["--maintenance", "6h"], &["--no-trigger"]),
    ("when", &["--when", "ac"], &["--no-when"]),
    ("missed", &["--missed", "skip"], &["--missed", "once"]),
    ("retry", &["--retry", "5"], &["--no-retry"]),
    ("slack", &["--slack", "30s"], &["--no-slack"]),
    ("time-limit", &["--time-limit", "1h"], &["--no-time-limit"]),
    ("grace", &["--grace", "1m"], &["--no-grace"]),
    ("hold-limit", &["--hold-limit", "2h:run"], &["--no-hold-limit"]),
    ("priority", &["--priority", "normal"], &["--priority", "background"]),
    ("notify", &["--notify", "failure"], &["--no-notify"]),
    ("queue", &["--queue", "disk"], &["--no-queue"]),
    ("cancel-on-loss", &["--cancel-on-loss"], &["--no-cancel-on-loss"]),
    ("cwd", &["--cwd", "/usr"], &["--cwd", "/"]),
    ("env", &["--env", "A=b"], &["--unset-env", "A"]),
    ("stdin", &["--stdin", "/etc/hosts"], &["--no-stdin"]),
    ("success", &["--success", "0,2"], &["--success", "0"]),
];

/// They say how the words are read, and what is checked; they are not part of a task.
const OF_NO_TASK: [&str; 2] = ["shell", "force"];

#[test]
fn what_an_option_sets_can_be_taken_back() {
    for (option, set, back) in OPTIONS {
        let spec = if option == "cwd" { edited(plain(&[]), set) } else { plain(set) };
        assert_ne!(spec, plain(&[]), "{option}");
        assert_eq!(edited(plain(&[]), set), spec, "{option}");
        assert_eq!(edited(spec, back), plain(&[]), "{option}");
    }
    let folder = plain(&["--on-change", "/srv", "--recursive"]);
    assert_eq!(edited(folder, &["--on-change", "/srv"]), plain(&["--on-change", "/srv"]));
}

#[test]
fn no_option_is_forgotten() {
    let flags = TaskFlags::augment_args(clap::Command::new("add"));
    let options: BTreeSet<&str> = flags.get_arguments().filter_map(clap::Arg::get_long).collect();
    let known = OPTIONS.iter().map(|(option, ..)| *option).chain(OF_NO_TASK).collect();
    assert_eq!(options, known);
}

#[test]
fn no_policy_takes_back_all_of_it_but_whether_the_task_is_enabled() {
    let mut spec = plain(&["--retry", "5", "--queue", "disk", "--missed", "skip"]);
    change_policy(&mut spec, |policy| policy.disabled = true);
    let spec = edited(spec, &["--no-policy", "--grace", "1m"]);
    assert_eq!(spec.policy.unwrap().to_string(), "disabled grace=1m");
}

#[test]
fn contradictions_and_unknown_variables_are_refused() {
    for flags in [["--no-retry", "--retry=5"], ["--no-trigger", "--every=1h"], ["--no-stdin", "--stdin=/x"]] {
        assert!(Edit::try_parse_from([&["edit", "t"][..], &flags].concat()).is_err(), "{flags:?}");
    }
    let line = Edit::parse_from(["edit", "t", "--unset-env", "NONE"]);
    assert_eq!(line.arguments.changed(plain(&[])).unwrap_err().exit(), Exit::Refused);
}
