//! Random histories of a broker: what happens, what an observer notes, and the laws that hold after each step.

mod before;
mod book;
mod ending;
mod health;
mod law;
mod machine;
mod op;
mod perform;
mod play;

pub(crate) use op::history;
pub(crate) use play::Play;

use std::collections::BTreeMap;

use oncue_core::{Access, FamilyName, InstanceId, StoredRun, StoredTask, TaskId};

use crate::world::Store;

impl Store {
    pub(crate) fn tasks(&self) -> BTreeMap<TaskId, &StoredTask> {
        self.stored.tasks.iter().map(|task| (task.id, task)).collect()
    }

    pub(crate) fn runs(&self) -> BTreeMap<InstanceId, &StoredRun> {
        self.stored.runs.iter().map(|run| (run.instance, run)).collect()
    }

    pub(crate) fn access(&self) -> BTreeMap<FamilyName, Access> {
        self.stored.access.iter().cloned().collect()
    }
}
