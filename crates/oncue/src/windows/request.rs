//! What to ask Windows to register, or why not: anything that it does not support for tasks with a
//! class id is refused by name, before the call.

use super::absent::{no_policy, no_trigger};
use crate::host::Wanted;
use crate::{BackgroundTaskRegistrationGroup, Error, Guid};

/// The minutes that a `TimeTrigger` can have; `Register` already refuses 43,200.
const FRESHNESS: std::ops::RangeInclusive<u32> = 15..=43_199;

/// A task that Windows can register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) group: Option<BackgroundTaskRegistrationGroup>,
    pub(crate) class: Guid,
    pub(crate) trigger: Trigger,
    /// Their numbers in WinRT.
    pub(crate) conditions: Vec<i32>,
    pub(crate) cancel_on_condition_loss: bool,
}

/// A trigger that Windows supports for tasks with a class id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    Time { minutes: u32, one_shot: bool },
}

/// The conditions that Windows supports, with WinRT's numbers.
const CONDITIONS: [(&str, i32); 8] = [
    ("user-present", 1),
    ("user-not-present", 2),
    ("internet", 3),
    ("no-internet", 4),
    ("session-connected", 5),
    ("session-disconnected", 6),
    ("free-network", 7),
    ("work-cost-not-high", 8),
];

/// Converts a task, or refuses it.
pub(crate) fn read(task: Wanted) -> Result<Request, Error> {
    let trigger = trigger(&task.trigger)?;
    // All conditions of a task must hold, and so must all parts joined by `and`.
    let conditions =
        task.conditions.iter().flat_map(|text| text.split(" and ").map(move |part| (text, part)));
    let conditions = conditions.map(|(text, part)| condition(text, part)).collect::<Result<_, _>>()?;
    let mut cancel_on_condition_loss = false;
    for word in &task.policy {
        match word.as_str() {
            "cancel-on-loss" => cancel_on_condition_loss = true,
            other => return Err(no_policy(other)),
        }
    }
    let Wanted { name, group, class, .. } = task;
    Ok(Request { name, group, class, trigger, conditions, cancel_on_condition_loss })
}

fn trigger(text: &str) -> Result<Trigger, Error> {
    let (minutes, one_shot) = time(text).ok_or_else(|| no_trigger(text))?;
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
    Ok(Trigger::Time { minutes, one_shot })
}

/// Parses `every 15m` and `once 15m`, the text form of a `TimeTrigger`.
fn time(text: &str) -> Option<(u32, bool)> {
    let (word, span) = text.split_once(' ')?;
    let one_shot = match word {
        "every" => false,
        "once" => true,
        _ => return None,
    };
    Some((span.strip_suffix('m')?.parse().ok()?, one_shot))
}

/// Converts a part of the condition `text`.
fn condition(text: &str, part: &str) -> Result<i32, Error> {
    let known = CONDITIONS.iter().find(|(word, _)| *word == part);
    known.map(|(_, number)| *number).ok_or_else(|| {
        Error::not_supported(
            format!("the condition `{text}`: Windows only supports the eight of SystemConditionType, all of which must hold"),
            "use one of these on Windows, or check the condition in `run`",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::absent::{POLICIES, TRIGGERS};
    use super::*;
    use crate::condition::sealed::Text as _;
    use crate::trigger::sealed::Text;
    use crate::{Code, Condition, SystemCondition, SystemConditionType as Type, TimeTrigger};

    fn wanted() -> Wanted {
        Wanted {
            name: "SampleTask".into(),
            group: None,
            class: Guid::from_u128(7),
            trigger: TimeTrigger::new(15, false).text(),
            conditions: Vec::new(),
            policy: Vec::new(),
        }
    }

    fn refusal(task: Wanted) -> (Code, String) {
        let error = read(task).unwrap_err();
        assert!(error.way_out().is_some(), "{error}");
        (error.code().unwrap(), error.to_string())
    }

    #[test]
    fn a_time_trigger_is_asked_for_as_it_is() {
        for (minutes, one_shot) in [(15, false), (60, true), (43_199, false)] {
            let trigger = TimeTrigger::new(minutes, one_shot).text();
            let request = read(Wanted { trigger, ..wanted() }).unwrap();
            assert_eq!(request.trigger, Trigger::Time { minutes, one_shot });
        }
    }

    #[test]
    fn minutes_out_of_range_are_refused_with_the_range() {
        for minutes in [0, 14, 43_200, u32::MAX] {
            let trigger = TimeTrigger::new(minutes, false).text();
            let (code, text) = refusal(Wanted { trigger, ..wanted() });
            assert_eq!(code, Code::InvalidArgument);
            assert_eq!(text, format!("a TimeTrigger of {minutes} minutes: Windows accepts 15 to 43199"));
        }
    }

    #[test]
    fn another_trigger_is_refused_by_name() {
        for (word, name, instead) in TRIGGERS {
            let error = read(Wanted { trigger: format!("{word} x"), ..wanted() }).unwrap_err();
            let text = error.to_string();
            assert!(error.is_not_supported() && text.contains(&format!("`{word} x`")), "{text}");
            assert!(text.contains(name), "{text}");
            assert_eq!(error.way_out(), Some(instead));
        }
    }

    #[test]
    fn the_triggers_of_this_crate_are_refused_by_their_own_names() {
        let recurrence = crate::CustomSystemEventTriggerRecurrence::Always;
        let triggers: [(&dyn Text, &str); 9] = [
            (&crate::SystemTrigger::new(crate::SystemTriggerType::UserAway, false), "a SystemTrigger"),
            (&crate::MaintenanceTrigger::new(15, false), "a MaintenanceTrigger"),
            (&crate::ApplicationTrigger::new(), "an ApplicationTrigger"),
            (&crate::CustomSystemEventTrigger::new("x", recurrence), "a CustomSystemEventTrigger"),
            (&crate::CalendarTrigger::on_calendar("daily"), "a CalendarTrigger"),
            (&crate::StartupTrigger::new(), "a StartupTrigger"),
            (&crate::PathTrigger::new("/x"), "a PathTrigger"),
            (&crate::DeviceTrigger::new("usb"), "a DeviceTrigger"),
            (&crate::BusSignalTrigger::new(crate::Bus::Session, "x"), "a BusSignalTrigger"),
        ];
        for (trigger, name) in triggers {
            let (code, text) = refusal(Wanted { trigger: trigger.text(), ..wanted() });
            assert_eq!(code, Code::NotSupported);
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn a_trigger_that_nobody_knows_yet_is_refused_as_well() {
        for trigger in ["when the moon is full", "every 90s", "every", ""] {
            let (code, text) = refusal(Wanted { trigger: trigger.into(), ..wanted() });
            assert_eq!(code, Code::NotSupported);
            assert!(text.starts_with(&format!("the trigger `{trigger}`: ")), "{text}");
        }
    }

    #[test]
    fn the_eight_conditions_have_the_numbers_of_winrt() {
        let all = [
            Type::UserPresent,
            Type::UserNotPresent,
            Type::InternetAvailable,
            Type::InternetNotAvailable,
            Type::SessionConnected,
            Type::SessionDisconnected,
            Type::FreeNetworkAvailable,
            Type::BackgroundWorkCostNotHigh,
        ];
        let conditions = all.iter().map(|kind| SystemCondition::new(*kind).text()).collect();
        let request = read(Wanted { conditions, ..wanted() }).unwrap();
        let numbers: Vec<_> = all.iter().map(|kind| *kind as i32).collect();
        assert_eq!(request.conditions, numbers);
    }

    #[test]
    fn conditions_that_must_all_hold_are_given_one_by_one() {
        let both = Condition::is(Type::InternetAvailable).and(Condition::is(Type::UserPresent));
        let conditions = vec![both.text(), Condition::is(Type::FreeNetworkAvailable).text()];
        assert_eq!(read(Wanted { conditions, ..wanted() }).unwrap().conditions, [3, 1, 7]);
    }

    #[test]
    fn a_condition_of_ours_is_refused_by_name() {
        for condition in ["ac", "not internet", "(internet or free-network)", "internet and ac"] {
            let (code, text) = refusal(Wanted { conditions: vec![condition.into()], ..wanted() });
            assert_eq!(code, Code::NotSupported);
            assert!(text.starts_with(&format!("the condition `{condition}`: ")), "{text}");
        }
    }

    #[test]
    fn the_policies_of_winrt_are_asked_for_and_ours_are_refused_by_name() {
        let request = read(Wanted { policy: vec!["cancel-on-loss".into()], ..wanted() }).unwrap();
        assert!(request.cancel_on_condition_loss);
        for (word, why, _) in POLICIES {
            let policy = vec!["cancel-on-loss".into(), format!("{word}=1m")];
            let (code, text) = refusal(Wanted { policy, ..wanted() });
            assert_eq!(code, Code::NotSupported);
            assert_eq!(text, format!("the policy `{word}=1m`: {why}"));
        }
        let (code, _) = refusal(Wanted { policy: vec!["on-a-whim".into()], ..wanted() });
        assert_eq!(code, Code::NotSupported);
    }

    #[test]
    fn every_policy_of_the_builder_is_known_here() {
        let class = Guid::from_u128(7);
        let minute = Duration::from_secs(60);
        let mut builder = crate::BackgroundTaskBuilder::new();
        builder
            .set_name("x")
            .set_task_entry_point_clsid(class)
            .set_trigger(TimeTrigger::new(15, false))
            .set_slack(minute)
            .set_missed_firings(crate::MissedFirings::Skip)
            .set_grace(minute)
            .set_time_limit(minute)
            .set_retry(crate::Retry::linear(minute, 2));
        let mut words = Vec::new();
        for end in [crate::HoldEnd::Drop, crate::HoldEnd::Run] {
            words.extend(builder.hold_at_most(minute, end).wanted().unwrap().policy);
        }
        for word in words {
            let name = word.split('=').next().unwrap();
            assert!(POLICIES.iter().any(|(known, ..)| *known == name), "{word}");
        }
    }
}
