//! Groups: what the broker receives, and how its answer separates tasks.

use oncue::{
    BackgroundTaskBuilder, BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, OneShot, TimeTrigger,
};
use oncue_wire::{GroupInfo, How, Registered, TaskInfo, TaskSpec};

use super::fake_broker::{CLASS, FIRST, FakeBroker, SECOND, TASK, Task, is_app, read, serve};
use super::registering::info;

fn of(task_id: &str, group: Option<(&str, &str)>) -> TaskInfo {
    let group = group.map(|(id, name)| GroupInfo { id: id.into(), name: name.into() });
    TaskInfo { group, ..info(task_id, "armed") }
}

#[test]
fn a_task_is_registered_in_its_group() {
    if is_app() {
        let group = BackgroundTaskRegistrationGroup::with_name("com.example.mail", "Mail");
        let task = BackgroundTaskBuilder::new()
            .set_name("SampleTask")
            .set_task_group(&group)
            .set_task_entry_point_clsid(CLASS)
            .set_trigger(TimeTrigger::new(15, OneShot::No))
            .register()
            .unwrap();
        assert_eq!(task.task_group(), Some(&group));
        return;
    }
    let broker = FakeBroker::with_app("grouping::a_task_is_registered_in_its_group", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    let group = Some(GroupInfo { id: "com.example.mail".into(), name: "Mail".into() });
    assert_eq!(read::<TaskSpec>(&call).group, group);
    peer.answer(
        &call,
        &(Registered { task_id: TASK.parse().unwrap(), how: How::New.into(), changed: Vec::new() },),
    );
    broker.app_succeeds();
}

#[test]
fn tasks_are_listed_by_group_and_those_without_one_apart() {
    if is_app() {
        let ids = |tasks: Vec<BackgroundTaskRegistration>| -> Vec<String> {
            tasks.iter().map(|task| task.task_id().to_string()).collect()
        };
        assert_eq!(ids(BackgroundTaskRegistration::all_tasks().unwrap()), [TASK]);
        let groups = BackgroundTaskRegistration::all_task_groups().unwrap();
        let named: Vec<_> = groups.iter().map(|group| (group.id(), group.name())).collect();
        assert_eq!(named, [("com.example.chat", ""), ("com.example.mail", "Mail")]);
        let mail = BackgroundTaskRegistration::get_task_group("com.example.mail").unwrap().unwrap();
        assert_eq!(ids(mail.all_tasks().unwrap()), [FIRST, SECOND]);
        assert_eq!(BackgroundTaskRegistration::get_task_group("com.example").unwrap(), None);
        return;
    }
    let broker = FakeBroker::with_app("grouping::tasks_are_listed_by_group_and_those_without_one_apart", &[]);
    let mut peer = broker.accept();
    let mail = |name| Some(("com.example.mail", name));
    let other = "00000000-0000-8000-8000-00000000000b";
    let tasks = [
        of(FIRST, mail("")),
        of(SECOND, mail("Mail")),
        of(TASK, None),
        of(other, Some(("com.example.chat", ""))),
    ];
    for _ in 0..5 {
        let call = peer.expect("Tasks");
        peer.answer(&call, &tasks.to_vec());
    }
    broker.app_succeeds();
}

#[test]
fn a_run_knows_the_group_of_its_task() {
    if is_app() {
        let task = |instance: &oncue::BackgroundTaskInstance| {
            let group = instance.task().task_group().ok_or("the task has no group")?;
            Err(format!("{} {}", group.id(), group.name()).into())
        };
        return serve(move || Task(task), oncue::IdlePolicy::AfterFirstCompletion).unwrap();
    }
    let broker = FakeBroker::with_app("grouping::a_run_knows_the_group_of_its_task", &[]);
    let mut peer = broker.accept_server();
    peer.run(FIRST);
    peer.expect_entered(FIRST);
    peer.expect_completed(FIRST, Some("com.example.mail Mail"));
    peer.leave(true);
    broker.app_succeeds();
}
