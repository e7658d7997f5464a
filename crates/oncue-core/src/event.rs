//! Everything that can happen to the broker.

use alloc::boxed::Box;
use alloc::string::String;

use core::time::Duration;

use crate::details::Details;
use crate::fact::{FactKind, Observation};
use crate::guid::Guid;
use crate::id::{InstanceId, RequestId, ServerId, TaskId};
use crate::last_lines::LastLines;
use crate::moment::Boot;
use crate::record::Record;
use crate::run::{CancellationReason, Exit};

pub(crate) use oncue_types::{Consent, Register, RegisterMode, Report, Request};

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

impl Event {
    /// Returns what a server's report of a run means.
    #[must_use]
    pub fn reported(server: ServerId, instance: InstanceId, report: Report) -> Self {
        match report {
            Report::Entered => Self::RunEntered { server, instance },
            Report::Progress(value) => Self::RunProgressed { server, instance, value },
            Report::Completed(result) => Self::RunCompleted { server, instance, result },
        }
    }
}
