//! The message of a run that failed in a shared server: its own output, or the run that caused it.

use crate::stage::Stage;
use oncue_types::{Exit, Outcome};

#[test]
fn a_run_that_crashed_is_told_with_its_own_words_only() {
    let stage = Stage::new("shares", &["talks 1 100", "crashes 1 100"]);
    let mut watch = stage.watch();
    watch.fire("talks");
    assert_eq!(watch.ended_of("talks").outcome, Outcome::Completed);
    watch.fire("crashes");
    let entry = watch.ended_of("crashes");
    assert_eq!((entry.outcome, entry.exit_status), (Outcome::Crashed.into(), Some(Exit::Signal(6).into())));
    assert_eq!(entry.message.as_deref(), Some("of crashes"));
}

#[test]
fn who_goes_down_with_a_server_is_told_because_of_which_run() {
    let stage = Stage::new("shares", &["good 1 60000", "stuck 1 50"]);
    let mut watch = stage.watch();
    for task in ["good", "stuck"] {
        watch.fire(task);
        watch.entered();
    }
    watch.cancel("stuck");
    let mut entries = [watch.ended(), watch.ended()];
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let [good, stuck] = entries;
    assert_eq!((good.outcome, stuck.outcome), (Outcome::Crashed.into(), Outcome::Killed.into()));
    let told = good.message.unwrap();
    let expected = format!(
        "its task server was killed because run {} of task `stuck` was cancelled and did not end in time",
        stuck.instance_id
    );
    assert_eq!(told, expected);
    // What an earlier run wrote may be read late, and then belongs to this one.
    assert!(stuck.message.as_deref().is_some_and(|told| told.ends_with("of stuck")), "{:?}", stuck.message);
}
