//! What becomes of a change that the store could not take.
//!
//! A registration did not happen: what stood before stands again. Any other change may have cancelled
//! runs or dropped firings already, which cannot be undone: it stands, and is recorded later.

use alloc::boxed::Box;
use alloc::string::String;

use crate::broker::Broker;
use crate::effect::{Answer, Effects};
use crate::id::TaskId;
use crate::moment::Moment;
use crate::record::Record;
use crate::task::{Former, Health, TaskSpec};

/// What is true of an answer if the records of its request could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// The change was taken back.
    TakenBack,
    /// The change stands, but is lost if the broker ends before it can be recorded.
    Stands,
    /// The answer is as true as before: nothing had to be recorded for it.
    Unaffected,
}

impl Unrecorded {
    /// Returns what is true of an answer if the records of its request could not be written.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Registered { .. } => Self::TakenBack,
            Answer::Done
            | Answer::Fired(_)
            | Answer::Requested(_)
            | Answer::Signalled(_)
            | Answer::PackageAdded(_) => Self::Stands,
            Answer::ClassRegistered(_) | Answer::MayLeave(_) => Self::Unaffected,
        }
    }
}

impl Broker {
    /// Nothing new is promised until the store works again; what was lost is taken back.
    pub(super) fn record_failed(
        &mut self,
        now: Moment,
        lost: Option<Box<Record>>,
        why: String,
        out: &mut Effects,
    ) {
        self.unwritable = Some(why);
        match lost.map(|record| *record) {
            Some(Record::TaskRegistered { task, spec, .. }) => self.take_back(now, task, &spec, None, out),
            Some(Record::TaskReplaced { task, spec, former, .. }) => {
                self.take_back(now, task, &spec, Some(former), out);
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn record_works(&mut self) {
        self.unwritable = None;
        self.stored.clear();
    }

    /// Takes a registration back, unless a later one of the task is on its way to the store: if that
    /// one fails too, what is stored is not what it replaced but what this one did.
    fn take_back(
        &mut self,
        now: Moment,
        id: TaskId,
        lost: &TaskSpec,
        former: Option<Box<Former>>,
        out: &mut Effects,
    ) {
        let stored = self.stored.remove(&id).unwrap_or(former);
        match self.tasks.get(&id) {
            Some(task) if task.spec != *lost => drop(self.stored.insert(id, stored)),
            Some(_) => match stored {
                Some(former) => self.stand_again(now, id, *former, out),
                None => self.forget_task(id, out),
            },
            None => {}
        }
    }

    /// Registers a task as it was before; a run that began since goes on.
    fn stand_again(&mut self, now: Moment, id: TaskId, former: Former, out: &mut Effects) {
        let Some(task) = self.tasks.get(&id) else {
            return;
        };
        // A run that the replacement let begin decides by itself what is to be thought of the task.
        let strikes = if task.instance().is_none() { former.strikes } else { task.health.strikes };
        let health = Health { strikes, ..task.health };
        self.respecify(now, id, former.spec, former.due, out);
        self.set_health(now, id, health, out);
        self.limit_hold(id);
        self.run_or_wait(now, id, out);
    }
}
