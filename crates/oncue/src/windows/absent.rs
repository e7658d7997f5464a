//! What Windows does not give to a task with a class id: by name, with the reason and an alternative.

use crate::Error;

/// Triggers that Windows does not give to a task with a class id: their first word, their name, and
/// what to do instead.
pub(crate) const TRIGGERS: [(&str, &str, &str); 12] = [
    (
        "on",
        "a SystemTrigger",
        "use a `TimeTrigger` with a condition, as `InternetAvailable` or `UserPresent`",
    ),
    (
        "maintenance",
        "a MaintenanceTrigger",
        "use a `TimeTrigger` with the condition `BackgroundWorkCostNotHigh`",
    ),
    (
        "application",
        "an ApplicationTrigger",
        "do that work in the process that would ask for it, or wait for a `TimeTrigger`",
    ),
    (
        "signal",
        "a CustomSystemEventTrigger",
        "look in a `TimeTrigger`'s run whether there is something to do",
    ),
    ("calendar", "a CalendarTrigger", "use a `TimeTrigger`, and look at the clock in `run`"),
    ("cron", "a CalendarTrigger", "use a `TimeTrigger`, and look at the clock in `run`"),
    ("startup", "a StartupTrigger", "declare windows.startupTask in AppxManifest.xml"),
    ("path", "a PathTrigger", "look at the file in a `TimeTrigger`'s run"),
    ("tree", "a StorageLibraryContentChangedTrigger", "look at the folder in a `TimeTrigger`'s run"),
    ("device", "a DeviceTrigger", "look for the device in a `TimeTrigger`'s run"),
    ("bus", "a BusSignalTrigger", "use a `TimeTrigger`"),
    (
        "push",
        "a push channel of UnifiedPush",
        "use Windows' own push service by `PushNotificationManager` of the App SDK",
    ),
];

/// Policies without a counterpart: their word, why, and what to do instead.
pub(crate) const POLICIES: [(&str, &str, &str); 7] = [
    (
        "slack",
        "Windows fires at its own quarter-hour tick",
        "leave out `set_slack` on Windows, and expect up to 15 minutes of delay",
    ),
    (
        "missed",
        "Windows decides by itself what becomes of missed firings",
        "leave out `set_missed_firings` on Windows, and have the task look at the clock",
    ),
    (
        "grace",
        "Windows itself says how long a cancelled task has, about 5 s",
        "leave out `set_grace` on Windows, and end within 5 s of the cancellation",
    ),
    (
        "time-limit",
        "Windows has time limits of its own",
        "leave out `set_time_limit` on Windows, and have `run` end by its own clock",
    ),
    (
        "drop-after",
        "Windows holds a task until its conditions hold",
        "leave out `hold_at_most` on Windows, and have the task look at the clock",
    ),
    (
        "run-after",
        "Windows holds a task until its conditions hold",
        "leave out `hold_at_most` on Windows, or the conditions, and look at them in `run`",
    ),
    (
        "retry",
        "Windows waits for the next firing",
        "leave out `set_retry` on Windows, and try again inside `run`",
    ),
];

/// Refuses a trigger.
pub(crate) fn no_trigger(text: &str) -> Error {
    let word = text.split(' ').next().unwrap_or(text);
    let known = TRIGGERS.iter().find(|(known, ..)| *known == word);
    let (name, instead) = known.map_or(("that", "use a `TimeTrigger`"), |(_, name, instead)| (name, instead));
    Error::not_supported(
        format!("the trigger `{text}`: Windows does not give {name} to a task with a class id"),
        instead,
    )
}

/// Refuses a policy.
pub(crate) fn no_policy(word: &str) -> Error {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    let (why, instead) = POLICIES
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or(("Windows has nothing like it", "leave it out on Windows"), |(_, why, instead)| {
            (why, instead)
        });
    Error::not_supported(format!("the policy `{word}`: {why}"), instead)
}
