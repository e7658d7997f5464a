//! Activations race with servers that leave after each completion, as real processes.
//!
//! `ONCUE_TEST_ACTIVATIONS` sets their number; the system suite uses ten thousand with a release
//! build.

use std::collections::BTreeSet;
use std::env;

use crate::stage::Stage;
use oncue_types::Outcome;

#[test]
fn none_is_lost_and_none_runs_twice_when_servers_leave_after_each_completion() {
    let asked = env::var("ONCUE_TEST_ACTIVATIONS").ok();
    let activations: usize = asked.map_or(300, |count| count.parse().unwrap());
    let stage = Stage::new("completes", &["a 1 100", "b 1 100", "c 1 100"]);
    let mut watch = stage.watch();
    let tasks = ["a", "b", "c"].map(|name| watch.task(name).task_id.to_string());
    let mut runs = BTreeSet::new();
    // Sometimes two tasks are fired together, so that one arrives while a server is running or
    // leaving.
    for turn in 0..activations {
        let fired: oncue_wire::Fired = watch.ask("Fire", &(&tasks[turn % 3], false)).unwrap();
        assert_eq!(fired.state, oncue_wire::RunState::Started);
        if turn % 7 == 3 {
            continue;
        }
        for _ in 0..1 + usize::from(turn % 7 == 4) {
            let entry = watch.ended();
            assert_eq!(entry.outcome, Outcome::Completed, "{entry:?}");
            assert!(runs.insert(entry.instance_id), "a run ended twice");
        }
    }
    if activations % 7 == 4 {
        runs.insert(watch.ended().instance_id);
    }
    assert_eq!(runs.len(), activations, "every activation has run once");
    let history: Vec<oncue_wire::Entry> = watch.ask("History", &("", "", 20_000_u32)).unwrap();
    let recorded: BTreeSet<_> = history.into_iter().map(|entry| entry.instance_id).collect();
    assert!(recorded.is_subset(&runs), "nothing else has run");
    let servers = stage.log().matches(" starting ").count();
    println!("{activations} activations were served by {servers} servers");
    assert!(servers > activations / 10, "{servers} servers: they hardly ever left");
}
