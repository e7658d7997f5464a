//! Everything the broker can ask of the world, in the order in which it must happen.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::id::{InstanceId, RequestId, ServerId, TaskId};
use crate::package::FamilyName;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::CancellationReason;
use crate::trigger::Watch;

pub(crate) use oncue_types::{Activation, Answer, ApplicationResult, FireResult, Notice, RegisterResult};

/// What one event leads to.
///
/// `at_once` promises nothing to anybody and need not wait for the disk: a firing is used up only
/// by its record, so that a broker that dies in between runs it again instead of losing it.
/// `after` tells somebody something and waits until `records` are durable.
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
        /// Of which package.
        package: FamilyName,
        /// Which of its servers, counted as in the manifest.
        exe: usize,
    },
    /// Hand a run to a server.
    Deliver {
        /// Which server.
        server: ServerId,
        /// The run.
        activation: Activation,
    },
    /// Tell a server that a run is cancelled.
    TellCancel {
        /// Which server.
        server: ServerId,
        /// Which run.
        instance: InstanceId,
        /// Why.
        reason: CancellationReason,
    },
    /// Kill a server's process tree, or what is left of it once the server itself has ended.
    Kill {
        /// Which server.
        server: ServerId,
    },
    /// Look out for what a task waits for; in the place of what was looked out for before.
    Watch {
        /// Which task.
        task: TaskId,
        /// What for.
        watch: Arc<Watch>,
    },
    /// Look out no more for what a task waited for.
    Unwatch {
        /// Which task.
        task: TaskId,
    },
    /// Answer a client.
    Reply {
        /// Its question.
        request: RequestId,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// Tell everybody who watches that package.
    Announce {
        /// Whose task or run it is about. A task that was removed can no longer be looked up.
        package: FamilyName,
        /// What to tell.
        notice: Notice,
    },
    /// Let the machine sleep: no run is on its way to its server.
    LetSleep,
    /// Let the session end: nothing runs any more.
    LetSessionEnd,
    /// End the broker: nothing runs any more.
    Leave,
}

/// Beyond this, an unusually long list gives its memory back.
const KEPT: usize = 64;

impl Effects {
    /// Returns the lists without what is in them, for the effects of a later event.
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
