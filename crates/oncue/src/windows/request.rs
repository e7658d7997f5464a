//! What to ask Windows to register, or why not: anything that it does not support for tasks with a
//! class id is refused by name, before the call.

use oncue_types::{Action, Condition, Guid, TaskSpec};

use super::absent::{check_policy, time};
use crate::condition::SystemConditionType;
use crate::error::Error;
use crate::group::BackgroundTaskRegistrationGroup;

/// The minutes that a `TimeTrigger` can have; `Register` already refuses 43,200.
const FRESHNESS: std::ops::RangeInclusive<u32> = 15..=43_199;

/// A task that Windows can register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) group: Option<BackgroundTaskRegistrationGroup>,
    pub(crate) class: Guid,
    pub(crate) trigger: Time,
    pub(crate) conditions: Vec<SystemConditionType>,
    pub(crate) cancel_on_condition_loss: bool,
}

/// A `TimeTrigger`, the only trigger that Windows supports for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) minutes: u32,
    pub(crate) one_shot: bool,
}

/// Converts a task to what Windows is asked for, or refuses what it does not support.
pub(crate) fn of(task: TaskSpec) -> Result<Request, Error> {
    let trigger = in_range(time(&task.trigger)?)?;
    let mut conditions = Vec::new();
    if let Some(condition) = &task.condition {
        gather(condition, &mut conditions)?;
    }
    let policy = task.policy.map(|policy| *policy).unwrap_or_default();
    check_policy(&policy)?;
    Ok(Request {
        name: task.name.as_ref().into(),
        group: task.group.map(|group| BackgroundTaskRegistrationGroup::of_meaning(*group)),
        class: class(&task.action)?,
        trigger,
        conditions,
        cancel_on_condition_loss: policy.cancel_on_condition_loss,
    })
}

fn class(action: &Action) -> Result<Guid, Error> {
    action.class().ok_or_else(|| {
        Error::not_supported(
            "Windows runs no commands as background tasks",
            "use the Task Scheduler for them",
        )
    })
}

/// Checks the range that Windows accepts.
fn in_range(time: Time) -> Result<Time, Error> {
    let minutes = time.minutes;
    if !FRESHNESS.contains(&minutes) {
        return Err(Error::invalid(
            format!(
                "a TimeTrigger of {minutes} minutes: Windows accepts {} to {}",
                FRESHNESS.start(),
                FRESHNESS.end()
            ),
            "use a number of minutes in this range",
        ));
    }
    Ok(time)
}

/// Gathers the conditions of WinRT that `condition` joins by `and`; Windows has no other way to join them.
fn gather(condition: &Condition, found: &mut Vec<SystemConditionType>) -> Result<(), Error> {
    let known = match condition {
        Condition::All(parts) => return parts.iter().try_for_each(|part| gather(part, found)),
        Condition::Is(predicate) => {
            SystemConditionType::ALL.into_iter().find(|kind| kind.predicate() == *predicate)
        }
        Condition::Not(_) | Condition::Any(_) => None,
    };
    found.push(known.ok_or_else(|| {
        Error::not_supported(
            format!("the condition `{condition}`: Windows only supports the eight of SystemConditionType, all of which must hold"),
            "use one of these on Windows, or check the condition in `run`",
        )
    })?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::absent::no_trigger;
    use super::*;
    use crate::builder::BackgroundTaskBuilder;
    use crate::condition::SystemCondition;
    use crate::condition::sealed::Meaning as _;
    use crate::trigger::sealed::Meaning;
    use crate::trigger::{OneShot, TimeTrigger};
    use crate::{Condition as Ours, SystemConditionType as Type, SystemTrigger, SystemTriggerType};
    use oncue_types::{HoldEnd, Missed as MissedFirings, Retry};
    use oncue_wire::Code;

    /// A task as the builder gathers it.
    fn wanted(set: impl FnOnce(&mut BackgroundTaskBuilder) -> &mut BackgroundTaskBuilder) -> TaskSpec {
        let mut builder = BackgroundTaskBuilder::new();
        builder
            .set_name("SampleTask")
            .set_task_entry_point_clsid(Guid::from_u128(7))
            .set_trigger(TimeTrigger::new(15, OneShot::No));
        set(&mut builder);
        builder.spec().unwrap()
    }

    fn refusal(task: TaskSpec) -> (Code, String) {
        let error = of(task).unwrap_err();
        assert!(error.way_out().is_some(), "{error}");
        (error.code().unwrap(), error.to_string())
    }

    #[test]
    fn a_time_trigger_is_asked_for_as_it_is() {
        for (minutes, one_shot) in [(15, OneShot::No), (60, OneShot::Yes), (43_199, OneShot::No)] {
            let task = wanted(|task| task.set_trigger(TimeTrigger::new(minutes, one_shot)));
            assert_eq!(of(task).unwrap().trigger, Time { minutes, one_shot: one_shot == OneShot::Yes });
        }
    }

    #[test]
    fn minutes_out_of_range_are_refused_with_the_range() {
        for minutes in [0, 14, 43_200, u32::MAX] {
            let task = wanted(|task| task.set_trigger(TimeTrigger::new(minutes, OneShot::No)));
            let (code, text) = refusal(task);
            assert_eq!(code, Code::InvalidArgument);
            assert_eq!(text, format!("a TimeTrigger of {minutes} minutes: Windows accepts 15 to 43199"));
        }
    }

    #[test]
    fn another_trigger_is_refused_by_its_own_name() {
        let recurrence = crate::CustomSystemEventTriggerRecurrence::Always;
        let triggers: [(&dyn Meaning, &str); 11] = [
            (&SystemTrigger::new(SystemTriggerType::UserAway, OneShot::No), "a SystemTrigger"),
            (&crate::MaintenanceTrigger::new(15, OneShot::No), "a MaintenanceTrigger"),
            (&crate::ApplicationTrigger::new(), "an ApplicationTrigger"),
            (&crate::CustomSystemEventTrigger::new("x", recurrence), "a CustomSystemEventTrigger"),
            (&crate::CalendarTrigger::on_calendar("daily"), "a CalendarTrigger"),
            (&crate::StartupTrigger::new(), "a StartupTrigger"),
            (&crate::PathTrigger::new("/x"), "a PathTrigger"),
            (
                &crate::StorageLibraryContentChangedTrigger::create("/x"),
                "a StorageLibraryContentChangedTrigger",
            ),
            (&crate::DeviceTrigger::new("usb"), "a DeviceTrigger"),
            (&crate::BusSignalTrigger::new(crate::Bus::Session, "x"), "a BusSignalTrigger"),
            (&crate::PushNotificationTrigger::new(), "a push channel of UnifiedPush"),
        ];
        for (trigger, name) in triggers {
            let trigger = trigger.meaning().unwrap();
            let (code, text) = refusal(TaskSpec { trigger: trigger.clone(), ..wanted(|task| task) });
            assert_eq!(code, Code::NotSupported);
            assert!(
                text.starts_with(&format!("the trigger `{trigger}`: Windows does not support {name} ")),
                "{text}"
            );
        }
    }

    #[test]
    fn an_event_that_only_windows_has_is_refused_as_a_system_trigger() {
        let trigger = SystemTrigger::new(SystemTriggerType::SmsReceived, OneShot::No);
        let refused = no_trigger(&trigger.meaning().unwrap_err());
        assert!(refused.is_not_supported());
        let text = refused.to_string();
        assert!(
            text.starts_with("the trigger `on sms-received`: Windows does not support a SystemTrigger"),
            "{text}"
        );
    }

    #[test]
    fn the_eight_conditions_have_the_numbers_of_winrt() {
        let task = wanted(|task| {
            Type::ALL.into_iter().fold(task, |task, kind| task.add_condition(SystemCondition::new(kind)))
        });
        assert_eq!(of(task).unwrap().conditions, Type::ALL);
        assert_eq!(Type::ALL.map(|kind| kind as i32), [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn conditions_that_must_all_hold_are_given_one_by_one() {
        let both = Ours::is(Type::InternetAvailable).and(Ours::is(Type::UserPresent));
        let task =
            wanted(|task| task.add_condition(both).add_condition(Ours::is(Type::FreeNetworkAvailable)));
        let given = [Type::InternetAvailable, Type::UserPresent, Type::FreeNetworkAvailable];
        assert_eq!(of(task).unwrap().conditions, given);
    }

    #[test]
    fn a_condition_of_ours_is_refused_by_name() {
        let internet = || Ours::is(Type::InternetAvailable);
        for condition in [
            Ours::on_ac(),
            !internet(),
            internet().or(Ours::is(Type::FreeNetworkAvailable)),
            Ours::battery_above(50),
        ] {
            let name = condition.meaning().to_string();
            let task = wanted(|task| task.add_condition(internet()).add_condition(condition));
            let (code, text) = refusal(task);
            assert_eq!(code, Code::NotSupported);
            assert!(text.starts_with(&format!("the condition `{name}`: ")), "{text}");
        }
    }

    #[test]
    fn the_policy_of_winrt_is_asked_for_and_ours_are_refused_by_name() {
        let request = of(wanted(|task| task.set_cancel_on_condition_loss(true))).unwrap();
        assert!(request.cancel_on_condition_loss);
        let minute = Duration::from_secs(60);
        type Set = fn(&mut BackgroundTaskBuilder, Duration) -> &mut BackgroundTaskBuilder;
        let all: [(Set, &str); 7] = [
            (|task, span| task.set_slack(span), "slack=1m"),
            (|task, _| task.set_missed_firings(MissedFirings::Skip), "missed=skip"),
            (|task, span| task.set_grace(span), "grace=1m"),
            (|task, span| task.set_time_limit(span), "time-limit=1m"),
            (|task, span| task.hold_at_most(span, HoldEnd::Drop), "drop-after=1m"),
            (|task, span| task.hold_at_most(span, HoldEnd::Run), "run-after=1m"),
            (|task, span| task.set_retry(Retry::linear(span, 2)), "retry=linear:1m:2"),
        ];
        for (set, name) in all {
            let task = wanted(|task| {
                task.set_cancel_on_condition_loss(true);
                set(task, minute)
            });
            let (code, text) = refusal(task);
            assert_eq!(code, Code::NotSupported);
            assert!(text.starts_with(&format!("the policy `{name}`: ")), "{text}");
        }
    }
}
