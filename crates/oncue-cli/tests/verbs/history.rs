//! `oncue history`: the whole ledger, in the order in which it is shown, and the history of tasks
//! that no longer exist.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::run::set;
use crate::stage::{Stage, said};

const MINUTE: i64 = 60_000_000;

/// The id of entry `number`, as text.
fn id(number: i64) -> String {
    format!("{number:08x}-0000-8000-8000-{number:012x}")
}

/// An id as stored: the lower half first.
fn key(id: &str) -> Vec<u8> {
    let digits = id.replace('-', "");
    let half = |half: &str| u64::from_str_radix(half, 16).unwrap().to_be_bytes();
    [half(&digits[16..]), half(&digits[..16])].concat()
}

/// A stage whose ledger has this many more entries of a task that no longer exists, a minute apart:
/// the last one ended a minute ago, and every tenth crashed.
fn with_entries(count: i64) -> Stage {
    let mut stage = set();
    stage.write("config/config.toml", "[ledger]\nkeep_per_task = 100000\n");
    stage.kill_broker();
    let mut store = Connection::open(stage.path("state/store.db")).unwrap();
    let package: String = store.query_row("SELECT family FROM package", [], |row| row.get(0)).unwrap();
    let now = jiff::Timestamp::now().as_microsecond();
    let transaction = store.transaction().unwrap();
    for number in 1..=count {
        let ended_at = now - (count - number + 1) * MINUTE;
        let outcome = if number % 10 == 0 { "crashed" } else { "completed" };
        let entry = params![
            key(&id(number)),
            key(&id(9_999_999)),
            package,
            ended_at - 2,
            ended_at - 1,
            ended_at,
            outcome
        ];
        let row = "INSERT INTO ledger (instance, task, name, package, fired_at, started_at, ended_at, outcome, firings) \
                   VALUES (?, ?, 'gone', ?, ?, ?, ?, ?, 1)";
        transaction.execute(row, entry).unwrap();
    }
    transaction.commit().unwrap();
    drop(store);
    stage.start_broker();
    stage
}

fn entries(stage: &Stage, arguments: &[&str]) -> Vec<Value> {
    let all = [&["history", "--json"], arguments].concat();
    stage.json(&all).as_array().unwrap().clone()
}

fn ended(entry: &Value) -> jiff::Timestamp {
    entry["ended_at"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_ledger_is_shown_however_long_it_is() {
    let stage = with_entries(4_500);
    assert_eq!(entries(&stage, &[]).len(), 20, "as many as fit a screen, when nobody says");
    let all = entries(&stage, &["-n", "100000"]);
    assert_eq!(all.len(), 4_500);
    assert!(all.is_sorted_by(|a, b| ended(a) > ended(b)), "each once, what ended last first");
    assert_eq!(entries(&stage, &["-n", "4200"])[..], all[..4_200]);
    for arguments in [&["--package", "Stage", "-n", "9999"][..], &["gone", "-n", "9999"], &["--since", "99d"]]
    {
        assert_eq!(entries(&stage, arguments).len(), 4_500, "{arguments:?}");
    }

    let failed = entries(&stage, &["--failed", "-n", "9999"]);
    assert_eq!(failed.len(), 450);
    assert!(failed.iter().all(|entry| entry["outcome"] == "crashed"));
    let since = jiff::Timestamp::now().as_microsecond() - 100 * MINUTE;
    let since = jiff::Timestamp::from_microsecond(since).unwrap().to_string();
    let lately = entries(&stage, &["--since", &since]);
    assert!(lately.len() >= 98 && lately[..] == all[..lately.len()], "{}", lately.len());
    assert_eq!(entries(&stage, &["--since", &since, "--failed"]).len(), 10);
    assert_eq!(entries(&stage, &["--since", &since, "-n", "3"])[..], all[..3]);
    assert_eq!(stage.done(&["history", "--since", "1s"]), "nothing has ended since then\n");
    assert_eq!(stage.done(&["history", "--failed", "quick"]), "nothing has failed\n");
}

#[test]
fn what_is_shown_is_in_the_order_of_the_times_that_are_shown() {
    let mut stage = with_entries(5);
    stage.kill_broker();
    // As after a wrong clock: written last, but ended long before the others.
    let store = Connection::open(stage.path("state/store.db")).unwrap();
    store.execute("UPDATE ledger SET ended_at = ended_at - 3600000000 WHERE number = 5", []).unwrap();
    drop(store);
    stage.start_broker();
    assert!(entries(&stage, &[]).is_sorted_by(|a, b| ended(a) > ended(b)));
    let shown = stage.done(&["history"]);
    assert!(shown.starts_with("ENDED "), "{shown}");
    assert!(shown.lines().last().unwrap().contains("gone"), "{shown}");
}

#[test]
fn a_run_that_a_message_names_is_in_the_table_by_the_same_id() {
    let stage = set();
    stage.done(&["simulate", "energy-saver=on"]);
    stage.done(&["run", "quick"]);
    stage.done(&["run", "quick"]);
    stage.done(&["simulate", "energy-saver=off"]);
    // The held firing was judged at once; this follows another run to its end.
    stage.done(&["run", "--wait", "quick"]);
    let mut history = stage.oncue(&["history"]);
    let shown = said(history.env("COLUMNS", "200").output().unwrap()).out;
    let joined = shown.lines().find(|line| line.contains("joined the firing")).unwrap();
    let named = joined.split("that run ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(named.len(), 8, "{shown}");
    let runs = shown.lines().filter(|line| line.ends_with(named) && line.contains("completed"));
    assert_eq!(runs.count(), 1, "{shown}");
    assert_eq!(entries(&stage, &[named])[0]["instance_id"].as_str().map(|id| &id[..8]), Some(named));
}

#[test]
fn what_became_of_a_task_that_is_gone_is_told() {
    let stage = with_entries(5);
    let why = stage.done(&["why", "gone"]);
    assert!(why.starts_with("gone is no longer registered; its last firing ended 1 min ago as completed.\n"));
    let why = stage.json(&["why", "gone", "--json"]);
    assert_eq!((&why["state"], why["runs"].as_array().unwrap().len()), (&json!("gone"), 3));
    assert_eq!(stage.says(&["why", "nobody"]).code, Some(4));

    let last = entries(&stage, &["gone"]).remove(0);
    let at = last["started_at"].as_str().unwrap();
    let then = stage.json(&["why", "gone", "--json", "--at", at]);
    assert_eq!((&then["alive"], &then["task_id"]), (&last, &why["task_id"]));
    let then = stage.done(&["why", "gone", "--at", at]);
    assert!(then.contains(", gone was running.\n") && then.contains("it is no longer registered"), "{then}");
    let long_ago = stage.done(&["why", "gone", "--at", "2020-02-02 10:30"]);
    assert!(long_ago.contains("does not go back that far.\n"), "{long_ago}");
    assert_eq!(stage.says(&["why", "nobody", "--at", "yesterday 10:30"]).code, Some(4));
}
