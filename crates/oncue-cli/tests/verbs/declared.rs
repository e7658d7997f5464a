//! Tasks in files: export, apply, and edit on a terminal.

use std::io::Write as _;
use std::process::Stdio;

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
    let text = std::fs::read_to_string(stage.path("tasks.toml")).unwrap();
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

    std::fs::remove_file(stage.path("tasks/b.toml")).unwrap();
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
    std::fs::create_dir(stage.path("empty")).unwrap();
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
