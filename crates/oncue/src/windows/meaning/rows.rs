//! All `HRESULT`s that are known here: those of Windows' background tasks, and those of COM's
//! servers.

use oncue_wire::Code;

use super::Call;

/// A number, the calls it applies to (if empty, all), and its meaning. The first row that matches
/// is used.
pub(super) type Row = (u32, &'static [Call], Option<Code>, &'static str, &'static str);

const IDENTITY: &str = "start the program from its installed package: `Add-AppxPackage -Register AppxManifest.xml`, then by its tile or alias";
const MANIFEST: &str =
    "declare it as com:Class below windows.comServer in AppxManifest.xml, and register the package again";
const VERSION: &str = "use Windows 10 version 2004 (build 19041) or later";
const AGAIN: &str = "retry; see the event log of BackgroundTaskInfrastructure if this persists";
const OURS: &str = "this is a bug in oncue: report it with this number";

pub(super) const ROWS: [Row; 36] = [
    (
        0x8007_0057,
        &[Call::Register],
        Some(Code::InvalidArgument),
        "Windows does not accept this task",
        "use a TimeTrigger of 15 to 43,199 minutes, and no condition twice",
    ),
    (0x8007_0057, &[], Some(Code::InvalidArgument), "Windows does not accept an argument", OURS),
    (
        0x8007_0032,
        &[],
        Some(Code::NotSupported),
        "Windows does not support this for tasks with a class id",
        "use a TimeTrigger, or a WinRT component with its own entry point",
    ),
    (
        0x8004_0154,
        &[Call::Register],
        Some(Code::ClassNotDeclared),
        "the package's manifest does not declare the class, or this Windows does not support background tasks",
        MANIFEST,
    ),
    (
        0x8004_0154,
        &[Call::Serve],
        Some(Code::ClassNotDeclared),
        "the package's manifest does not declare the class",
        MANIFEST,
    ),
    (0x8004_0154, &[], Some(Code::NotSupported), "this Windows does not support background tasks", VERSION),
    (
        0x8007_0490,
        &[Call::Unregister],
        Some(Code::UnknownTask),
        "the task is no longer registered",
        "list the registered tasks",
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
        "the package has too many tasks with this trigger for Windows",
        "unregister some tasks: see `BackgroundTaskRegistration::all_tasks`",
    ),
    (
        0x8007_0005,
        &[Call::Serve],
        Some(Code::AccessDenied),
        "this process is not allowed to serve the class",
        "serve it from the package that declares the class, and not elevated",
    ),
    (
        0x8007_0005,
        &[Call::Register, Call::Access],
        Some(Code::AccessDenied),
        "the user or a policy does not allow the package to run in the background",
        "call `BackgroundExecutionManager::request_access`, and see Settings, Apps, Background apps permissions",
    ),
    (
        0x8007_0005,
        &[],
        Some(Code::AccessDenied),
        "Windows does not allow this process to do that",
        "run it as the user who installed the package, not elevated",
    ),
    (
        0x8000_4002,
        &[],
        Some(Code::NotSupported),
        "this Windows is too old for tasks with a class id",
        VERSION,
    ),
    (0x8000_4001, &[], Some(Code::NotSupported), "this Windows does not implement this", VERSION),
    (0x8000_4005, &[], None, "Windows reports no details", AGAIN),
    (0x8000_ffff, &[], None, "Windows failed unexpectedly", AGAIN),
    (0x8007_000e, &[], None, "there is not enough memory", "close other programs, and retry"),
    (
        0x8007_001f,
        &[],
        None,
        "Windows could not start the task server",
        "do not run elevated or as the built-in administrator, and check the event log of DistributedCOM",
    ),
    (
        0x8008_0005,
        &[],
        None,
        "the task server was started, but did not register its class in time",
        "register the class first thing in `main`; System event 10010 of DistributedCOM names the class",
    ),
    (0x8008_0008, &[], Some(Code::Stopping), "the task server is about to end", "retry"),
    (
        0x8000_4015,
        &[],
        Some(Code::AccessDenied),
        "the class is declared for another program or another user",
        "let the declared executable serve it, as the same user",
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
        "the program does not serve the class",
        "register the class id that the manifest declares",
    ),
    (
        0x8004_01fb,
        &[],
        Some(Code::InvalidArgument),
        "the class object is not registered",
        "revoke a class object once, with the server that registered it",
    ),
    (
        0x8004_01fc,
        &[],
        Some(Code::InvalidArgument),
        "the class object is already registered",
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
        "look for the crash in the Application event log",
    ),
    (0x8007_06ba, &[], None, "the background service of Windows cannot be reached", AGAIN),
    (0x8007_06be, &[], None, "the background service of Windows ended during the call", AGAIN),
    (0x8007_05b4, &[], None, "Windows did not answer in time", AGAIN),
    (
        0xc000_027b,
        &[],
        None,
        "Windows' own host of the task crashed",
        "do not run elevated or as the built-in administrator, and check the Application event log",
    ),
];
