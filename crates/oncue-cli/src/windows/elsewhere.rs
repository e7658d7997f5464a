//! The verbs that have no meaning on Windows: why, and who does it there.

use std::ffi::OsString;

use crate::failure::Failure;

const KEEPS: &str = "Windows keeps the tasks of packages itself";
const RUNS: &str = "Windows runs the tasks of packages itself";
const EVENTS: &str =
    "read the event log Microsoft-Windows-BackgroundTaskInfrastructure, its diagnostic channel";

/// A verb, why it has no meaning, and what to do instead.
const ELSEWHERE: [(&str, &str, &str); 19] = [
    (
        "add",
        "Windows runs tasks of packages only",
        "make a package with `oncue package new`, or use `schtasks`",
    ),
    ("list", KEEPS, "`Get-AppBackgroundTask`, in an elevated PowerShell"),
    ("show", KEEPS, "`Get-AppBackgroundTask -IncludeResourceUsage`, in an elevated PowerShell"),
    ("why", "Windows does not tell why a task does not run", EVENTS),
    ("run", RUNS, "`Start-AppBackgroundTask -TaskID {ID}`, in an elevated PowerShell"),
    ("cancel", "Windows cancels no single run", "let the app call `unregister(true)`, or remove its package"),
    ("release", "Windows quarantines no task", "look for the fault: start the server by hand"),
    ("remove", KEEPS, "`Unregister-AppBackgroundTask -TaskID {ID}`, in an elevated PowerShell"),
    ("history", "Windows keeps no ledger of runs", EVENTS),
    ("logs", "Windows keeps no output of task servers", "let the task write into its local folder"),
    ("watch", RUNS, "let the app listen with `on_progress` and `on_completed`"),
    ("signal", RUNS, "Windows starts tasks with a class id by a TimeTrigger only"),
    ("simulate", "the facts are Windows' own", "change the machine itself: network, power, session"),
    (
        "calendar",
        "Windows has no triggers by calendar for tasks",
        "use a TimeTrigger, and look at the clock in `run`",
    ),
    ("access", "the user says it in Settings", "Settings, Apps, the app, Background apps permissions"),
    ("doctor", "there is no broker of oncue's", "`oncue package check FOLDER`, and docs/windows.md"),
    ("service", "there is no broker of oncue's to install", "nothing: Windows itself is the broker"),
    ("daemon", "Windows itself is the broker", "`oncue package add FOLDER`, and start the app once"),
    ("demo", "it shows oncue's own broker", "examples/primes/verify.ps1 shows the sample under Windows"),
];

/// Returns why a verb cannot be performed here.
pub(super) fn refusal(words: &[OsString]) -> Failure {
    let verb = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match ELSEWHERE.iter().find(|(known, ..)| *known == verb) {
        Some(&(verb, why, instead)) => Failure::Elsewhere { verb, why, instead },
        None => Failure::NoVerb { verb },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_of_another_host_is_known_and_another_is_not() {
        assert!(matches!(refusal(&["why".into(), "x".into()]), Failure::Elsewhere { verb: "why", .. }));
        assert!(matches!(refusal(&["lisst".into()]), Failure::NoVerb { .. }));
    }
}
