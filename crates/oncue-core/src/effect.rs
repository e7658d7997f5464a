//! Everything that the broker can ask the shell to do, in the order in which it must happen.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{
    Activation, Answer, CancellationReason, Command, FamilyName, Guid, InstanceId, LedgerEntry, Notice,
    Priority, Refusal, RequestId, ServerId, TaskId, Watch,
};

use crate::record::Record;

/// What one event leads to.
///
/// `at_once` promises nothing and does not wait for the disk: a firing is used up only by its record, so if
/// the broker dies in between, the firing runs again and is not lost. `after` tells clients something and
/// waits until `records` are durable.
#[derive(Debug, Default)]
#[must_use = "effects do nothing until they are performed"]
pub struct Effects {
    /// To do now, in order.
    pub at_once: Vec<Effect>,
    /// To make durable together, in order.
    pub records: Vec<Record>,
    /// To do once the records are durable, in order.
    pub after: Vec<Effect>,
}

/// One thing to do.
#[derive(Debug)]
pub enum Effect {
    /// Start a server of a package.
    Launch {
        /// The new server.
        server: ServerId,
        /// Its package.
        package: FamilyName,
        /// The index of the server in the manifest.
        exe: usize,
    },
    /// Start a command, whose process is the run.
    Start {
        /// The process, which is handled like a server with one run.
        server: ServerId,
        /// The command.
        command: Arc<Command>,
        /// The run.
        activation: Activation,
        /// Its priority.
        priority: Priority,
    },
    /// Note that a run waits for a server that is being started. What the server writes until then belongs to
    /// the run.
    Await {
        /// The server.
        server: ServerId,
        /// The run.
        instance: InstanceId,
        /// Its task.
        task: TaskId,
        /// The task's name.
        name: Arc<str>,
        /// The task's package.
        package: FamilyName,
    },
    /// Deliver a run to a server.
    Deliver {
        /// The server.
        server: ServerId,
        /// The class whose object is to run it.
        class: Guid,
        /// The run.
        activation: Activation,
    },
    /// Tell a server that a run is cancelled.
    TellCancel {
        /// The server.
        server: ServerId,
        /// The run.
        instance: InstanceId,
        /// The reason.
        reason: CancellationReason,
    },
    /// Ask the processes of a command to end, with SIGTERM.
    Terminate {
        /// The command's process.
        server: ServerId,
    },
    /// Kill a server's process tree, or the rest of it if the server itself has ended.
    Kill {
        /// The server.
        server: ServerId,
    },
    /// Kill what is left of a command that was cancelled, and whose process has ended before the others had
    /// their grace.
    KillRest {
        /// The command's process.
        server: ServerId,
        /// The rest of the grace.
        after: Duration,
    },
    /// Start to watch what a task waits for, instead of what was watched for it before.
    Watch {
        /// The task.
        task: TaskId,
        /// What to watch.
        watch: Arc<Watch>,
    },
    /// Stop watching what a task waited for.
    Unwatch {
        /// The task.
        task: TaskId,
    },
    /// Answer a client.
    Reply {
        /// The client's question.
        request: RequestId,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// Tell all clients that watch the package.
    Announce {
        /// The package of the task or run. A task that was removed can no longer be looked up.
        package: FamilyName,
        /// The notice.
        notice: Notice,
    },
    /// Notify the user about the end of a run.
    NotifyUser(Box<LedgerEntry>),
    /// Let the machine sleep, because no run is on its way to its server.
    LetSleep,
    /// Let the session end, because nothing is running.
    LetSessionEnd,
    /// Make sure that a broker starts at the next log-in, or that none does.
    StartAtLogIn {
        /// Whether one is to start.
        wanted: bool,
    },
    /// End the broker, because nothing is running.
    Leave,
    /// End the broker, and let the newer program take its place.
    HandOver,
}

/// Lists with a larger capacity than this give memory back.
const KEPT: usize = 64;

impl Effects {
    /// Clears the lists, to be reused for a later event.
    pub(crate) fn emptied(mut self) -> Self {
        self.at_once.clear();
        self.records.clear();
        self.after.clear();
        self.at_once.shrink_to(KEPT);
        self.records.shrink_to(KEPT);
        self.after.shrink_to(KEPT);
        self
    }

    pub(crate) fn reply(&mut self, request: RequestId, answer: Result<Answer, Refusal>) {
        self.after.push(Effect::Reply { request, answer });
    }

    pub(crate) fn announce(&mut self, package: &FamilyName, notice: Notice) {
        self.after.push(Effect::Announce { package: package.clone(), notice });
    }
}
