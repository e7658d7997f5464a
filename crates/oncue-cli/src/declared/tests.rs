//! Written files are read back, and mistakes are found.

use clap::Parser;
use oncue::tools::CommandInfo;

use super::*;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    task: TaskFlags,
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// Returns the task that `oncue add` would make.
fn added(flags: &[&str], words: &[&str]) -> CommandSpec {
    let line = Line::parse_from([&["add", "--force"], flags, &["--"], words].concat());
    line.task.spec("a task", &line.words).unwrap()
}

fn read_one(text: &str) -> Declared {
    let mut tasks = read("tasks.toml", std::path::Path::new("/srv"), text)
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(tasks.len(), 1, "{text}");
    tasks.remove(0)
}

fn mistakes(text: &str) -> String {
    read("t.toml", std::path::Path::new("/srv"), text)
        .map(|tasks| format!("{tasks:?}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn what_flags_can_say_is_written_and_read_again() {
    let triggers: [&[&str]; 19] = [
        &[],
        &["--every", "90m"],
        &["--in", "20min"],
        &["--at", "Mon..Fri 9:00 Europe/Berlin"],
        &["--cron", "*/5 * * * *"],
        &["--cron", "@daily"],
        &["--on", "internet-available"],
        &["--on", "internet-available once"],
        &["--on-change", "/srv/a \"b\""],
        &["--on-change", "/srv", "--recursive"],
        &["--on-device", "usb"],
        &["--on-device", "usb:added"],
        &["--on-signal", "backup.done once"],
        &["--on-bus", "member='Next'"],
        &["--on-bus", "system member='Next'"],
        &["--after", "a b"],
        &["--after", "backup:failed"],
        &["--at-login"],
        &["--maintenance", "6h"],
    ];
    let others: [&[&str]; 15] = [
        &["--when", "internet and (ac or not user-present)"],
        &["--missed", "skip"],
        &["--retry", "5"],
        &["--slack", "30s"],
        &["--time-limit", "1h"],
        &["--grace", "1m500ms"],
        &["--priority", "normal"],
        &["--notify", "failure"],
        &["--hold-limit", "2h:run"],
        &["--cancel-on-loss"],
        &["--queue", "disk"],
        &["--cwd", "/srv"],
        &["--env", "A B=x=\"y\"\n", "--env", "PATH=/bin"],
        &["--stdin", "/dev/null"],
        &["--success", "0,2"],
    ];
    let words: [&[&str]; 3] = [&["restic", "it's", ""], &["/bin/sh", "-c", "a | b\nc\n"], &["/bin/sh", "-c"]];
    for trigger in triggers {
        for subset in 0_usize..1 << others.len() {
            // At most two of the others, or all of them.
            let count = subset.count_ones() as usize;
            if count > 2 && count < others.len() {
                continue;
            }
            let chosen = others.iter().enumerate().filter(|(at, _)| subset & 1 << at != 0);
            let chosen = chosen.flat_map(|(_, flags)| *flags);
            let flags: Vec<&str> = trigger.iter().chain(chosen).copied().collect();
            let spec = added(&flags, words[subset % words.len()]);
            let parts = parts(&spec).unwrap();
            let whole = read_one(&table(&spec.name, &parts, Values::Written));
            assert_eq!(whole.spec(None).unwrap(), spec, "{flags:?}");
            let hidden = read_one(&table(&spec.name, &parts, Values::Hidden));
            assert_eq!(hidden.spec(Some(&spec)).unwrap(), spec, "{flags:?}");
        }
    }
}

#[test]
fn a_file_is_written_like_the_command_line() {
    let flags = [
        "--every",
        "1h",
        "--when",
        "ac",
        "--retry",
        "5",
        "--cwd",
        "/srv",
        "--env",
        "TOKEN=x",
        "--env",
        "PATH=/bin",
    ];
    let spec = added(&flags, &["restic", "backup", "/home/me"]);
    let text = table(&spec.name, &parts(&spec).unwrap(), Values::Hidden);
    let expected = r#"[task."a task"]
command = ["restic", "backup", "/home/me"]
every = "1h"
when = "ac"
retry = "exponential:30s:5"
cwd = "/srv"
env.PATH = "/bin"
env.TOKEN = { hidden = true }
"#;
    assert_eq!(text, expected);
}

#[test]
fn a_file_needs_little() {
    let task = read_one(
        "[task.a]\nshell = 'a | b'\nretry = 3\nstdin = \"in\"\nenabled = false\ncancel-on-loss = false\n",
    );
    let spec = task.spec(None).unwrap();
    assert_eq!(spec.command.arguments, ["-c", "a | b"]);
    assert_eq!(spec.command.input.as_deref(), Some("/srv/in"));
    assert_eq!(spec.command.folder, std::env::home_dir().unwrap().to_str().unwrap());
    assert_eq!(spec.policy.unwrap().to_string(), "disabled retry=exponential:30s:3");
    let path = std::env::var(PATH).map(|path| format!("PATH={path}"));
    assert_eq!(spec.command.environment.first().cloned(), path.ok());
    let home = read_one("[task.a]\ncommand = ['x']\ncwd = '~/b'\n").spec(None).unwrap().command.folder;
    assert_eq!(home, format!("{}/b", spec.command.folder));
}

#[test]
fn a_task_keeps_its_path_unless_the_file_names_one() {
    let mut former = added(&[], &["true"]);
    former.command = CommandInfo { environment: vec!["PATH=/opt".into()], ..former.command };
    for (line, path) in [("", "PATH=/opt"), ("env.PATH = '/bin'", "PATH=/bin")] {
        let task = read_one(&format!("[task.a]\ncommand = ['true']\n{line}\n"));
        assert_eq!(task.spec(Some(&former)).unwrap().command.environment, [path]);
    }
}

#[test]
fn a_hidden_value_that_does_not_exist_is_refused() {
    let task = read_one("[task.a]\ncommand = ['true']\nenv.TOKEN = { hidden = true }\n");
    let why = task.spec(None).unwrap_err().to_string();
    let said = "tasks.toml:3:13: the value of variable `TOKEN` is hidden, and task `a` has none to keep";
    assert!(why.starts_with(said), "{why}");
}

#[test]
fn a_mistake_has_a_place_and_says_what_would_be_right() {
    for (text, said) in [
        (
            "[task.a]\ncommand = ['x']\nevry = '1h'\n",
            "t.toml:3:1: unknown key `evry`; the keys of a task are command, shell, env, enabled, every, in, at,",
        ),
        ("[tasks.a]\n", "t.toml:1:2: unknown table `tasks`; a task begins with a line [task.NAME]"),
        ("task = 1\n", "t.toml:1:1: `task` is a table"),
        ("[task]\na = 1\n", "t.toml:2:1: `a` is a table"),
        ("[task.a]\nevery = '1h'\n", "t.toml:1:7: task `a` has neither `command` nor `shell`"),
        ("[task.a]\ncommand = 'x'\n", "t.toml:2:11: `command` is a list of texts"),
        ("[task.a]\ncommand = ['x']\nshell = 'x'\n", "t.toml:3:1: a task has either `command` or `shell`"),
        (
            "[task.a]\ncommand = ['x']\nevery = '30s'\n",
            "t.toml:3:9: `every`: it must be a whole number of minutes",
        ),
        ("[task.a]\ncommand = ['x']\nevery = true\n", "t.toml:3:9: `every`: it must be a text in quotes"),
        (
            "[task.a]\ncommand = ['x']\nmissed = 'never'\n",
            "t.toml:3:10: `missed`: it must be one of once, skip",
        ),
        (
            "[task.a]\ncommand = ['x']\nat-login = 'yes'\n",
            "t.toml:3:12: `at-login`: it must be true or false",
        ),
        ("[task.a]\ncommand = ['x']\nat = '25:00'\n", "t.toml:3:6: `at`: "),
        ("[task.a]\ncommand = ['x']\nwhen = 'ac adn internet'\n", "  ac adn internet\n     ^"),
        ("[task.a]\ncommand = ['x']\nevery = '1h'\nat = '9:00'\n", "cannot be used with"),
        ("[task.a]\ncommand = ['x']\nrecursive = true\n", "`on-change` is missing"),
        (
            "[task.a]\ncommand = ['x']\nenv.A = 1\n",
            "t.toml:3:9: the value of variable `A` is a text in quotes",
        ),
        (
            "[task.a]\ncommand = ['x']\nenv.NO_SUCH_VARIABLE = { inherit = true }\n",
            "your environment has no variable NO_SUCH_VARIABLE",
        ),
        ("[task.a]\ncommand = ['x']\nforce = true\n", "unknown key `force`"),
        ("[task.a]\n[task.a]\n", "t.toml:2:"),
        ("[task.a\n", "t.toml:1:8: "),
    ] {
        let why = mistakes(text);
        assert!(why.contains(said), "{text}: {why}");
    }
    let both = mistakes("[task.b]\nevry = 1\n[task.a]\ncommand = 1\n");
    assert_eq!(both.lines().count(), 2, "{both}");
}

#[test]
fn what_could_never_run_is_a_mistake() {
    for (line, said) in [
        ("time-limit = '99d'", "t.toml:1:7: task `a`: "),
        ("env.ONCUE_TASK = 'x'", "variable `ONCUE_TASK` is set by oncue itself"),
    ] {
        let text = format!("[task.a]\ncommand = ['x']\n{line}\n");
        let task = read("t.toml", std::path::Path::new("/"), &text).unwrap().remove(0);
        let why = task.spec(None).unwrap_err().to_string();
        assert!(why.contains(said), "{why}");
    }
}
