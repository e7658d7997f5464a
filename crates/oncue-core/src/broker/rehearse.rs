//! Checks changes of commands without making them, for a preview that promises no more than what follows.

use alloc::collections::BTreeMap;
use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{FamilyName, Moment, Refusal, RegisterMode, TaskId, TaskSpec};

use crate::broker::Broker;
use crate::broker::chain::{Follows, check_chain, follows};

/// A command that would be added, or whose task would be changed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The task; `None` for a new one.
    pub task: Option<TaskId>,
    /// Its specification.
    pub spec: TaskSpec,
    /// For a new one, what to do if there is a task of that name.
    pub mode: RegisterMode,
}

/// The commands as they would be after the proposals so far.
struct Rehearsal<'a> {
    broker: &'a Broker,
    /// The commands that differ from the registered ones, by name: whose name it is, and what that follows;
    /// `None` if no command has the name any more.
    named: BTreeMap<Arc<str>, Option<Named>>,
    added: usize,
}

#[derive(Clone)]
struct Named {
    /// `None` for a task that would be new.
    task: Option<TaskId>,
    follows: Option<Arc<str>>,
}

impl Broker {
    /// Returns how the broker would answer if these changes were requested now, one after the other.
    #[must_use]
    pub fn rehearse(&self, now: Moment, proposals: &[Proposal]) -> Vec<Result<(), Refusal>> {
        let mut rehearsal = Rehearsal { broker: self, named: BTreeMap::new(), added: 0 };
        proposals.iter().map(|proposal| rehearsal.perform(now, proposal)).collect()
    }
}

impl Rehearsal<'_> {
    fn perform(&mut self, now: Moment, proposal: &Proposal) -> Result<(), Refusal> {
        self.broker.open_for_new()?;
        match proposal.task {
            None => self.add(now, &proposal.spec, proposal.mode),
            Some(task) => self.change(now, task, &proposal.spec),
        }
    }

    fn add(&mut self, now: Moment, spec: &TaskSpec, mode: RegisterMode) -> Result<(), Refusal> {
        let package = FamilyName::commands();
        self.check(now, &package, spec, None)?;
        match (mode, self.named(&spec.name)) {
            (RegisterMode::Keep, Some(_)) => return Ok(()),
            (RegisterMode::Replace, Some(Named { task, .. })) => self.note(task, spec),
            (RegisterMode::New, Some(_)) => {
                return Err(Refusal::NameTaken { name: spec.name.as_ref().into() });
            }
            (RegisterMode::Always, _) | (_, None) => {
                self.broker.room_for_more(&package, self.added + 1)?;
                self.added += 1;
                self.note(None, spec);
            }
        }
        Ok(())
    }

    fn change(&mut self, now: Moment, id: TaskId, spec: &TaskSpec) -> Result<(), Refusal> {
        let broker = self.broker;
        let task = &broker.tasks[broker.tasks.asked(id)?];
        let package = broker.tasks.package_of(task);
        let old = &task.spec().name;
        if task.spec().action.command().is_none() {
            return Err(Refusal::NotACommand { name: old.to_string(), package: package.clone() });
        }
        self.check(now, package, spec, Some(old))?;
        if self.named(&spec.name).is_some_and(|named| named.task != Some(id)) {
            return Err(Refusal::NameTaken { name: spec.name.to_string() });
        }
        if *old != spec.name {
            self.named.insert(old.clone(), None);
        }
        self.note(Some(id), spec);
        Ok(())
    }

    fn check(
        &self,
        now: Moment,
        package: &FamilyName,
        spec: &TaskSpec,
        former: Option<&Arc<str>>,
    ) -> Result<(), Refusal> {
        let of_name = |name: &Arc<str>| match self.named(name) {
            None => Follows::Missing,
            Some(Named { follows: None, .. }) => Follows::Nothing,
            Some(Named { follows: Some(other), .. }) => Follows::Command(other),
        };
        self.broker.check_alone(now, package, spec)?;
        check_chain(spec, former, of_name)
    }

    /// Returns the command that would have this name.
    fn named(&self, name: &Arc<str>) -> Option<Named> {
        if let Some(named) = self.named.get(name) {
            return named.clone();
        }
        let task = &self.broker.tasks[self.broker.command_called(name)?];
        Some(Named { task: Some(task.id()), follows: follows(task.trigger()) })
    }

    fn note(&mut self, task: Option<TaskId>, spec: &TaskSpec) {
        self.named.insert(spec.name.clone(), Some(Named { task, follows: follows(&spec.trigger) }));
    }
}
