//! Tasks in files: export, apply, and edit on a terminal.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};

use crate::stage::{Said, Stage, said};

/// Runs `oncue` with a text as standard input.
fn fed(stage: &Stage, arguments: &[&str], text: &str) -> Said {
    let mut command = stage.oncue(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    said(child.wait_with_output().unwrap())
}

fn names(stage: &Stage) -> Vec<String> {
    let tasks = stage.json(&["list", "--json"]);
    let name = |task: &Value| task["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = tasks.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn what_is_exported_is_applied_again_without_its_secrets() {
    let stage = Stage::new();
    let flags = [
        "add",
        "a b",
        "--every",
        "1h",
        "--when",
        "ac",
        "--env",
        "TOKEN=secret",
        "--env",
        "PATH=/usr/bin:/bin",
    ];
    stage.done(&[&flags[..], &["--", "true", "it's"]].concat());
    stage.done(&["add", "script", "--at", "9:00", "--shell", "--", "true | cat\ntrue"]);
    let whole = stage.done(&["export", "--with-values"]);
    assert!(whole.contains("env.TOKEN = \"secret\""), "{whole}");
    stage.done(&["export", "-o", "tasks.toml"]);
    let text = fs::read_to_string(stage.path("tasks.toml")).unwrap();
    assert!(text.contains("[task.\"a b\"]") && text.contains("env.TOKEN = { hidden = true }"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(stage.done(&["apply", "tasks.toml"]), "0 added, 0 changed, 0 removed, 2 unchanged\n");

    stage.done(&["remove", "a b"]);
    let refused = stage.says(&["apply", "tasks.toml"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.err.contains("the value of variable `TOKEN` is hidden"), "{refused:?}");
    assert_eq!(names(&stage), ["script"]);
    let said = fed(&stage, &["apply", "-"], &whole);
    assert!(said.code == Some(0) && said.out.contains("+ a b\n") && !said.out.contains("secret"), "{said:?}");
    assert_eq!(stage.done(&["export", "--with-values"]), whole);
    assert_eq!(stage.says(&["export", "nobody"]).code, Some(4));
}

#[test]
fn a_dry_run_is_refused_like_the_real_thing_and_changes_nothing() {
    let stage = Stage::new();
    stage.done(&["add", "a", "--", "true"]);
    stage.done(&["add", "b", "--after", "a", "--", "true"]);
    let long = "x".repeat(300);
    for (arguments, said) in [
        (&["a"][..], "task a is already registered"),
        (&[&long], "the task's name is too long: 300 characters"),
        (&["c", "--after", "none"], "there is no command none to run after"),
        (&["a", "--replace", "--after", "b"], "the chain would be a circle: a after b after a"),
    ] {
        let words = |dry: &[&'static str]| [&["add"], arguments, dry, &["--", "true"]].concat();
        let (real, dry) = (stage.says(&words(&[])), stage.says(&words(&["--dry-run"])));
        assert!(dry.err.contains(said), "{dry:?}");
        assert_eq!((dry.code, dry.err), (real.code, real.err));
    }
    assert_eq!(stage.says(&["add", "c", "--after", "b", "--dry-run", "--", "true"]).code, Some(0));

    stage.write(
        "good.toml",
        "[task.d]\ncommand = ['true']\nafter = 'c'\n[task.c]\ncommand = ['true']\nafter = 'b'\n",
    );
    assert_eq!(stage.says(&["apply", "--dry-run", "good.toml"]).code, Some(0));
    stage.write("bad.toml", "[task.c]\ncommand = ['true']\nafter = 'd'\n[task.d]\ncommand = ['true']\nafter = 'b'\n[task.b]\ncommand = ['true']\nafter = 'c'\n");
    let refused = stage.says(&["apply", "--dry-run", "bad.toml"]);
    assert!(
        refused.code == Some(3) && refused.err.contains("task `b`: the chain would be a circle"),
        "{refused:?}"
    );
    assert_eq!(names(&stage), ["a", "b"]);
}

#[test]
fn tasks_are_exported_for_another_scheduler() {
    let stage = Stage::new();
    stage.done(&["add", "backup", "--at", "daily", "--when", "ac", "--env", "TOKEN=hush", "--", "true"]);
    stage.done(&["add", "odd", "--every", "7m", "--", "true"]);
    let exported = stage.says(&["export", "--as", "kubernetes"]);
    assert_eq!(exported.code, Some(1), "{exported:?}");
    assert!(exported.out.contains("kind: CronJob\nmetadata:\n  name: backup\n"), "{exported:?}");
    assert!(exported.err.contains("backup: when `ac`: no counterpart"), "{exported:?}");
    assert!(exported.err.contains("odd: not translated: every 7m: cron cannot express"), "{exported:?}");
    assert!(!exported.out.contains("hush") && !exported.out.contains("odd"), "{exported:?}");

    stage.done(&["export", "--as", "systemd", "-o", "units"]);
    let mut units: Vec<_> =
        fs::read_dir(stage.path("units")).unwrap().flatten().map(|unit| unit.file_name()).collect();
    units.sort();
    assert_eq!(units, ["backup.service", "backup.timer", "odd.service", "odd.timer"]);
    fs::write(stage.path("units/odd.timer"), "mine").unwrap();
    let refused = stage.says(&["export", "--as", "systemd", "-o", "units"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert_eq!(stage.says(&["export", "--image", "x"]).code, Some(2));
}

#[test]
fn applying_shows_what_differs_and_changes_only_that() {
    let stage = Stage::new();
    stage.write(
        "tasks/a.toml",
        "[task.a]\ncommand = ['true']\nevery = '1h'\nslack = '10s'\nenv.TOKEN = 'x'\n",
    );
    stage.write("tasks/b.toml", "[task.b]\nshell = 'true'\n[task.c]\nshell = 'true'\n");
    stage.write("tasks/notes.txt", "these are not tasks");
    let dry = stage.done(&["apply", "--dry-run", "tasks"]);
    assert!(dry.contains("+ a\n") && dry.contains("nothing was changed: this is a dry run"), "{dry}");
    assert_eq!(names(&stage), [""; 0]);
    stage.done(&["apply", "tasks"]);
    let id = stage.json(&["show", "a", "--json"])["task_id"].clone();
    stage.write("tasks/a.toml", "[task.a]\ncommand = ['true']\nevery = '2h'\nwhen = 'ac'\nenv.TOKEN = 'y'\n");
    let changed = stage.json(&["apply", "tasks", "--json"]);
    let change =
        |key: &str, old: Value, new: Value| json!({"key": key, "old": old, "new": new, "hidden": false});
    let expected = json!([
        change("every", json!("\"1h\""), json!("\"2h\"")),
        change("slack", json!("\"10s\""), json!(null)),
        {"key": "env.TOKEN", "old": null, "new": null, "hidden": true},
        change("when", json!(null), json!("\"ac\"")),
    ]);
    assert_eq!(changed["tasks"][0], json!({"name": "a", "what": "changed", "changes": expected}));
    let task = stage.json(&["show", "a", "--json"]);
    assert_eq!((&task["task_id"], &task["trigger"]), (&id, &json!("every 2h")));

    fs::remove_file(stage.path("tasks/b.toml")).unwrap();
    assert_eq!(stage.done(&["apply", "tasks"]), "0 added, 0 changed, 0 removed, 1 unchanged\n");
    let pruned = stage.done(&["apply", "--prune", "tasks"]);
    assert_eq!(pruned, "- b\n- c\n0 added, 0 changed, 2 removed, 1 unchanged\n");
    assert_eq!(names(&stage), ["a"]);
}

#[test]
fn one_mistake_changes_nothing() {
    let stage = Stage::new();
    let good = "[task.good]\nshell = 'true'\n";
    stage.write("good.toml", good);
    for (text, code, said) in [
        (
            "[task.bad]\nshell = 'true'\nevry = '1h'\n",
            3,
            "bad.toml:3:1: unknown key `evry`; the keys of a task are command,",
        ),
        (
            "[task.bad]\ncommand = ['no-such-program']\n",
            3,
            "bad.toml:1:7: task `bad`: there is no program `no-such-program`",
        ),
        ("[task.good]\nshell = 'false'\n", 3, "bad.toml:1:7: task `good` is also described at good.toml:1:7"),
        // Only the broker knows these limits.
        (
            "[task.'a/b']\nshell = 'true'\n",
            3,
            "task `a/b`; nothing was changed: the task's name `a/b` contains a slash",
        ),
        ("[task.bad]\nshell = 'true'\nevery = '99d'\n", 3, "task `bad`; nothing was changed"),
    ] {
        stage.write("bad.toml", text);
        let refused = stage.says(&["apply", "good.toml", "bad.toml"]);
        assert_eq!(refused.code, Some(code), "{text}: {refused:?}");
        let flat = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(said), "{text}: {refused:?}");
        assert_eq!(names(&stage), [""; 0]);
    }
    stage.write("bad.toml", "[task.bad]\ncommand = ['no-such-program']\n");
    stage.done(&["apply", "--force", "good.toml", "bad.toml"]);
    assert_eq!(stage.says(&["apply", "nowhere.toml"]).code, Some(1));
    fs::create_dir(stage.path("empty")).unwrap();
    assert!(stage.says(&["apply", "empty"]).err.contains("contains no file *.toml"));

    // A change that was made before a refusal is undone.
    stage.write("good.toml", "[task.good]\nshell = 'true'\nevery = '1h'\n");
    stage.write("bad.toml", "[task.'a/b']\nshell = 'true'\n");
    assert_eq!(stage.says(&["apply", "good.toml", "bad.toml"]).code, Some(3));
    assert_eq!(stage.json(&["show", "good", "--json"])["trigger"], json!("application"));
}

#[test]
fn a_command_is_added_before_those_that_follow_it() {
    let stage = Stage::new();
    let chain = "[task.a]\nshell = 'true'\nafter = 'b'\n[task.b]\nshell = 'true'\nafter = 'c'\n[task.c]\nshell = 'true'\n";
    stage.write("chain.toml", chain);
    stage.done(&["apply", "chain.toml"]);
    assert_eq!(names(&stage), ["a", "b", "c"]);
    assert_eq!(stage.done(&["apply", "chain.toml"]), "0 added, 0 changed, 0 removed, 3 unchanged\n");
    stage.write(
        "circle.toml",
        "[task.d]\nshell = 'true'\nafter = 'e'\n[task.e]\nshell = 'true'\nafter = 'd'\n",
    );
    let circle = stage.says(&["apply", "circle.toml"]);
    assert!(circle.code == Some(4) && circle.err.contains("there is no command"), "{circle:?}");
    assert_eq!(names(&stage), ["a", "b", "c"]);
}

/// Stands for Ctrl-C.
const INTERRUPT: &str = "\u{3}";

/// Edits a task on a terminal with this editor, and answers what is asked.
fn edited(stage: &Stage, task: &str, editor: &str, answers: &str) -> (Option<i32>, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let side = File::from(rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
    let mut command = stage.oncue(&["edit", task]);
    command.env("EDITOR", editor).env("TMPDIR", stage.path(""));
    command.stdin(side.try_clone().unwrap()).stdout(side.try_clone().unwrap()).stderr(side);
    let mut child = command.spawn().unwrap();
    // It must not keep the other side open, because reading ends with the process.
    drop(command);
    let mut typing = File::from(terminal);
    if answers != INTERRUPT {
        typing.write_all(answers.as_bytes()).unwrap();
    }
    let (mut shown, mut bytes) = (Vec::new(), [0; 4_096]);
    // The end of a terminal's other side is an error.
    while let Ok(count @ 1..) = typing.read(&mut bytes) {
        shown.extend_from_slice(&bytes[..count]);
        if answers == INTERRUPT && shown.ends_with(b"[Y/n] ") {
            rustix::process::kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        }
    }
    (child.wait().unwrap().code(), String::from_utf8(shown).unwrap().replace('\r', ""))
}

#[test]
fn a_task_is_changed_in_an_editor_and_a_mistake_loses_nothing() {
    let stage = Stage::new();
    stage.done(&["add", "a", "--every", "1h", "--env", "TOKEN=secret", "--", "true"]);
    let (code, shown) = edited(&stage, "a", "true", "");
    assert!(code == Some(0) && shown.contains("nothing is changed"), "{code:?}: {shown}");
    let (code, shown) = edited(&stage, "a", "sed -i s/1h/2h/", "");
    assert!(code == Some(0) && shown.contains("a is changed (trigger)"), "{code:?}: {shown}");
    assert!(stage.done(&["export", "--with-values"]).contains("env.TOKEN = \"secret\""));
    let (code, shown) = edited(&stage, "a", "sed -i 's/task.a/task.b/'", "");
    assert!(code == Some(0) && shown.contains("b is changed (name)"), "{code:?}: {shown}");

    let (code, shown) = edited(&stage, "b", "sed -i s/every/evry/", "y\nn\n");
    assert_eq!(code, Some(3), "{shown}");
    assert_eq!(shown.matches("unknown key `evry`").count(), 2, "{shown}");
    let draft = shown.split("your text is in ").nth(1).unwrap().lines().next().unwrap();
    assert!(fs::read_to_string(draft).unwrap().contains("evry = \"2h\""), "{shown}");
    let (code, shown) = edited(&stage, "b", "sed -i s/every/evry/", INTERRUPT);
    assert!(code == Some(3) && shown.contains("your text is in "), "{code:?}: {shown}");
    // What the broker refuses can be corrected as well.
    let (code, shown) = edited(&stage, "b", "sed -i 's/task.b/task.\"x\\/y\"/'", "n\n");
    assert!(code == Some(3) && shown.contains("contains a slash"), "{code:?}: {shown}");
    let (code, shown) = edited(&stage, "b", "false", "");
    assert!(code == Some(1) && shown.contains("the editor `false` ended with"), "{code:?}: {shown}");
    assert_eq!(names(&stage), ["b"]);
}

#[test]
fn a_crontab_and_timers_become_tasks() {
    let stage = Stage::new();
    stage.write("tab", "MAILTO=me\n*/5 * * * * true | cat\n@reboot true\n");
    let said = stage.says(&["import", "crontab", "tab"]);
    assert!(said.code == Some(0) && said.err.contains("tab:1: MAILTO"), "{said:?}");
    assert!(said.out.contains("[task.true]\nshell = \"true | cat\"\ncron = \"*/5 * * * *\"\n"), "{said:?}");
    assert_eq!(names(&stage), [""; 0]);
    stage.done(&["import", "crontab", "tab", "--apply"]);
    assert_eq!(names(&stage), ["true", "true-2"]);
    let left_out = fed(&stage, &["import", "crontab", "-"], "61 * * * * true\n@daily true\n");
    assert!(left_out.code == Some(1) && left_out.out.contains("@daily"), "{left_out:?}");

    stage.write("units/nightly.timer", "[Timer]\nOnCalendar=03:00\nPersistent=yes\n");
    stage.write("units/nightly.service", "[Service]\nType=oneshot\nExecStart=true\nPrivateTmp=yes\n");
    let said = stage.says(&["import", "systemd", "units/nightly.timer", "--apply"]);
    assert!(
        said.code == Some(0) && said.err.contains("nightly.service:4: PrivateTmp=yes: ignored"),
        "{said:?}"
    );
    assert_eq!(stage.json(&["show", "nightly", "--json"])["trigger"], json!("calendar 03:00"));
    assert_eq!(stage.says(&["import", "systemd", "nobody.timer"]).code, Some(4));
    assert_eq!(stage.says(&["import", "systemd", "nightly.service"]).code, Some(2));
}
