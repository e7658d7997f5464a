//! `oncue import systemd` reads what `oncue export --as systemd` writes.

use oncue_types::{Policy, Trigger};
use proptest::prelude::*;

use super::*;
use crate::commands::import::of_systemd;

/// Exports a task, and imports it again.
fn again(subject: &Subject) -> Subject {
    let how = How { scheduler: Scheduler::Systemd, values: Values::Written, image: None };
    let translation = how.translate(std::slice::from_ref(subject));
    let [service, timer] = translation.files() else { panic!("{:?}", translation.files()) };
    let name = timer.name.strip_suffix(".timer").unwrap();
    let toml = of_systemd(name, &timer.text, &service.text);
    let tasks = crate::declared::read("tasks.toml", Path::new("/"), &toml);
    let mut tasks = tasks.unwrap_or_else(|error| panic!("{error}\n{toml}"));
    assert_eq!(tasks.len(), 1, "{toml}");
    let spec = tasks.remove(0).spec(None).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    let (task, _) = spec.spec().unwrap();
    Subject::of(&task, spec.command.command().unwrap())
}

/// A text without the characters that systemd refuses in the value of a variable.
fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~\n\t]{0,12}", "[\\\\\"'$%;={}a\n ]{0,8}", "[a-zäöü日 ]{0,5}"]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![value(), "[\u{1}-\u{7f}]{0,6}"]
}

prop_compose! {
    fn any_subject()(
        name in "[a-zA-Z0-9._ @%\\\\äß-]{1,10}",
        trigger in prop_oneof!["every ([1-9]|[1-9]0)m", "calendar (Mon\\.\\.Fri )?[0-2]:[0-5][0-9]( UTC)?", "startup"],
        program in prop_oneof!["[a-z]{1,8}", "/[a-z%$ ;'\"]{0,8}x"],
        arguments in prop::collection::vec(word(), 0..5),
        folder in prop_oneof![Just("/".to_owned()), "/[a-z% $\"'ä]{0,8}x"],
        environment in prop::collection::btree_map("[A-Z_][A-Z0-9_]{0,5}", value(), 0..3),
        input in prop::option::of("/[a-z% $]{0,5}x"),
        success in prop_oneof!["0", "0,2", "0,3,255"],
        condition in prop_oneof![Just(None), Just(Some("ac")), Just(Some("not ac"))],
        skips in any::<bool>(),
        limits in prop_oneof!["", "time-limit=[1-9]m([1-9]s)?", "grace=[1-9]s", "slack=[2-9]s"],
        retry in prop_oneof!["", "retry=linear:[1-9]0s:[1-9]", "retry=exponential:[1-9]0s:[2-5]"],
    ) -> Subject {
        let mut subject = subject(&name, &[], &[&program]);
        subject.trigger = trigger.parse().unwrap();
        subject.command.arguments = arguments;
        subject.command.folder = folder;
        subject.command.environment.extend(environment.into_iter().filter(|(name, _)| !name.starts_with("ONCUE")));
        subject.command.input = input;
        subject.command.success = success.parse().unwrap();
        subject.condition = condition.map(|condition| condition.parse().unwrap());
        // Only a timer with a calendar expression can make up for what it has missed.
        let missed = if skips && subject.trigger.schedule().is_some() { "missed=skip" } else { "" };
        subject.policy = format!("{missed} {limits} {retry}").parse::<Policy>().unwrap();
        // A timer cannot say whether a task asks for the slack that it has anyway.
        let usual = subject.trigger.period().map(|period| period / 10);
        if subject.trigger == Trigger::Startup || subject.policy.slack == usual {
            subject.policy.slack = None;
        }
        subject
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gives_the_same_task(subject in any_subject()) {
        let again = again(&subject);
        prop_assert_eq!(&again.name, &subject.name);
        prop_assert_eq!(&again.trigger, &subject.trigger);
        prop_assert_eq!(&again.condition, &subject.condition);
        prop_assert_eq!(&again.command, &subject.command);
        prop_assert_eq!(again.policy.to_string(), subject.policy.to_string());
    }
}
