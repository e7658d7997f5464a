//! Observations of the sources, end to end: a path changes, a signal arrives on a bus.

use std::env;
use std::error::Error;

use oncue::{Bus, BusSignalTrigger, PathTrigger};
use tokio::task::spawn_blocking;
use zbus::connection::Builder;

use crate::run::{TELLS, make_package, task};
use crate::small_bus::SmallBus;
use crate::stage::{Stage, plays_part};
use crate::triggers::{attend, ended, last_run, plays};

const RULE: &str = "type='signal',interface='org.example.Player',member='Next'";

#[test]
#[ignore = "a process that the tests start"]
fn registers() -> Result<(), Box<dyn Error>> {
    if !plays_part() {
        return Ok(());
    }
    task("watched", TELLS).set_trigger(PathTrigger::new(env::current_dir()?.join("notes"))).register()?;
    task("signalled", TELLS).set_trigger(BusSignalTrigger::new(Bus::Session, RULE)).register()?;
    let wrong = BusSignalTrigger::new(Bus::Session, "type='signal',eavesdrop=true");
    let refused = task("wrong", TELLS).set_trigger(wrong).register().unwrap_err();
    assert!(refused.is_invalid_argument() && refused.to_string().contains("`eavesdrop`"), "{refused}");
    Ok(())
}

fn furnish(stage: &Stage) {
    make_package(stage);
    stage.done(&["package", "add", "package"]);
    plays(stage, "watches::registers");
}

#[test]
fn a_path_that_changes_reaches_the_run() {
    let mut stage = Stage::new();
    stage.start_broker();
    furnish(&stage);
    let run = attend(&stage, "watched");
    let notes = stage.write("notes", "new");
    ended(run);
    let told = format!("Path ×1: {}", notes.display());
    assert_eq!(last_run(&stage, "watched")["message"], told);
}

#[tokio::test]
async fn a_signal_of_the_session_bus_reaches_the_run() {
    let mut stage = Stage::new();
    let bus = SmallBus::open(&stage.path("bus"));
    let address = bus.address().to_owned();
    // Waiting for processes happens on another thread, so that the bus continues.
    let (stage, run) = spawn_blocking(move || {
        stage.start_broker_on(&address);
        furnish(&stage);
        let run = attend(&stage, "signalled");
        (stage, run)
    })
    .await
    .unwrap();
    bus.asked(&format!("AddMatch {RULE}")).await;
    let player = Builder::address(bus.address()).build().await.unwrap();
    player
        .emit_signal(None::<&str>, "/org/example", "org.example.Player", "Next", &("song", 7))
        .await
        .unwrap();
    let name = player.unique_name().unwrap().to_string();
    let stage = spawn_blocking(move || {
        ended(run);
        let told = format!("BusSignal ×1: {name}, /org/example, org.example.Player, Next, song, 7");
        assert_eq!(last_run(&stage, "signalled")["message"], told);
        stage
    })
    .await
    .unwrap();
    assert_eq!(bus.n_clients(), 2, "the broker has one connection");
    spawn_blocking(move || {
        stage.done(&["remove", "signalled"]);
        stage
    })
    .await
    .map(drop)
    .unwrap();
    bus.asked(&format!("RemoveMatch {RULE}")).await;
}

#[test]
fn a_task_whose_bus_is_not_there_says_so() {
    let mut stage = Stage::new();
    let address = format!("unix:path={}", stage.path("no-bus").display());
    stage.start_broker_on(&address);
    furnish(&stage);
    // The broker looks for the bus in the background, and has soon found none.
    let says_so = |_| stage.done(&["why", "signalled"]).contains("the session bus is not available");
    assert!((0..200).any(says_so), "{}", stage.done(&["why", "signalled"]));
}
