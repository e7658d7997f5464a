//! What an `HRESULT` of Windows means here, and how to mend it.

use std::fmt;

use oncue_wire::Code;

/// Which call to Windows gave it; the same number means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Register,
    AllTasks,
    Unregister,
    Listen,
    Access,
    Package,
    LocalFolder,
    Serve,
    Revoke,
    Thread,
}

/// What an `HRESULT` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Which refusal it is; nothing for a fault.
    pub(crate) code: Option<Code>,
    /// The facts, as a lowercase fragment.
    pub(crate) facts: &'static str,
    /// What the caller can do.
    pub(crate) way_out: &'static str,
}

/// A number, the calls it holds for (none: all of them), and what it means there; the first row
/// that fits is taken.
type Row = (u32, &'static [Call], Option<Code>, &'static str, &'static str);

const IDENTITY: &str = "start the program from its installed package: `Add-AppxPackage -Register AppxManifest.xml`, then by its tile or alias";
const MANIFEST: &str =
    "declare it as com:Class below windows.comServer in AppxManifest.xml, and register the package again";
const VERSION: &str = "use Windows 10 version 2004 (build 19041) or later";
const AGAIN: &str = "try again; look into the event log of BackgroundTaskInfrastructure if it stays so";
const OURS: &str = "this is a mistake in oncue: report it with this number";

const ROWS: [Row; 36] = [
    (
        0x8007_0057,
        &[Call::Register],
        Some(Code::InvalidArgument),
        "Windows takes no task of that form",
        "give a TimeTrigger 15 to 43,199 minutes, and conditions that do not repeat",
    ),
    (0x8007_0057, &[], Some(Code::InvalidArgument), "Windows takes no such argument", OURS),
    (
        0x8007_0032,
        &[],
        Some(Code::NotSupported),
        "Windows does not give this to a task with a class id",
        "use a TimeTrigger, or a WinRT component with an entry point of its own",
    ),
    (
        0x8004_0154,
        &[Call::Register],
        Some(Code::ClassNotDeclared),
        "the package's manifest declares no such class, or this Windows lacks background tasks",
        MANIFEST,
    ),
    (
        0x8004_0154,
        &[Call::Serve],
        Some(Code::ClassNotDeclared),
        "the package's manifest declares no such class",
        MANIFEST,
    ),
    (0x8004_0154, &[], Some(Code::NotSupported), "this Windows lacks background tasks", VERSION),
    (
        0x8007_0490,
        &[Call::Unregister],
        Some(Code::UnknownTask),
        "the task is no longer registered",
        "list the tasks that are registered",
    ),
    (0x8007_0490, &[], Some(Code::NoIdentity), "this process has no package identity", IDENTITY),
    (0x8007_3d54, &[], Some(Code::NoIdentity), "this process has no package identity", IDENTITY),
    (
        0x8007_3d55,
        &[],
        Some(Code::NoIdentity),
        "this process's package is damaged or being removed",
        "install the package again",
    ),
    (
        0x8007_0718,
        &[],
        Some(Code::NotEnoughQuota),
        "Windows gives the package no more tasks of that trigger",
        "unregister what is registered already: look at `BackgroundTaskRegistration::all_tasks`",
    ),
    (
        0x8007_0005,
        &[Call::Serve],
        Some(Code::AccessDenied),
        "this process may not serve the class",
        "serve from the package that declares the class, and not elevated",
    ),
    (
        0x8007_0005,
        &[Call::Register, Call::Access],
        Some(Code::AccessDenied),
        "the user or a policy denies the package to run in the background",
        "ask with `BackgroundExecutionManager::request_access`, and see Settings, Apps, Background apps permissions",
    ),
    (
        0x8007_0005,
        &[],
        Some(Code::AccessDenied),
        "Windows denies it to this process",
        "run it as the user who installed the package, not elevated",
    ),
    (
        0x8000_4002,
        &[],
        Some(Code::NotSupported),
        "this Windows is too old for tasks with a class id",
        VERSION,
    ),
    (0x8000_4001, &[], Some(Code::NotSupported), "this Windows does not implement it", VERSION),
    (0x8000_4005, &[], None, "Windows does not say what went wrong", AGAIN),
    (0x8000_ffff, &[], None, "Windows did not expect this", AGAIN),
    (0x8007_000e, &[], None, "there is not enough memory", "end other programs, and try again"),
    (
        0x8007_001f,
        &[],
        None,
        "Windows could not start the task server",
        "do not run elevated or as the built-in administrator, and look into the event log of DistributedCOM",
    ),
    (
        0x8008_0005,
        &[],
        None,
        "the task server was started and did not register its class in time",
        "register the class first thing in `main`; System event 10010 of DistributedCOM names the class",
    ),
    (0x8008_0008, &[], Some(Code::Stopping), "the task server is about to end", "try again"),
    (
        0x8000_4015,
        &[],
        Some(Code::AccessDenied),
        "the class is declared for another program or another user",
        "let the declared executable serve it, under the same user",
    ),
    (
        0x8004_0110,
        &[],
        Some(Code::InvalidArgument),
        "a task cannot be part of another COM object",
        "create it without an outer object",
    ),
    (
        0x8004_0111,
        &[],
        Some(Code::ClassNotDeclared),
        "the program serves no such class",
        "register the class id that the manifest declares",
    ),
    (
        0x8004_01fb,
        &[],
        Some(Code::InvalidArgument),
        "that class object is not registered",
        "revoke a class object once, at the server that registered it",
    ),
    (
        0x8004_01fc,
        &[],
        Some(Code::InvalidArgument),
        "the class object is registered already",
        "register a class once in each process",
    ),
    (0x8004_01f0, &[], None, "COM is not initialised on this thread", OURS),
    (0x8001_0106, &[], None, "this thread belongs to another apartment", OURS),
    (
        0x8001_010e,
        &[],
        None,
        "the call came from a thread of another apartment",
        "call it from a thread of the multithreaded apartment",
    ),
    (0x8001_0108, &[], None, "the other side of the call is gone", AGAIN),
    (
        0x8001_0105,
        &[],
        None,
        "the other side of the call crashed",
        "look into the Application event log for its crash",
    ),
    (0x8007_06ba, &[], None, "the background service of Windows cannot be reached", AGAIN),
    (0x8007_06be, &[], None, "the background service of Windows ended during the call", AGAIN),
    (0x8007_05b4, &[], None, "Windows did not answer in time", AGAIN),
    (
        0xc000_027b,
        &[],
        None,
        "Windows' own host of the task crashed",
        "do not run elevated or as the built-in administrator, and look into the Application event log",
    ),
];

/// Says what a number means when that call gave it; nothing for a number that is not known here.
pub(crate) fn meaning(call: Call, hresult: u32) -> Option<Meaning> {
    let fits = |row: &&Row| row.0 == hresult && (row.1.is_empty() || row.1.contains(&call));
    ROWS.iter().find(fits).map(|row| Meaning { code: row.2, facts: row.3, way_out: row.4 })
}

/// As Microsoft's documentation names it.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Register => "BackgroundTaskBuilder.Register",
            Self::AllTasks => "BackgroundTaskRegistration.AllTasks",
            Self::Unregister => "BackgroundTaskRegistration.Unregister",
            Self::Listen => "an event of BackgroundTaskRegistration",
            Self::Access => "BackgroundExecutionManager",
            Self::Package => "Package.Current",
            Self::LocalFolder => "ApplicationData.LocalFolder",
            Self::Serve => "CoRegisterClassObject",
            Self::Revoke => "CoRevokeClassObject",
            Self::Thread => "a thread that may call Windows",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: [Call; 10] = [
        Call::Register,
        Call::AllTasks,
        Call::Unregister,
        Call::Listen,
        Call::Access,
        Call::Package,
        Call::LocalFolder,
        Call::Serve,
        Call::Revoke,
        Call::Thread,
    ];

    #[test]
    fn every_row_can_be_reached() {
        for row in &ROWS {
            let reached =
                CALLS.iter().any(|call| meaning(*call, row.0).is_some_and(|found| found.facts == row.3));
            assert!(reached, "0x{:08x}: {}", row.0, row.3);
        }
    }

    #[test]
    fn the_same_number_means_what_the_call_makes_of_it() {
        let code = |call, hresult| meaning(call, hresult).and_then(|meaning| meaning.code);
        assert_eq!(code(Call::Register, 0x8004_0154), Some(Code::ClassNotDeclared));
        assert_eq!(code(Call::Access, 0x8004_0154), Some(Code::NotSupported));
        assert_eq!(code(Call::AllTasks, 0x8007_0490), Some(Code::NoIdentity));
        assert_eq!(code(Call::Serve, 0x8008_0005), None);
        assert_eq!(meaning(Call::Register, 0x8123_4567), None);
    }

    #[test]
    fn a_refusal_has_the_number_that_the_code_stands_for_elsewhere() {
        // The numbers that Windows and oncue's broker give for the same must be the same.
        for (call, hresult) in [
            (Call::Register, 0x8007_0057),
            (Call::Register, 0x8007_0032),
            (Call::Register, 0x8004_0154),
            (Call::AllTasks, 0x8007_0490),
            (Call::Register, 0x8007_0718),
            (Call::Register, 0x8007_0005),
            (Call::Unregister, 0x8007_0490),
            (Call::Serve, 0x8008_0008),
        ] {
            let code = meaning(call, hresult).and_then(|meaning| meaning.code);
            assert_eq!(code.map(Code::hresult), Some(hresult), "{call}");
        }
    }

    #[test]
    fn facts_and_ways_out_are_fragments() {
        for row in &ROWS {
            for text in [row.3, row.4] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }
}
