//! Effects of the machine's state, with real processes: it saves energy, or it ends the broker.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::run::{CANCELLED, set, wait_for_waiting};
use crate::stage::said;

#[test]
fn the_energy_saver_cancels_and_holds_what_is_not_always_allowed() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    stage.done(&["simulate", "energy-saver=on"]);
    let waited = said(waits.wait_with_output().unwrap());
    assert!(waited.out.contains("\ncancelled (EnergySaver) after "), "{waited:?}");
    assert_eq!(stage.json(&["history", "waiting", "--json"])[0]["progress"], CANCELLED + 11);

    let held = stage.json(&["run", "--force", "quick", "--json"]);
    assert_eq!((&held["state"], &held["blocked"]), (&json!("held"), &json!(["energy_saver"])));
    assert!(stage.done(&["list"]).contains("held (energy saver)"));
    let why = stage.done(&["why", "quick"]);
    assert!(
        why.contains("  because   the energy saver is on (simulated, see `oncue simulate list`, since "),
        "{why}"
    );
    assert!(
        stage
            .done(&["why", "failing"])
            .starts_with("failing would not run now: the machine is saving energy.\n")
    );

    stage.done(&["access", "set", "Stage", "always"]);
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}

#[test]
fn a_broker_that_is_told_to_end_tells_what_runs_and_writes_it_down() {
    let mut stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    let broker = stage.take_broker();
    kill_process(Pid::from_child(&broker), Signal::TERM).unwrap();
    let waited = said(waits.wait_with_output().unwrap());
    assert!(waited.out.contains("\ncancelled (Terminating) after "), "{waited:?}");
    let mut broker = broker;
    assert!(broker.wait().unwrap().success());
    stage.start_broker();
    let entry = stage.json(&["history", "waiting", "--json"])[0].clone();
    assert_eq!((&entry["outcome"], &entry["progress"]), (&json!("cancelled"), &json!(CANCELLED + 1)));
}
