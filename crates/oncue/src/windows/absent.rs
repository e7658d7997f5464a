//! What Windows does not support for tasks with a class id, with the reason and an alternative.

use std::fmt;

use oncue_types::{HoldEnd, Policy, Trigger, TriggerError, Watch};

use super::request::Time;
use crate::error::Error;

/// A trigger that Windows does not support for tasks with a class id: its name, and what to use instead.
type Absent = (&'static str, &'static str);

const SYSTEM: Absent =
    ("a SystemTrigger", "use a `TimeTrigger` with a condition such as `InternetAvailable` or `UserPresent`");

/// Returns the only trigger that Windows supports for tasks with a class id; refuses the others by name.
pub(crate) fn time(trigger: &Trigger) -> Result<Time, Error> {
    let absent = match trigger {
        Trigger::Time { minutes, one_shot } => {
            return Ok(Time { minutes: *minutes, one_shot: *one_shot });
        }
        Trigger::System { .. } => SYSTEM,
        Trigger::Maintenance { .. } => {
            ("a MaintenanceTrigger", "use a `TimeTrigger` with the condition `BackgroundWorkCostNotHigh`")
        }
        Trigger::Application => (
            "an ApplicationTrigger",
            "do the work in the process that would request it, or wait for a `TimeTrigger`",
        ),
        Trigger::Signal { .. } => (
            "a CustomSystemEventTrigger",
            "use a `TimeTrigger`, and check in `run` whether there is something to do",
        ),
        Trigger::Calendar(_) => ("a CalendarTrigger", "use a `TimeTrigger`, and check the time in `run`"),
        Trigger::After { .. } => ("a trigger for the end of another run", "do both in one run"),
        Trigger::Startup => ("a StartupTrigger", "declare windows.startupTask in AppxManifest.xml"),
        Trigger::Watch(watch) => match &**watch {
            Watch::Path { deep: false, .. } => {
                ("a PathTrigger", "use a `TimeTrigger`, and check the file in `run`")
            }
            Watch::Path { deep: true, .. } => (
                "a StorageLibraryContentChangedTrigger",
                "use a `TimeTrigger`, and check the folder in `run`",
            ),
            Watch::Device { .. } => {
                ("a DeviceTrigger", "use a `TimeTrigger`, and look for the device in `run`")
            }
            Watch::Bus { .. } => ("a BusSignalTrigger", "use a `TimeTrigger`"),
            Watch::Push => (
                "a push channel of UnifiedPush",
                "use Windows' own push service through the App SDK's `PushNotificationManager`",
            ),
        },
    };
    Err(refused(trigger, absent))
}

/// Refuses a trigger that has no counterpart in the vocabulary, such as a system event that only Windows
/// has.
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "only Windows has such events"))]
pub(crate) fn no_trigger(error: &TriggerError) -> Error {
    if let TriggerError::Unsupported { name, .. } = error {
        return refused(&format!("on {name}"), SYSTEM);
    }
    refused(error, SYSTEM)
}

fn refused(trigger: &dyn fmt::Display, (name, instead): Absent) -> Error {
    let facts = format!("the trigger `{trigger}`: Windows does not support {name} for tasks with a class id");
    Error::not_supported(facts, instead)
}

/// Returns an error if a policy is set that has no counterpart on Windows.
pub(crate) fn check_policy(policy: &Policy) -> Result<(), Error> {
    // All fields are named, so that a new policy does not compile before it is judged here.
    let Policy {
        disabled,
        missed,
        slack,
        cancel_on_condition_loss: _,
        hold_limit,
        time_limit,
        grace,
        priority,
        notify,
        queue,
        retry,
    } = policy.clone();
    let none = Policy::default;
    let after_hold = match hold_limit.map(|limit| limit.then) {
        Some(HoldEnd::Run) => {
            "omit `hold_at_most` on Windows, or omit the conditions and check them in `run`"
        }
        Some(HoldEnd::Drop) | None => "omit `hold_at_most` on Windows, and check the time in `run`",
    };
    let absent = [
        (
            Policy { notify, ..none() },
            "Windows shows no notifications of its own about background tasks",
            "show one from the task's code",
        ),
        (
            Policy { priority, ..none() },
            "Windows itself decides the priority of a task server",
            "set the priority of the process in its `main`",
        ),
        (Policy { queue, ..none() }, "Windows has no queues of tasks", "take a lock in `run` instead"),
        (
            Policy { disabled, ..none() },
            "Windows cannot ignore a task's trigger",
            "unregister the task instead, and register it again later",
        ),
        (
            Policy { slack, ..none() },
            "Windows fires at its own quarter-hour tick",
            "omit `set_slack` on Windows, and expect a delay of up to 15 minutes",
        ),
        (
            Policy { missed, ..none() },
            "Windows itself decides what happens to missed firings",
            "omit `set_missed_firings` on Windows, and check the time in `run`",
        ),
        (
            Policy { grace, ..none() },
            "Windows itself sets how much time a cancelled task has, about 5 s",
            "omit `set_grace` on Windows, and end within 5 s of the cancellation",
        ),
        (
            Policy { time_limit, ..none() },
            "Windows has its own time limits",
            "omit `set_time_limit` on Windows, and limit the time in `run`",
        ),
        (Policy { hold_limit, ..none() }, "Windows holds a task until its conditions hold", after_hold),
        (
            Policy { retry, ..none() },
            "Windows waits for the next firing",
            "omit `set_retry` on Windows, and retry inside `run`",
        ),
    ];
    match absent.into_iter().find(|(part, ..)| *part != none()) {
        None => Ok(()),
        Some((part, why, instead)) => {
            Err(Error::not_supported(format!("the policy `{part}`: {why}"), instead))
        }
    }
}
