//! The store of a world: applies records, and panics on impossible ones, such as a second end or a run of an
//! unknown task.

use std::collections::BTreeSet;

use oncue_core::{
    Action, FamilyName, InstanceId, LedgerEntry, Outcome, PauseScope, Record, Stored, TaskId, UsedUp,
};

/// The durable state.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) stored: Stored,
    /// The ends of firings, in order.
    pub(crate) ledger: Vec<LedgerEntry>,
    ended: BTreeSet<InstanceId>,
}

impl Store {
    /// Applies the records of one event, all or none.
    pub(crate) fn apply(&mut self, records: &[Record]) {
        for record in records {
            self.check(record);
            self.ledger.extend(self.stored.apply(record.clone()));
        }
    }

    /// Checks that the record is possible at this point.
    fn check(&mut self, record: &Record) {
        let Self { stored, .. } = self;
        match record {
            Record::PackageAdded(_)
            | Record::SessionBegan(_)
            | Record::Clocks(_)
            | Record::AccessSet { .. } => {}
            Record::PackageRemoved(family) => {
                assert!(stored.package(family).is_some(), "removed package {family} was stored");
            }
            Record::TaskRegistered { task, package, spec, .. } => {
                let belongs = match spec.action {
                    Action::Class(_) => stored.package(package).is_some(),
                    Action::Command(_) => *package == FamilyName::commands(),
                };
                assert!(belongs, "package {package} of task {task} is stored");
                assert!(stored.task(*task).is_none(), "task {task} is registered once");
            }
            Record::TaskReplaced { task, package, former, .. } => {
                let stored = self.stored.task(*task).map(|stored| (&stored.package, &stored.spec));
                let known = "a task stays in its package, and what stood before is known";
                assert_eq!(stored, Some((package, &former.spec)), "{known}");
            }
            Record::Paused { scope, .. } => {
                if let PauseScope::Task(task) = scope {
                    self.is_stored(*task);
                }
            }
            Record::Resumed(scope) => {
                let paused = stored.pauses.iter().any(|(paused, _)| paused == scope);
                assert!(paused, "what is resumed was paused");
            }
            Record::TaskRemoved(task) | Record::Health { task, .. } => self.is_stored(*task),
            Record::Held { task, firing, since, .. } => {
                self.is_stored(*task);
                assert!(firing.is_some() || since.is_none(), "who waits since then waits");
            }
            Record::RunBegan { instance, task, firing, .. } => {
                self.is_stored(*task);
                assert_eq!(firing.begun, None, "the run has its id itself");
                let again = self.stored.run(*instance);
                assert!(again.is_none_or(|run| run.used_up.is_none()), "run {instance} is not used up");
            }
            Record::UsedUp { instance, by } => {
                let run = self.stored.run(*instance).expect("a run that is used up is stored");
                assert_ne!(run.used_up, Some(UsedUp::Entered), "run {instance} is entered last of all");
                assert_ne!(run.used_up, Some(*by), "run {instance} is not used up twice by the same");
            }
            Record::Ended(entry) => self.ends(entry),
        }
    }

    fn ends(&mut self, entry: &LedgerEntry) {
        let began = self.stored.run(entry.instance).is_some();
        match entry.outcome {
            Outcome::Skipped | Outcome::Coalesced => assert!(!began, "{entry:?} has no run"),
            // A broker may drop a run that an earlier one began.
            Outcome::Dropped => {}
            Outcome::Completed
            | Outcome::Failed
            | Outcome::Cancelled
            | Outcome::Killed
            | Outcome::Crashed
            | Outcome::NotActivated
            | Outcome::Lost => assert!(began, "what ends began: {entry:?}"),
        }
        assert!(self.ended.insert(entry.instance), "firing {} ended once", entry.instance);
    }

    fn is_stored(&self, task: TaskId) {
        assert!(self.stored.task(task).is_some(), "what is recorded of {task} comes while it is stored");
    }
}
