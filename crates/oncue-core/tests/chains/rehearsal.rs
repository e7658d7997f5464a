//! Several changes that are only checked, each as if those before it had been made.

use std::sync::Arc;

use oncue_core::{
    Action, Answer, Command, Effect, Event, FamilyName, Limits, Proposal, Register, RegisterMode, Request,
    RequestId, Settings, TaskId, TaskSpec,
};

use crate::world::World;

fn spec(name: &str, trigger: &str) -> TaskSpec {
    TaskSpec {
        name: name.into(),
        group: None,
        action: Action::Command(Arc::new(Command::new("true", "/"))),
        trigger: trigger.parse().expect("a trigger"),
        condition: None,
        policy: None,
    }
}

fn new(name: &str, trigger: &str) -> Proposal {
    Proposal { task: None, spec: spec(name, trigger), mode: RegisterMode::New }
}

fn registered(world: &mut World, name: &str, trigger: &str) -> TaskId {
    let (spec, mode) = (spec(name, trigger), RegisterMode::New);
    let what = Request::Register(Box::new(Register { package: FamilyName::commands(), spec, mode }));
    let effects = world.handle(Event::Asked { request: RequestId(1), what });
    let answered = effects.after.into_iter().find_map(|effect| match effect {
        Effect::Reply { answer: Ok(Answer::Registered { task, .. }), .. } => Some(task),
        _ => None,
    });
    answered.expect("the task is registered")
}

fn said(world: &World, proposals: &[Proposal]) -> Vec<String> {
    let said =
        |result: Result<(), oncue_core::Refusal>| result.err().map_or(String::new(), |why| why.to_string());
    world.broker.rehearse(world.now, proposals).into_iter().map(said).collect()
}

#[test]
fn changes_are_checked_one_after_the_other_and_nothing_is_changed() {
    let limits = Limits { tasks_per_package: 4, ..Limits::default() };
    let mut world = World::new(Settings { limits, ..Settings::default() });
    let a = registered(&mut world, "a", "application");
    let b = registered(&mut world, "b", "after completed a");
    let change = |task, name: &str, trigger: &str| Proposal { task: Some(task), ..new(name, trigger) };
    let proposals = [
        new("c", "after completed d"),
        new("d", "after any b"),
        new("c", "after completed d"),
        new("c", "every 1h"),
        change(a, "a", "after failed c"),
        change(a, "z", "after any a"),
        change(a, "z", "application"),
        change(b, "b", "after completed a"),
        change(b, "b", "after completed z"),
        new("a", "every 1h"),
        new("e", "every 30d"),
    ];
    let expected = [
        "there is no command d to run after",
        "",
        "",
        "task c is already registered",
        "the chain would be a circle: a after c after d after b after a",
        "the chain would be a circle: z after a",
        "",
        "there is no command a to run after",
        "",
        "too many tasks of one package (limit: 4)",
        "minutes",
    ];
    let said = said(&world, &proposals);
    for (at, (said, expected)) in said.iter().zip(expected).enumerate() {
        let is_so = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        assert!(is_so, "{at}: {said}");
    }
    assert_eq!(world.broker.task_ids(None).count(), 2);
}
