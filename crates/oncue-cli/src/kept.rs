//! Which runs have output that is kept, and how to read it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use oncue::tools::{Entry, InstanceId, TaskId};
use oncue::why::went_wrong;
use oncue_broker::output::Archive;
use oncue_wire::Place;

use crate::render::blocked::is_one_word;
use crate::render::ids::{FEWEST, short};

/// The output of runs that is kept; each task's folder is read once.
#[derive(Debug)]
pub(crate) struct Kept {
    /// `None` if nothing is known to be kept.
    archive: Option<Archive>,
    known: RefCell<HashMap<TaskId, HashMap<InstanceId, PathBuf>>>,
}

impl Kept {
    /// The output that this user's broker keeps.
    pub(crate) fn here() -> Self {
        Self { archive: Place::find().ok().map(|place| Archive::of(&place)), known: RefCell::default() }
    }

    /// No output, for tests.
    #[cfg(test)]
    pub(crate) fn nothing() -> Self {
        Self { archive: None, known: RefCell::default() }
    }

    /// The output of one run, for tests.
    #[cfg(test)]
    pub(crate) fn of(entry: &Entry, path: &str) -> Self {
        let runs = HashMap::from([(entry.instance_id, path.into())]);
        Self { archive: None, known: HashMap::from([(entry.task_id, runs)]).into() }
    }

    /// Returns the file with the output of a run, if there is one.
    pub(crate) fn path(&self, entry: &Entry) -> Option<PathBuf> {
        self.of_task(entry.task_id, |runs| runs.get(&entry.instance_id).cloned())
    }

    /// Returns whether output of any run of a task is kept.
    pub(crate) fn has_runs_of(&self, task: TaskId) -> bool {
        self.of_task(task, |runs| !runs.is_empty())
    }

    fn of_task<T>(&self, task: TaskId, look: impl FnOnce(&HashMap<InstanceId, PathBuf>) -> T) -> T {
        look(self.known.borrow_mut().entry(task).or_insert_with(|| {
            // What cannot be read is not pointed at; `oncue logs` says why.
            let runs = self.archive.as_ref().and_then(|archive| archive.runs(task).ok());
            runs.into_iter().flatten().map(|run| (run.instance, run.path)).collect()
        }))
    }

    /// Returns the command that shows the output of a run, if it went wrong and wrote something.
    pub(crate) fn command(&self, entry: &Entry) -> Option<String> {
        let task = if is_one_word(&entry.name) { entry.name.clone() } else { entry.task_id.to_string() };
        (went_wrong(&entry.outcome) && self.path(entry).is_some())
            .then(|| format!("`oncue logs {task} --run {}`", short(entry.instance_id, FEWEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample;
    use oncue::Outcome;

    #[test]
    fn only_a_run_that_went_wrong_and_wrote_something_is_pointed_at() {
        let failed = sample::ended(Outcome::Failed, "the disk is full");
        let kept = Kept::of(&failed, "/output/x.log");
        let id = short(failed.instance_id, FEWEST);
        assert_eq!(kept.command(&failed), Some(format!("`oncue logs sync --run {id}`")));
        let spaced = Entry { name: "sync all".into(), ..failed.clone() };
        assert_eq!(kept.command(&spaced), Some(format!("`oncue logs {} --run {id}`", failed.task_id)));
        assert_eq!(kept.command(&Entry { outcome: Outcome::Completed.into(), ..failed.clone() }), None);
        assert_eq!(Kept::nothing().command(&failed), None);
    }
}
