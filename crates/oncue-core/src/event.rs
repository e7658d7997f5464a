//! Everything that can happen to the broker.

use alloc::boxed::Box;
use alloc::string::String;

use core::time::Duration;

use oncue_types::{
    Boot, CancellationReason, Details, Exit, FactKind, Guid, InstanceId, Observation, Report, Request,
    RequestId, ServerId, TaskId,
};

use crate::last_lines::LastLines;
use crate::record::Record;

/// An event.
#[derive(Debug)]
pub enum Event {
    /// The time of [`crate::Broker::next_deadline`] has come.
    DeadlineReached,
    /// A client asks something and waits for the answer.
    Asked {
        /// The question's id.
        request: RequestId,
        /// The question.
        what: Request,
    },
    /// A source has observed a fact.
    FactObserved {
        /// The fact.
        kind: FactKind,
        /// The observed value.
        seen: Observation,
    },
    /// A server has entered `run`.
    RunEntered {
        /// The server that reports it.
        server: ServerId,
        /// The run.
        instance: InstanceId,
    },
    /// A run has a new progress value.
    RunProgressed {
        /// The server that reports it.
        server: ServerId,
        /// The run.
        instance: InstanceId,
        /// The value.
        value: u32,
    },
    /// A run has ended: `run` has returned and every deferral is complete.
    RunCompleted {
        /// The server that reports it.
        server: ServerId,
        /// The run.
        instance: InstanceId,
        /// The error's text if it failed.
        result: Result<(), String>,
    },
    /// The process of an awaited server is still being created.
    LaunchPending {
        /// The server.
        server: ServerId,
    },
    /// A server's process was started.
    ServerStarted {
        /// The server.
        server: ServerId,
        /// Its program and arguments, as text for people.
        program: String,
    },
    /// A server whose class object or run is awaited has written to its standard error.
    ServerWrote {
        /// The server.
        server: ServerId,
        /// The last lines so far.
        last_lines: LastLines,
    },
    /// A server could not be started because of its program or package.
    LaunchFailed {
        /// The server.
        server: ServerId,
        /// The reason.
        why: String,
    },
    /// The broker itself is short of something, such as descriptors, processes or memory.
    Short {
        /// The server that could not be started because of that, if there is one.
        server: Option<ServerId>,
        /// What is short, as text for people.
        why: String,
    },
    /// A server was not started because its file system does not answer.
    OutOfReach {
        /// The server.
        server: ServerId,
        /// What does not answer, as text for people.
        why: String,
    },
    /// A started server's process has ended.
    ServerExited {
        /// The server.
        server: ServerId,
        /// How it ended.
        exit: Exit,
        /// The last lines of its standard error.
        last_lines: LastLines,
    },
    /// A server's connection was closed.
    ServerDisconnected {
        /// The server.
        server: ServerId,
    },
    /// Records could not be written.
    RecordFailed {
        /// The registration or replacement that did not happen, if that is what failed; all other records
        /// will be written later.
        lost: Option<Box<Record>>,
        /// The store's error.
        why: String,
    },
    /// Records were written.
    RecordWorks,
    /// The broker has started and has restored what was recorded.
    Started {
        /// The id of the session. Every start of the machine and every log-in begins a new one.
        session: Guid,
    },
    /// Whether the user is logged in, in any session, was observed.
    LoggedIn(bool),
    /// Whether any client is connected has changed.
    Clients {
        /// Whether one is.
        any: bool,
    },
    /// The wall clock may have been set, or the time zone changed.
    ClockSet {
        /// Whether the time zone was changed, so that the calendar's answers differ.
        zone_changed: bool,
    },
    /// A source has observed what it watches.
    Noticed {
        /// The task for which it watches.
        task: TaskId,
        /// How often it happened.
        count: u32,
        /// When it happened first and last, if that is known.
        during: Option<(Boot, Boot)>,
        /// The details to pass to the task.
        details: Details,
    },
    /// Whether a source can watch what a task waits for has changed.
    Troubled {
        /// The task.
        task: TaskId,
        /// Why it cannot; `None` if it can.
        why: Option<String>,
    },
    /// The machine is about to sleep, and may wait for [`crate::Effect::LetSleep`].
    GoingToSleep,
    /// The machine woke, or does not sleep after all. It may have slept without announcing it.
    Woke {
        /// How long it slept; zero if it did not, or if that was already reported.
        slept: Duration,
    },
    /// The session is about to end, and may wait for [`crate::Effect::LetSessionEnd`]. Runs are cancelled,
    /// but the broker stays, because the end may be called off.
    SessionEnding {
        /// The reason: `Terminating` or `LoggingOff`.
        reason: CancellationReason,
        /// How long the system waits, if known.
        within: Option<Duration>,
    },
    /// The end of the session was called off.
    SessionGoesOn,
    /// The machine is short of memory.
    MemoryShort,
    /// The broker has to end: it cancels all runs, then leaves.
    StopAsked {
        /// The reason.
        reason: CancellationReason,
        /// How long the system waits, if known.
        within: Option<Duration>,
    },
    /// The broker's program was replaced by a newer one, which takes over when no run is alive.
    Replaced,
}

impl Event {
    /// Converts a server's report about a run.
    #[must_use]
    pub fn reported(server: ServerId, instance: InstanceId, report: Report) -> Self {
        match report {
            Report::Entered => Self::RunEntered { server, instance },
            Report::Progress(value) => Self::RunProgressed { server, instance, value },
            Report::Completed(result) => Self::RunCompleted { server, instance, result },
        }
    }
}
