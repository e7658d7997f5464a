//! What happens to processes that a server has started, wherever they have gone.

use crate::stage::Stage;
use crate::watched::Watched;
use oncue_types::{Exit, Outcome};

/// Waits until the run has created its processes.
fn scattered<const N: usize>(stage: &mut Stage) -> [Watched; N] {
    [(); N].map(|()| Watched::process(stage.said.line().parse().unwrap()))
}

#[test]
fn the_whole_tree_is_killed_wherever_its_processes_went() {
    let mut stage = Stage::new("scatters", &["deaf 1 100"]);
    let mut watch = stage.watch();
    watch.fire("deaf");
    let strays = scattered::<4>(&mut stage);
    assert!(strays.iter().all(Watched::is_alive));
    watch.cancel("deaf");
    let entry = watch.ended();
    assert_eq!((entry.outcome, entry.exit_status), (Outcome::Killed.into(), Some(Exit::Signal(9).into())));
    strays.iter().for_each(Watched::ends);
}

#[test]
fn what_a_crashed_server_leaves_behind_is_killed() {
    let mut stage = Stage::new("scatters_and_aborts", &["crashes 1 100"]);
    let mut watch = stage.watch();
    watch.fire("crashes");
    let strays = scattered::<3>(&mut stage);
    let entry = watch.ended();
    assert_eq!((entry.outcome, entry.exit_status), (Outcome::Crashed.into(), Some(Exit::Signal(6).into())));
    strays.iter().for_each(Watched::ends);
}

#[test]
fn what_a_server_leaves_behind_in_good_order_lives_on_until_it_ends_by_itself() {
    let mut stage = Stage::new("leaves_behind", &["quick 1 100"]);
    let mut watch = stage.watch();
    watch.fire("quick");
    let strays = scattered::<3>(&mut stage);
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    // When another one has been started and has left too, the first one is forgotten.
    for _ in 0..2 {
        watch.fire("quick");
        let others = scattered::<3>(&mut stage);
        assert_eq!(watch.ended().outcome, Outcome::Completed);
        drop(others);
    }
    stage.wait_for_log("task server ended");
    assert!(strays.iter().all(Watched::is_alive));
    // The broker reaps orphans.
    strays.iter().for_each(Watched::kill);
    strays.iter().for_each(Watched::ends);
}

#[test]
fn what_a_killed_broker_leaves_behind_is_ended_before_its_task_runs_again() {
    let mut stage = Stage::new("scatters_until_cancelled", &["sync 1 5000"]);
    stage.watch().fire("sync");
    let strays = scattered::<3>(&mut stage);
    stage.replace_killed_broker();
    stage.watch().fire("sync");
    let _others = scattered::<3>(&mut stage);
    assert!(!strays.iter().any(Watched::is_alive));
}

#[test]
fn what_was_left_behind_in_good_order_outlives_a_killed_broker() {
    let mut stage = Stage::new("leaves_behind", &["quick 1 100"]);
    let mut watch = stage.watch();
    watch.fire("quick");
    let strays = scattered::<3>(&mut stage);
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    stage.wait_until_no_server_is_recorded();
    stage.replace_killed_broker();
    stage.watch().fire("quick");
    let _others = scattered::<3>(&mut stage);
    assert!(strays.iter().all(Watched::is_alive));
}
