//! An app that states its tasks only: its manifest is a package, and its server serves every task.

use std::sync::mpsc::channel;

use oncue::testing::{TestBroker, TestPackage};
use oncue::{App, AppTask, IdlePolicy, OneShot, Outcome, TimeTrigger};

use crate::app::{QUARTER, outcomes};

#[test]
fn each_task_of_an_app_is_declared_registered_and_served() {
    let (sender, ran) = channel();
    let app = move || {
        let task = |name: &str| {
            let ran = sender.clone();
            AppTask::new(name, TimeTrigger::new(15, OneShot::No), move |run| {
                Ok(ran.send(run.task().name().to_owned())?)
            })
        };
        App::new("two_tasks", "0.3.0").task(task("A & B")).task(task("C")).idle_policy(IdlePolicy::Never)
    };
    let package = TestPackage::from_manifest(&app().manifest().unwrap()).unwrap();
    let class = app().class_id("A & B");
    let serving = app.clone();
    let broker = TestBroker::new(package.server([class], move || serving().serve())).unwrap();

    let tasks = app().run().unwrap();
    assert_eq!(app().run().unwrap(), tasks, "the second start keeps both");
    broker.advance(QUARTER).unwrap();

    let mut names: Vec<String> = ran.try_iter().collect();
    names.sort();
    assert_eq!(names, ["A & B", "C"]);
    assert_eq!(outcomes(&broker.ledger()), [(Outcome::Completed, 1), (Outcome::Completed, 1)]);
}
