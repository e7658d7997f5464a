//! The verbs that are not available on Windows: why, and what to do instead.

use std::ffi::OsString;

use crate::commands::man::NoVerb;
use crate::exit::Exit;
use crate::failure::Failure;

const KEEPS: &str = "Windows itself stores the tasks of packages";
const RUNS: &str = "Windows itself runs the tasks of packages";
const COMMANDS: &str = "Windows only runs tasks of packages";
const EVENTS: &str =
    "read the event log Microsoft-Windows-BackgroundTaskInfrastructure, its diagnostic channel";

/// A verb, why it is not available, and what to do instead.
const ELSEWHERE: [(&str, &str, &str); 31] = [
    ("add", COMMANDS, "create a package with `oncue package new`, or use `schtasks`"),
    ("edit", COMMANDS, "change the task of `schtasks`"),
    ("enable", COMMANDS, "`schtasks /change /enable`"),
    ("disable", COMMANDS, "`schtasks /change /disable`"),
    ("rename", COMMANDS, "`schtasks /query /xml`, then create it with another name"),
    ("progress", COMMANDS, "let the app call `set_progress`"),
    ("export", COMMANDS, "`schtasks /query /xml` writes tasks of Windows"),
    ("apply", COMMANDS, "`schtasks /create /xml` reads tasks of Windows"),
    ("import", COMMANDS, "`schtasks /create /xml` reads tasks of Windows"),
    ("list", KEEPS, "`Get-AppBackgroundTask`, in an elevated PowerShell"),
    ("show", KEEPS, "`Get-AppBackgroundTask -IncludeResourceUsage`, in an elevated PowerShell"),
    ("why", "Windows does not report why a task does not run", EVENTS),
    ("run", RUNS, "`Start-AppBackgroundTask -TaskID {ID}`, in an elevated PowerShell"),
    (
        "cancel",
        "Windows cannot cancel a single run",
        "let the app call `unregister(true)`, or remove its package",
    ),
    ("release", "Windows does not quarantine tasks", "start the server by hand to find the fault"),
    ("pause", "Windows does not pause tasks", "Settings, Apps, the app, Background apps permissions"),
    ("resume", "Windows does not pause tasks", "Settings, Apps, the app, Background apps permissions"),
    ("remove", KEEPS, "`Unregister-AppBackgroundTask -TaskID {ID}`, in an elevated PowerShell"),
    ("next", RUNS, "see the triggers with `Get-AppBackgroundTask`, in an elevated PowerShell"),
    ("timeline", "Windows keeps no ledger of runs", EVENTS),
    ("history", "Windows keeps no ledger of runs", EVENTS),
    ("logs", "Windows keeps no output of task servers", "let the task write to its local folder"),
    ("watch", RUNS, "let the app listen with `on_progress` and `on_completed`"),
    ("signal", RUNS, "tasks with a class id can only have a TimeTrigger"),
    ("simulate", "Windows uses its own facts", "change the machine itself: network, power, session"),
    (
        "calendar",
        "Windows has no calendar triggers for tasks",
        "use a TimeTrigger, and check the time in `run`",
    ),
    ("access", "the user sets it in Settings", "Settings, Apps, the app, Background apps permissions"),
    ("doctor", "oncue has no broker on Windows", "`oncue package check FOLDER`, and docs/windows.md"),
    ("service", "oncue has no broker to install on Windows", "nothing: Windows itself is the broker"),
    ("daemon", "Windows itself is the broker", "`oncue package add FOLDER`, and start the app once"),
    ("demo", "it shows oncue's own broker", "examples/primes/verify.ps1 shows the sample under Windows"),
];

/// The verb is not available on Windows.
#[derive(Debug, thiserror::Error)]
#[error("`oncue {verb}` is not available on Windows: {why}")]
struct Elsewhere {
    verb: &'static str,
    why: &'static str,
}

/// Returns why a verb is not available.
pub(super) fn refusal(words: &[OsString]) -> Failure {
    let verb = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match ELSEWHERE.iter().find(|(known, ..)| *known == verb) {
        Some(&(verb, why, instead)) => {
            Failure::new(Exit::Refused, Elsewhere { verb, why }).with_way_out(instead)
        }
        None => NoVerb { verb }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_of_another_host_is_known_and_another_is_not() {
        assert_eq!(refusal(&["why".into(), "x".into()]).exit(), Exit::Refused);
        assert_eq!(refusal(&["lisst".into()]).exit(), Exit::Usage);
    }
}
