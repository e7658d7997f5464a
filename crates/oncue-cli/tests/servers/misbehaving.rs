//! Misbehaving servers: what happens to them, and that nobody else is affected.
//!
//! The broker starts a script that passes its token on to the test, which plays the server.

use oncue_types::{Exit, InstanceId, Outcome, TaskState};
use oncue_wire::{RunState, Watched as Told};

use crate::client::Client;
use crate::parts::class;
use crate::stage::Stage;
use crate::watched::Watched;

/// Has a task run by a server that the test plays, until it is entered.
fn running(stage: &mut Stage, watch: &mut Client, task: &str) -> (Client, Watched, InstanceId) {
    assert_eq!(watch.fire(task).state, RunState::Started);
    let (mut server, process) = stage.server();
    server.registers_class();
    let run = server.run().instance_id;
    server.tell("Entered", &run.to_string(), 1);
    watch.entered();
    (server, process, run)
}

#[test]
fn a_server_that_does_not_read_is_cut_off_and_killed_and_its_run_has_crashed() {
    let mut stage = Stage::played_by_test(&["mute 1 100", "other 2 100"]);
    let mut watch = stage.watch();
    let (mut mute, process, _) = running(&mut stage, &mut watch, "mute");
    // Each answer is put into its outbox until that is full.
    mute.ask::<()>("Watch", &Told::Own).unwrap();
    mute.call("Packages", &(), 20_000);
    let entry = watch.ended();
    assert_eq!((entry.name.as_str(), entry.outcome), ("mute", Outcome::Crashed.into()));
    assert_eq!(entry.exit_status, Some(Exit::Signal(9).into()));
    process.ends();
    assert!(stage.log().contains("a client does not read its messages; disconnected"));
    assert_eq!(watch.task("other").state, TaskState::Armed, "nobody else has noticed");
}

#[test]
fn who_answers_late_is_not_heard() {
    let mut stage = Stage::played_by_test(&["late 1 50"]);
    let mut watch = stage.watch();
    let (mut server, process, run) = running(&mut stage, &mut watch, "late");
    watch.cancel("late");
    assert_eq!(server.cancelled(), run);
    process.ends();
    assert_eq!(watch.ended().outcome, Outcome::Killed);
    // Its process is gone, but its messages still arrive.
    server.tell("SetProgress", &(run.to_string(), 7_u32), 1);
    server.tell("Completed", &(run.to_string(), None::<String>), 1);
    server.ask::<String>("Hello", &"").unwrap();
    let task = watch.task("late");
    assert_eq!((task.state, task.last.unwrap().outcome), (TaskState::Armed.into(), Outcome::Killed.into()));
    assert_eq!(task.progress, None);
    // The broker knows that it is gone: a process that has ended is no longer a server.
    let (code, text) = server.ask::<u32>("RegisterClass", &(class(1).to_string(), false)).unwrap_err();
    assert_eq!(code, "Stopping", "{text}");
}

#[test]
fn who_answers_for_anothers_run_is_not_heard_and_is_logged_once() {
    let mut stage = Stage::played_by_test(&["own 1 100", "others 2 100"]);
    let mut watch = stage.watch();
    let (mut server, _process, run) = running(&mut stage, &mut watch, "own");
    watch.fire("others");
    let (mut meddler, _other) = stage.server();
    for _ in 0..3 {
        meddler.tell("SetProgress", &(run.to_string(), 99_u32), 1);
        meddler.tell("Completed", &(run.to_string(), Some("not mine")), 1);
        meddler.tell("Entered", &"7d1f3c1e-0000-8000-8000-000000000000", 1);
    }
    meddler.ask::<String>("Hello", &"").unwrap();
    assert_eq!(watch.task("own").progress, None);
    assert_eq!(stage.log().matches("named another server's run").count(), 1);
    server.tell("SetProgress", &(run.to_string(), 5_u32), 1);
    server.tell("Completed", &(run.to_string(), None::<String>), 1);
    let entry = watch.ended();
    assert_eq!((entry.outcome, entry.progress), (Outcome::Completed.into(), Some(5)));
}

#[test]
fn a_class_of_another_package_is_refused() {
    let mut stage = Stage::played_by_test(&["sync 1 100"]);
    let mut watch = stage.watch();
    let (mut server, _process, _) = running(&mut stage, &mut watch, "sync");
    let (code, text) = server.ask::<u32>("RegisterClass", &(class(9).to_string(), false)).unwrap_err();
    assert_eq!(code, "ClassNotDeclared", "{text}");
    assert!(text.contains(&class(9).to_string()), "{text}");
    // A token is valid once.
    let (code, _) = Client::connect(stage.home()).ask::<String>("Hello", &"no token").unwrap_err();
    assert_eq!(code, "AccessDenied");
}

#[test]
fn a_server_that_floods_the_broker_delays_nobody_for_long() {
    let mut stage = Stage::played_by_test(&["flood 1 100", "other 2 100"]);
    let mut watch = stage.watch();
    let (mut flooder, _process, run) = running(&mut stage, &mut watch, "flood");
    // Messages about runs that do not exist, and unexpected answers, have no effect.
    let stale = "7d1f3c1e-0000-8000-8000-000000000000";
    flooder.tell("SetProgress", &(stale, 1_u32), 10_000);
    flooder.tell("Nonsense", &(stale, 1_u32), 10_000);
    // Another server continues to serve.
    watch.fire("other");
    let (mut server, _other) = stage.server();
    server.ask::<u32>("RegisterClass", &(class(2).to_string(), false)).unwrap();
    let other = server.run().instance_id;
    server.tell("Completed", &(other.to_string(), None::<String>), 1);
    assert_eq!(watch.ended_of("other").outcome, Outcome::Completed);
    flooder.tell("Completed", &(run.to_string(), None::<String>), 1);
    assert_eq!(watch.ended_of("flood").outcome, Outcome::Completed);
}

#[test]
fn a_server_that_closes_its_connection_is_killed_with_its_runs() {
    let mut stage = Stage::played_by_test(&["gone 1 100"]);
    let mut watch = stage.watch();
    let (server, process, _) = running(&mut stage, &mut watch, "gone");
    drop(server);
    process.ends();
    assert_eq!(watch.ended().outcome, Outcome::Crashed);
}
