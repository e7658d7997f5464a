//! The laws about retries, quarantine and access, checked with the observer's own counters.

use std::time::Duration;

use oncue_core::{
    Access, Answer, Cause, Effect, Effects, FamilyName, Growth, LedgerEntry, Outcome, PauseScope, Record,
    RegisterResult, Retry, Steady, TaskId, Wall,
};

use super::book::Book;
use crate::world::World;

impl Book {
    pub(crate) fn is_denied(&self, package: &FamilyName) -> bool {
        self.access.get(package) == Some(&Access::Denied)
    }

    /// Checks the records of a step against the laws, in order.
    pub(crate) fn judge_health(&mut self, world: &World, effects: &Effects) {
        let mut failed: Vec<(&LedgerEntry, u32)> = Vec::new();
        for (at, record) in effects.records.iter().enumerate() {
            match record {
                Record::RunBegan { task, package, firing, .. } => {
                    assert!(!self.is_denied(package), "a denied task never begins a run");
                    let paused =
                        [PauseScope::All, PauseScope::Task(*task)].map(|of| self.paused.contains(&of));
                    assert_eq!(paused, [false, false], "nor does a paused one");
                    self.machine_allows(world, package);
                    let strikes = self.strikes.get(task).copied().unwrap_or(0);
                    assert!(strikes < world.broker.settings().strikes, "nor does a quarantined one");
                    let (attempt, planned) = self.attempts.get(task).copied().unwrap_or_default();
                    assert_eq!(planned, None, "a run takes the place of a planned attempt");
                    assert_eq!(firing.cause == Cause::Retry, attempt > 0, "what is no attempt counts anew");
                }
                Record::Paused { scope, .. } => drop(self.paused.insert(*scope)),
                Record::Resumed(scope) => assert!(self.paused.remove(scope), "what is resumed was paused"),
                Record::AccessSet { package, access } => drop(self.access.insert(package.clone(), *access)),
                Record::Ended(entry) => {
                    self.counts(world, entry);
                    if ended_badly(&effects.records[at..=at], entry.task) {
                        let attempt = self.attempts.get(&entry.task).map_or(0, |(attempt, _)| *attempt);
                        failed.push((entry, attempt));
                    }
                }
                Record::Health { task, strikes, attempt, retry_at } => {
                    if self.strikes.get(task).copied().unwrap_or(0) != *strikes {
                        let changed = is_changed(world, &effects.records, *task);
                        let may = self.released == Some(*task) || changed || is_kept(effects, *task);
                        let again = self.taken_back == Some((*task, *strikes));
                        assert!(
                            again || may && *strikes == 0,
                            "only what changed or is released is forgiven"
                        );
                        self.strikes.insert(*task, *strikes);
                    }
                    let (before, planned) = self.attempts.get(task).copied().unwrap_or_default();
                    let retry_at = retry_at.map(|at| at.steady);
                    if let Some(steady) = retry_at.filter(|_| retry_at != planned) {
                        assert_eq!(*attempt, before + 1, "attempts are counted");
                        assert!(ended_badly(&effects.records[..at], *task), "what failed is tried again");
                        within_bounds(world, *task, *attempt, steady);
                    }
                    self.attempts.insert(*task, (*attempt, retry_at));
                }
                _ => {}
            }
        }
        for (entry, attempt) in failed {
            self.is_tried_again(world, entry, attempt);
        }
    }

    /// Counts consecutive crashes.
    fn counts(&mut self, world: &World, entry: &LedgerEntry) {
        let Some(run) = self.runs.get(&entry.instance).filter(|run| {
            // The end of a run that outlived its task is not counted.
            world.store.tasks().contains_key(&run.task) || self.promised.contains(&run.task)
        }) else {
            return;
        };
        let bystander = run.server.is_some_and(|server| self.felled.contains(&server));
        let strikes = self.strikes.entry(entry.task).or_default();
        match entry.outcome {
            Outcome::NotActivated => *strikes += 1,
            Outcome::Crashed if !bystander => *strikes += 1,
            Outcome::Completed | Outcome::Failed => *strikes = 0,
            Outcome::Cancelled if run.entered => *strikes = 0,
            _ => {}
        }
    }

    /// A run that failed by itself and has retries left is retried, unless something replaced the retry.
    fn is_tried_again(&self, world: &World, entry: &LedgerEntry, attempt: u32) {
        let Some(view) = world.broker.view(world.now, entry.task) else {
            return;
        };
        let quiet = view.instance.is_none() && view.waiting.is_none();
        let last = view.last.is_some_and(|last| last.instance == entry.instance);
        let planned = self.attempts.get(&entry.task).and_then(|(_, planned)| *planned);
        if quiet && last && retry_of(world, entry.task).is_some_and(|retry| retry.attempts > attempt) {
            assert!(planned.is_some(), "what failed is tried again: {view:?}");
        }
    }
}

fn retry_of(world: &World, task: TaskId) -> Option<Retry> {
    world.store.tasks().get(&task)?.spec.policy.as_ref()?.retry
}

/// Returns whether a task was replaced, or its package updated.
fn is_changed(world: &World, records: &[Record], task: TaskId) -> bool {
    let package = world.store.tasks().get(&task).map(|task| &task.package);
    records.iter().any(|record| match record {
        Record::TaskReplaced { task: of, .. } => *of == task,
        Record::PackageAdded(added) => Some(&added.family) == package,
        _ => false,
    })
}

/// Returns whether the task was registered again without changes.
fn is_kept(effects: &Effects, of: TaskId) -> bool {
    effects.after.iter().any(|effect| match effect {
        Effect::Reply { answer: Ok(Answer::Registered { task, how }), .. } => {
            *task == of && *how == RegisterResult::Kept
        }
        _ => false,
    })
}

/// Returns whether a run of the task failed, crashed or was not activated without having been cancelled.
fn ended_badly(records: &[Record], task: TaskId) -> bool {
    records.iter().any(|record| match record {
        Record::Ended(entry) => {
            let badly = matches!(entry.outcome, Outcome::Failed | Outcome::Crashed | Outcome::NotActivated);
            entry.task == task && badly && entry.reason.is_none()
        }
        _ => false,
    })
}

/// A retry is one that the policy permits, and is due at the policy's time or at most a tenth later.
fn within_bounds(world: &World, task: TaskId, attempt: u32, at: Steady) {
    let Some(retry) = retry_of(world, task) else {
        assert!(!world.store.tasks().contains_key(&task), "who has no policy is not tried again");
        return;
    };
    assert!((1..=retry.attempts).contains(&attempt), "attempt {attempt} of {retry}");
    let times = match retry.growth {
        Growth::Linear => u64::from(attempt),
        Growth::Exponential => 2_u64.pow(attempt - 1),
    };
    let least = Duration::from_secs((retry.base.as_secs() * times).min(18_000));
    let wait = Wall(at.0).since(Wall(world.broker.steady(world.now).0));
    assert!(
        (least..=least + least / 10).contains(&wait),
        "attempt {attempt} of {retry} comes after {wait:?}"
    );
}
