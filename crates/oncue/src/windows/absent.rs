//! What Windows does not support for tasks with a class id, with the reason and an alternative.

use crate::Error;

/// Triggers that Windows does not support for tasks with a class id: their first word, their name,
/// and what to do instead.
pub(crate) const TRIGGERS: [(&str, &str, &str); 12] = [
    (
        "on",
        "a SystemTrigger",
        "use a `TimeTrigger` with a condition such as `InternetAvailable` or `UserPresent`",
    ),
    (
        "maintenance",
        "a MaintenanceTrigger",
        "use a `TimeTrigger` with the condition `BackgroundWorkCostNotHigh`",
    ),
    (
        "application",
        "an ApplicationTrigger",
        "do the work in the process that would request it, or wait for a `TimeTrigger`",
    ),
    (
        "signal",
        "a CustomSystemEventTrigger",
        "use a `TimeTrigger`, and check in `run` whether there is something to do",
    ),
    ("calendar", "a CalendarTrigger", "use a `TimeTrigger`, and check the time in `run`"),
    ("cron", "a CalendarTrigger", "use a `TimeTrigger`, and check the time in `run`"),
    ("startup", "a StartupTrigger", "declare windows.startupTask in AppxManifest.xml"),
    ("path", "a PathTrigger", "use a `TimeTrigger`, and check the file in `run`"),
    ("tree", "a StorageLibraryContentChangedTrigger", "use a `TimeTrigger`, and check the folder in `run`"),
    ("device", "a DeviceTrigger", "use a `TimeTrigger`, and look for the device in `run`"),
    ("bus", "a BusSignalTrigger", "use a `TimeTrigger`"),
    (
        "push",
        "a push channel of UnifiedPush",
        "use Windows' own push service through the App SDK's `PushNotificationManager`",
    ),
];

/// Policies without a counterpart: their word, the reason, and what to do instead.
pub(crate) const POLICIES: [(&str, &str, &str); 7] = [
    (
        "slack",
        "Windows fires at its own quarter-hour tick",
        "omit `set_slack` on Windows, and expect a delay of up to 15 minutes",
    ),
    (
        "missed",
        "Windows itself decides what happens to missed firings",
        "omit `set_missed_firings` on Windows, and check the time in `run`",
    ),
    (
        "grace",
        "Windows itself sets how much time a cancelled task has, about 5 s",
        "omit `set_grace` on Windows, and end within 5 s of the cancellation",
    ),
    (
        "time-limit",
        "Windows has its own time limits",
        "omit `set_time_limit` on Windows, and limit the time in `run`",
    ),
    (
        "drop-after",
        "Windows holds a task until its conditions hold",
        "omit `hold_at_most` on Windows, and check the time in `run`",
    ),
    (
        "run-after",
        "Windows holds a task until its conditions hold",
        "omit `hold_at_most` on Windows, or omit the conditions and check them in `run`",
    ),
    ("retry", "Windows waits for the next firing", "omit `set_retry` on Windows, and retry inside `run`"),
];

/// Refuses a trigger.
pub(crate) fn no_trigger(text: &str) -> Error {
    let word = text.split(' ').next().unwrap_or(text);
    let known = TRIGGERS.iter().find(|(known, ..)| *known == word);
    let (name, instead) =
        known.map_or(("this trigger", "use a `TimeTrigger`"), |(_, name, instead)| (name, instead));
    Error::not_supported(
        format!("the trigger `{text}`: Windows does not support {name} for tasks with a class id"),
        instead,
    )
}

/// Refuses a policy.
pub(crate) fn no_policy(word: &str) -> Error {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    let (why, instead) = POLICIES
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or(("Windows has no counterpart", "omit it on Windows"), |(_, why, instead)| (why, instead));
    Error::not_supported(format!("the policy `{word}`: {why}"), instead)
}
