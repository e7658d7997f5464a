//! Commands as tasks, with real processes.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use futures_util::StreamExt as _;
use rustix::process::{Pid, test_kill_process};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use zbus::connection::Builder;
use zbus::message::Type;
use zbus::{Connection, Message};

use crate::small_bus::SmallBus;
use crate::stage::Stage;

/// Adds a command that is a script, with flags.
fn add(stage: &Stage, name: &str, flags: &[&str], script: &str) -> Value {
    let words = ["--", "/bin/sh", "-c", script];
    stage.json(&[&["add", name, "--json"], flags, &words].concat())
}

/// Runs a task, and returns the entry of its run.
fn ran(stage: &Stage, name: &str) -> Value {
    let said = stage.says(&["run", name, "--wait", "--json"]);
    let fired: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
    fired["run"].clone()
}

/// Waits until a file has a whole line, and returns it.
fn line_in(stage: &Stage, file: &str) -> String {
    loop {
        let text = fs::read_to_string(stage.path(file)).unwrap_or_default();
        if let Some(line) = text.strip_suffix('\n') {
            return line.to_owned();
        }
        std::thread::yield_now();
    }
}

fn process_in(stage: &Stage, file: &str) -> Pid {
    Pid::from_raw(line_in(stage, file).parse().unwrap()).unwrap()
}

/// Waits until a process no longer exists.
fn wait_for_end_of(process: Pid) {
    while test_kill_process(process).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn the_exit_status_of_a_command_is_the_outcome_of_its_run() {
    let stage = Stage::new();
    let added = add(&stage, "good", &[], "echo done");
    assert_eq!((&added["how"], &added["task"]["package"]), (&json!("new"), &json!("commands")));
    assert_eq!(
        (&added["task"]["class_id"], &added["task"]["command"]["program"]),
        (&Value::Null, &json!("/bin/sh"))
    );
    let run = ran(&stage, "good");
    assert_eq!((&run["outcome"], &run["exit_status"]), (&json!("completed"), &json!("exit 0")), "{run}");
    add(&stage, "bad", &[], "echo the disk is full >&2; exit 3");
    let run = ran(&stage, "bad");
    assert_eq!((&run["outcome"], &run["exit_status"]), (&json!("failed"), &json!("exit 3")), "{run}");
    assert_eq!(run["message"], json!("the disk is full"));
    add(&stage, "odd", &["--success", "0,3"], "exit 3");
    assert_eq!(ran(&stage, "odd")["outcome"], json!("completed"));
    add(&stage, "gone", &[], "kill -SEGV $$");
    let run = ran(&stage, "gone");
    assert_eq!((&run["outcome"], &run["exit_status"]), (&json!("crashed"), &json!("SIGSEGV")), "{run}");
    assert_eq!(stage.json(&["show", "gone", "--json"])["strikes"], json!(0));
}

#[test]
fn a_command_runs_where_it_was_added_and_is_told_about_its_run() {
    let stage = Stage::new();
    stage.write("work/input", "from a file\n");
    let tells = "read line; echo \"$line, $PWD, $COLOUR, $ONCUE_TASK, $ONCUE_FIRINGS, $ONCUE_TRIGGER\" > told; cp $ONCUE_RUN card";
    add(&stage, "tells", &["--cwd", "work", "--env", "COLOUR=deep blue", "--stdin", "work/input"], tells);
    let run = ran(&stage, "tells");
    assert_eq!(run["outcome"], json!("completed"), "{run}");
    let folder = stage.path("work");
    let told = fs::read_to_string(folder.join("told")).unwrap();
    assert_eq!(told, format!("from a file, {}, deep blue, tells, 1, application\n", folder.display()));
    let card: Value = serde_json::from_slice(&fs::read(folder.join("card")).unwrap()).unwrap();
    let keys = ["task", "instance_id", "firings", "details", "details_left_out"].map(|key| card[key].clone());
    assert_eq!(keys, [json!("tells"), run["instance_id"].clone(), json!(1), json!([]), json!(0)]);
    // The values of variables may be secret.
    let shown = stage.done(&["show", "tells"]) + &stage.done(&["show", "tells", "--json"]);
    assert!(shown.contains("COLOUR") && !shown.contains("deep blue"), "{shown}");
}

#[test]
fn a_command_reports_how_far_it_has_come() {
    let stage = Stage::new();
    let script = "\"$ONCUE\" progress 40 uploading && echo $$ > at && read wait < go; \"$ONCUE\" progress --note '3 files'";
    rustix::fs::mknodat(rustix::fs::CWD, stage.path("go"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    add(&stage, "uploads", &[], script);
    stage.done(&["run", "uploads"]);
    line_in(&stage, "at");
    let live = stage.json(&["show", "uploads", "--json"])["live"].clone();
    assert_eq!((&live["progress"], &live["note"]), (&json!(40), &json!("uploading")), "{live}");
    let mut watch =
        stage.oncue(&["run", "uploads", "--wait"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    fs::write(stage.path("go"), "\n").unwrap();
    // The second run waits for the same file.
    fs::remove_file(stage.path("at")).unwrap();
    line_in(&stage, "at");
    fs::write(stage.path("go"), "\n").unwrap();
    assert!(watch.wait().unwrap().success());
    let run = stage.json(&["history", "uploads", "--json"])[0].clone();
    assert_eq!((&run["progress"], &run["message"]), (&json!(40), &json!("3 files")), "{run}");
    let outside = stage.says(&["progress", "1"]);
    assert!(outside.code == Some(2) && outside.err.contains("ONCUE_INSTANCE is not set"), "{outside:?}");
}

#[test]
fn a_cancelled_command_is_asked_to_end_and_then_killed_with_all_that_it_started() {
    let stage = Stage::new();
    add(
        &stage,
        "obeys",
        &[],
        "trap 'echo bye >&2; exit 0' TERM; echo $$ > obeys; while :; do sleep 0.01; done",
    );
    stage.done(&["run", "obeys"]);
    line_in(&stage, "obeys");
    stage.done(&["cancel", "obeys"]);
    let run = ended(&stage, "obeys");
    let message = run["message"].as_str().unwrap();
    assert!(run["outcome"] == json!("cancelled") && message.ends_with("bye"), "{run}");

    let script = "trap '' TERM; setsid sleep 1000 & echo $! > stray; wait; sleep 1000";
    add(&stage, "resists", &["--grace", "50ms"], script);
    stage.done(&["run", "resists"]);
    let stray = process_in(&stage, "stray");
    stage.done(&["cancel", "resists"]);
    let run = ended(&stage, "resists");
    assert_eq!((&run["outcome"], &run["exit_status"]), (&json!("killed"), &json!("SIGKILL")), "{run}");
    wait_for_end_of(stray);
}

/// Waits until the last run of a task has ended, and returns its entry.
fn ended(stage: &Stage, name: &str) -> Value {
    loop {
        if let Some(run) = stage.json(&["history", name, "--json"]).get(0) {
            return run.clone();
        }
    }
}

#[test]
fn a_command_that_runs_when_the_broker_is_killed_is_ended_and_lost() {
    let mut stage = Stage::new();
    stage.start_broker();
    add(&stage, "long", &[], "echo $$ > long; sleep 1000; true");
    stage.done(&["run", "long"]);
    let process = process_in(&stage, "long");
    stage.kill_broker();
    stage.start_broker();
    wait_for_end_of(process);
    assert_eq!(ended(&stage, "long")["outcome"], json!("lost"));
    fs::remove_file(stage.path("long")).unwrap();
    stage.done(&["run", "long"]);
    process_in(&stage, "long");
}

#[test]
fn a_trigger_with_details_tells_the_command() {
    let stage = Stage::new();
    fs::create_dir(stage.path("inbox")).unwrap();
    let inbox = stage.path("inbox");
    let inbox = inbox.to_str().unwrap();
    add(&stage, "sorts", &["--on-change", inbox], "cp $ONCUE_RUN card.new && mv card.new card");
    // Files are watched from some moment after the task was registered.
    let card = loop {
        stage.write("inbox/letter", "dear all");
        std::thread::sleep(Duration::from_millis(10));
        if let Ok(card) = fs::read(stage.path("card")) {
            break serde_json::from_slice::<Value>(&card).unwrap();
        }
        fs::remove_file(stage.path("inbox/letter")).unwrap();
    };
    assert_eq!(card["details"], json!([format!("{inbox}/letter")]));
}

#[test]
fn what_could_never_run_is_refused_when_it_is_added() {
    let stage = Stage::new();
    let script = stage.write("script", "#!/bin/sh\n");
    let (script, folder, long) = (script.to_str().unwrap(), stage.path(""), "n".repeat(300));
    let folder = folder.to_str().unwrap();
    let cases: [(&[&str], i32, &str); 12] = [
        (
            &["add", "a", "--", "no-such-program"],
            3,
            "no program `no-such-program` in PATH: /usr/local/bin:/usr/bin:/bin",
        ),
        (&["add", "a", "--", script], 3, "it is not executable"),
        (&["add", "a", "--", folder], 3, "it is not a regular file"),
        (&["add", "a/b", "--", "true"], 3, "the task's name `a/b` contains a slash"),
        (&["add", "a\nb", "--", "true"], 3, "contains a control character at position 2"),
        (&["add", &long, "--", "true"], 3, "the task's name is too long: 300 characters (limit: 256)"),
        (&["add", "a", "--every", "1h", "--at-login", "--", "true"], 2, "cannot be used with"),
        (&["add", "a", "--when", "internet adn ac", "--", "true"], 2, "\n  internet adn ac\n           ^"),
        (&["add", "a", "--at", "25:00", "--", "true"], 2, "\n  25:00\n  ^^"),
        (
            &["add", "a", "--env", "ONCUE_TASK=b", "--", "true"],
            3,
            "variable `ONCUE_TASK` is set by oncue itself",
        ),
        (
            &["add", "a", "--time-limit", "99d", "--", "true"],
            3,
            "time-limit is 99d; it must be from 1ms to 30d",
        ),
        (&["add", "a"], 2, "required"),
    ];
    for (arguments, code, said) in cases {
        let refused = stage.says(arguments);
        assert_eq!(refused.code, Some(code), "{arguments:?}: {refused:?}");
        assert!(refused.err.contains(said), "{arguments:?}: {refused:?}");
    }
    stage.done(&["add", "a", "--force", "--", "no-such-program"]);
    let run = ran(&stage, "a");
    assert_eq!(run["outcome"], json!("not_activated"));
    let message = run["message"].as_str().unwrap();
    assert!(message.contains("`no-such-program` is not in any folder of its PATH"), "{message}");
    assert!(stage.says(&["add", "a", "--", "true"]).err.contains("task a is already registered"));
    assert!(stage.done(&["add", "a", "--keep", "--", "true"]).contains("a is kept as it is"));
    assert!(stage.done(&["add", "a", "--replace", "--", "true"]).contains("a is changed (command)"));
    assert_eq!(ran(&stage, "a")["outcome"], json!("completed"));
    assert!(
        stage
            .done(&["add", "unseen", "--dry-run", "--every", "1h", "--", "true"])
            .contains("this is a dry run")
    );
    assert_eq!(stage.says(&["show", "unseen"]).code, Some(4));
}

#[test]
fn a_command_is_changed_renamed_and_disabled() {
    let stage = Stage::new();
    add(&stage, "sync", &["--every", "1h", "--when", "internet", "--retry", "3"], "exit 0");
    let changed = stage.json(&["edit", "sync", "--every", "2h", "--no-when", "--json"]);
    assert_eq!(changed["changed"], json!(["trigger", "condition"]));
    let task = stage.json(&["show", "sync", "--json"]);
    assert_eq!((&task["trigger"], &task["policy"]), (&json!("every 2h"), &json!("retry=exponential:30s:3")));
    assert!(stage.done(&["rename", "sync", "mail"]).contains("mail is changed (name)"));
    stage.done(&["disable", "mail"]);
    let task = stage.json(&["show", "mail", "--json"]);
    assert_eq!(
        (&task["next_due"], &task["policy"]),
        (&Value::Null, &json!("disabled retry=exponential:30s:3"))
    );
    assert!(stage.done(&["list"]).contains("disabled"));
    assert!(stage.done(&["why", "mail"]).contains("is disabled: its trigger is ignored"));
    assert_eq!(ran(&stage, "mail")["outcome"], json!("completed"));
    stage.done(&["enable", "mail"]);
    assert_ne!(stage.json(&["show", "mail", "--json"])["next_due"], Value::Null);
    assert_eq!(stage.says(&["edit", "nobody", "--every", "1h"]).code, Some(4));
}

#[test]
fn a_chain_runs_one_after_the_other_and_a_queue_one_at_a_time() {
    let stage = Stage::new();
    add(&stage, "first", &["--queue", "q"], "echo first >> order");
    add(&stage, "then", &["--after", "first", "--queue", "q"], "echo then >> order; cp $ONCUE_RUN card");
    add(&stage, "last", &["--after", "then:any"], "echo last >> order; echo done > end");
    let first = ran(&stage, "first");
    line_in(&stage, "end");
    assert_eq!(fs::read_to_string(stage.path("order")).unwrap(), "first\nthen\nlast\n");
    let card: Value = serde_json::from_slice(&fs::read(stage.path("card")).unwrap()).unwrap();
    let instance = format!("instance={}", first["instance_id"].as_str().unwrap());
    assert_eq!(card["details"], json!(["task=first", instance, "outcome=completed"]));
    let circle = stage.says(&["edit", "first", "--after", "last"]);
    assert!(
        circle.code == Some(3) && circle.err.contains("first after last after then after first"),
        "{circle:?}"
    );
    assert_eq!(stage.says(&["add", "x", "--after", "nobody", "--", "true"]).code, Some(4));

    let waits = "\"$ONCUE\" run first --wait 2> refused; test $? = 3";
    add(&stage, "waits", &["--queue", "q"], waits);
    let run = ran(&stage, "waits");
    assert_eq!(run["outcome"], json!("completed"), "{run}");
    let refused = fs::read_to_string(stage.path("refused")).unwrap();
    assert!(refused.contains("first is in the queue `q` like this run"), "{refused}");
}

#[tokio::test]
async fn the_user_is_notified_about_a_failure() {
    let mut stage = Stage::new();
    stage.write("config/config.toml", "[notify]\nruns = \"failure\"\n");
    let bus = SmallBus::open(&stage.path("bus"));
    let service = Builder::address(bus.address()).name("org.freedesktop.Notifications");
    let mut calls = service.build_message_stream().await.unwrap();
    let address = bus.address().to_owned();
    // Waiting for processes happens on another thread, so that the bus continues.
    let _stage = spawn_blocking(move || {
        stage.start_broker_on(&address);
        add(&stage, "good", &[], "exit 0");
        add(&stage, "bad", &[], "echo the disk is full >&2; exit 3");
        ran(&stage, "good");
        ran(&stage, "bad");
        stage
    })
    .await
    .unwrap();
    let call = loop {
        let message = calls.next().await.unwrap().unwrap();
        if message.message_type() == Type::MethodCall {
            break message;
        }
    };
    let reply = Message::method_return(&call.header()).build(&7_u32).unwrap();
    Connection::from(&calls).send(&reply).await.unwrap();
    type Shown = (String, u32, String, String, String, Vec<String>, HashMap<String, zbus::OwnedVariant>, i32);
    let body: Shown = call.body().deserialize().unwrap();
    assert_eq!((body.0.as_str(), body.3.as_str()), ("oncue", "bad has failed"));
    assert!(body.4.starts_with("exit 3, after ") && body.4.ends_with("\nthe disk is full"), "{}", body.4);
    assert_eq!(body.5, ["output", "Show output"]);
}

#[test]
fn what_a_cancelled_command_has_started_has_its_grace_even_if_the_shell_ends_at_once() {
    let stage = Stage::new();
    // The first process ends by SIGTERM; its child needs some time, until it is told that it may end.
    rustix::fs::mknodat(rustix::fs::CWD, stage.path("go"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let child = "trap 'read word < go; echo unlocked > end; exit' TERM; echo ready > ready; while :; do sleep 0.01; done";
    stage.write("child", child);
    add(&stage, "locks", &["--grace", "1m"], "/bin/sh child; true");
    stage.done(&["run", "locks"]);
    line_in(&stage, "ready");
    stage.done(&["cancel", "locks"]);
    assert_eq!(ended(&stage, "locks")["outcome"], json!("cancelled"));
    fs::write(stage.path("go"), "\n").unwrap();
    assert_eq!(line_in(&stage, "end"), "unlocked");
}

#[test]
fn a_run_that_is_started_again_after_a_crash_finds_no_card_in_its_way() {
    let mut stage = Stage::new();
    stage.start_broker();
    add(&stage, "again", &[], "true");
    // As if a broker had been killed between writing the card and recording that the process exists.
    let instance = ran(&stage, "again")["instance_id"].as_str().unwrap().to_owned();
    let cards = stage.path("run/runs");
    fs::write(cards.join(format!("{instance}.json")), "{}").unwrap();
    stage.kill_broker();
    stage.start_broker();
    assert_eq!(fs::read_dir(cards).unwrap().count(), 0);
    assert_eq!(ran(&stage, "again")["outcome"], json!("completed"));
}

#[test]
fn what_follows_a_command_also_runs_if_the_broker_is_killed_with_it() {
    let mut stage = Stage::new();
    stage.start_broker();
    rustix::fs::mkfifoat(rustix::fs::CWD, stage.path("never"), rustix::fs::Mode::RWXU).unwrap();
    add(&stage, "backup", &[], "echo ready > ready; read line < never");
    add(&stage, "alarm", &["--after", "backup:failed"], "grep -o 'outcome=[a-z]*' $ONCUE_RUN > told");
    add(&stage, "next", &["--after", "backup"], "echo wrong > next");
    stage.done(&["run", "backup"]);
    line_in(&stage, "ready");
    // A run that was not yet recorded as entered would not be lost, but fired again.
    while stage.json(&["show", "backup", "--json"])["live"]["started_at"].is_null() {
        std::thread::yield_now();
    }
    // Its answer comes after everything before it was recorded.
    add(&stage, "after that", &[], "true");
    stage.kill_broker();
    stage.start_broker();
    assert_eq!(line_in(&stage, "told"), "outcome=lost");
    assert_eq!(ended(&stage, "alarm")["outcome"], json!("completed"));
    assert!(!stage.path("next").exists());
}

/// Returns the niceness, the scheduling policy and the I/O priority of a process.
fn priorities_of(process: Pid) -> (i64, i64, libc::c_long) {
    let id = process.as_raw_nonzero().get();
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<i64> = stat
        .rsplit_once(") ")
        .unwrap()
        .1
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    /// A single process.
    const PROCESS: libc::c_int = 1;
    // SAFETY: the call has no pointers.
    #[expect(unsafe_code, reason = "no library has a function for this")]
    let io = unsafe { libc::syscall(libc::SYS_ioprio_get, PROCESS, id) };
    // The first of these fields is the third of proc_pid_stat(5).
    (fields[16], fields[38], io)
}

#[test]
fn a_command_runs_in_the_background_unless_its_priority_is_normal() {
    const BEST_EFFORT: libc::c_long = 2 << 13;
    let stage = Stage::new();
    let script = |file: &str| format!("echo $$ > {file}; read line < never");
    rustix::fs::mkfifoat(rustix::fs::CWD, stage.path("never"), rustix::fs::Mode::RWXU).unwrap();
    add(&stage, "quiet", &[], &script("quiet"));
    add(&stage, "equal", &["--priority", "normal"], &script("equal"));
    stage.done(&["run", "quiet"]);
    stage.done(&["run", "equal"]);
    let (quiet, equal) = (process_in(&stage, "quiet"), process_in(&stage, "equal"));
    let (nice, policy, _) = priorities_of(equal);
    assert_eq!(policy, i64::from(libc::SCHED_OTHER));
    assert_eq!(priorities_of(quiet), ((nice + 10).min(19), i64::from(libc::SCHED_BATCH), BEST_EFFORT | 7));
    // This is set when the process already exists.
    let score = format!("/proc/{}/oom_score_adj", quiet.as_raw_nonzero());
    while fs::read_to_string(&score).unwrap().trim() != "300" {
        std::thread::yield_now();
    }
    let shown = stage.done(&["show", "equal"]);
    assert!(shown.contains("priority=normal"), "{shown}");
    stage.done(&["edit", "equal", "--priority", "background"]);
    assert!(!stage.done(&["show", "equal"]).contains("priority"));
    for task in ["quiet", "equal"] {
        stage.done(&["cancel", task]);
    }
}
