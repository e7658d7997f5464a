//! Everything that can happen to the broker.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use core::time::Duration;

use crate::access::Access;
use crate::details::Details;
use crate::fact::{FactKind, Observation};
use crate::guid::Guid;
use crate::id::{InstanceId, RequestId, ServerId, TaskId};
use crate::last_lines::LastLines;
use crate::moment::Boot;
use crate::package::{FamilyName, Package};
use crate::reading::Reading;
use crate::record::Record;
use crate::run::{CancellationReason, Exit};
use crate::server::{ClassObject, Cookie};
use crate::task::TaskSpec;

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// The instant of [`crate::Broker::next_deadline`] has come.
    DeadlineReached,
    /// A client asks for something and waits for the answer.
    Asked {
        /// Names the question.
        request: RequestId,
        /// What is asked.
        what: Request,
    },
    /// A source saw a fact.
    FactObserved {
        /// Which fact.
        kind: FactKind,
        /// What was seen.
        seen: Observation,
    },
    /// A server has entered `run`.
    RunEntered {
        /// Who says so.
        server: ServerId,
        /// Of which run.
        instance: InstanceId,
    },
    /// A run has a new progress value.
    RunProgressed {
        /// Who says so.
        server: ServerId,
        /// Of which run.
        instance: InstanceId,
        /// The value.
        value: u32,
    },
    /// A run is over: `run` has returned and every deferral is complete.
    RunCompleted {
        /// Who says so.
        server: ServerId,
        /// Of which run.
        instance: InstanceId,
        /// The error's text when it failed.
        result: Result<(), String>,
    },
    /// The process of a server that is waited for is still being made.
    LaunchPending {
        /// Which one.
        server: ServerId,
    },
    /// A server's process was started.
    ServerStarted {
        /// Which one.
        server: ServerId,
        /// Its program and arguments, as a person reads them.
        program: String,
    },
    /// A server whose class object or run is waited for has written something to its standard error.
    ServerWrote {
        /// Which one.
        server: ServerId,
        /// The last lines up to now.
        last_lines: LastLines,
    },
    /// A server could not be started because of what its program or package is.
    LaunchFailed {
        /// Which one.
        server: ServerId,
        /// Why not.
        why: String,
    },
    /// The broker itself is short of something: descriptors, processes, memory.
    Short {
        /// The server that could not be started because of that, if it was one.
        server: Option<ServerId>,
        /// What is short, in words.
        why: String,
    },
    /// A server was not started because its file system does not answer.
    OutOfReach {
        /// Which one.
        server: ServerId,
        /// What does not answer, in words.
        why: String,
    },
    /// A started server's process has ended.
    ServerExited {
        /// Which one.
        server: ServerId,
        /// How it ended.
        exit: Exit,
        /// The last lines of its standard error.
        last_lines: LastLines,
    },
    /// A server's connection is closed.
    ServerDisconnected {
        /// Which one.
        server: ServerId,
    },
    /// What was to be recorded could not be.
    RecordFailed {
        /// The registration or replacement that did not happen, if that is what failed; all else that
        /// was to be recorded is owed.
        lost: Option<Box<Record>>,
        /// What the store said.
        why: String,
    },
    /// What was to be recorded has been.
    RecordWorks,
    /// The broker is up and has taken up what was recorded.
    Started {
        /// Names the boot of the machine.
        boot: Guid,
    },
    /// Somebody may have set the wall clock or changed the time zone.
    ClockSet {
        /// Whether the time zone was changed, so that the calendar answers otherwise.
        zone_changed: bool,
    },
    /// A source saw what it looks out for.
    Noticed {
        /// For which task.
        task: TaskId,
        /// How often.
        count: u32,
        /// When the first and the last of it happened, where that can be said.
        during: Option<(Boot, Boot)>,
        /// What it tells of it.
        details: Details,
    },
    /// A source can or cannot look out for what a task waits for.
    Troubled {
        /// Which task.
        task: TaskId,
        /// Why not; nothing when it can.
        why: Option<String>,
    },
    /// The machine is about to sleep, and may wait for [`crate::Effect::LetSleep`].
    GoingToSleep,
    /// The machine woke, or does not sleep after all. It may have slept without a word before.
    Woke {
        /// How long it slept; zero when it did not, or when that was told already.
        slept: Duration,
    },
    /// The session is about to end, and may wait for [`crate::Effect::LetSessionEnd`]: cancel what
    /// runs, and stay, for it may be called off.
    SessionEnding {
        /// Why: `Terminating` or `LoggingOff`.
        reason: CancellationReason,
        /// How long the system waits, if that is known.
        within: Option<Duration>,
    },
    /// The session does not end after all.
    SessionGoesOn,
    /// The machine is short of memory.
    MemoryShort,
    /// The broker is to end: cancel what runs, then leave.
    StopAsked {
        /// Why.
        reason: CancellationReason,
        /// How long the system waits, if that is known.
        within: Option<Duration>,
    },
}

/// What a client can ask for.
#[derive(Debug)]
pub enum Request {
    /// Register a task.
    Register(Box<Register>),
    /// End a registration.
    Unregister {
        /// Which task.
        task: TaskId,
        /// Whether to cancel a run that is alive (`Abort`); else it finishes.
        cancel: bool,
    },
    /// Fire a task now.
    Fire {
        /// Which task.
        task: TaskId,
        /// Whether to run it although its condition fails.
        force: bool,
    },
    /// Cancel a task's run, or drop its held firing.
    Cancel {
        /// Which task; it may be unregistered while its run still finishes.
        task: TaskId,
        /// What the run is told; `Abort` unless the user says otherwise.
        reason: CancellationReason,
    },
    /// Let a quarantined task run again.
    Release {
        /// Which task.
        task: TaskId,
    },
    /// Say what a package may do in the background.
    SetAccess {
        /// Which package.
        package: FamilyName,
        /// What it may do.
        access: Access,
    },
    /// Have a task run that has an `ApplicationTrigger`.
    Application {
        /// Which task.
        task: TaskId,
        /// What it is told.
        arguments: Vec<String>,
    },
    /// Raise an event by name.
    Signal {
        /// Its name.
        id: Arc<str>,
        /// Whose tasks it is for; nothing for everybody's.
        package: Option<FamilyName>,
        /// What they are told.
        arguments: Vec<String>,
    },
    /// Let a fact count as this, whatever is observed; nothing lets what is observed count again.
    Pin {
        /// Which fact.
        kind: FactKind,
        /// What it counts as.
        value: Option<Reading>,
    },
    /// Make a package known; one of the same family is replaced.
    AddPackage {
        /// The package.
        package: Box<Package>,
        /// On whose word it may take the place of another one.
        consent: Consent,
        /// The folder of the package that is there, if the shell found that it no longer holds it.
        vacated: Option<String>,
    },
    /// Forget a package with its tasks.
    RemovePackage(FamilyName),
    /// A server has a class object to offer.
    RegisterClass {
        /// Which server.
        server: ServerId,
        /// Of which package.
        package: FamilyName,
        /// What it registers.
        object: ClassObject,
    },
    /// A server lets all its suspended class objects serve, at once.
    ResumeClasses {
        /// Which server.
        server: ServerId,
    },
    /// A server takes a class object back.
    RevokeClass {
        /// Which server.
        server: ServerId,
        /// Which registration.
        cookie: Cookie,
    },
    /// A server has nothing to do and would like to go.
    Leave {
        /// Which server.
        server: ServerId,
    },
}

/// A registration as it is asked for.
#[derive(Debug)]
pub struct Register {
    /// The package of the caller.
    pub package: FamilyName,
    /// What to register.
    pub spec: TaskSpec,
    /// What to do when the package has a task of that name.
    pub mode: RegisterMode,
}

/// On whose word a package may take the place of another one of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The user offers it: neither an older version nor another folder may take the place of a
    /// package that is still there.
    Offered,
    /// Nobody offers it; it was found. It may be older if the newer one is not there any more.
    Found,
    /// The user insists on it.
    Insisted,
}

/// What to do when the package already has a task of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterMode {
    /// Register another one, as Windows does.
    Always,
    /// Keep the one that is there.
    Keep,
    /// Replace it, if it differs.
    Replace,
}
