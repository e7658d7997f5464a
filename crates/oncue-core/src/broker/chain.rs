//! Chains: tasks that fire when a run of another task has ended. A chain names commands, whose names are
//! unique.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{Cause, Details, FamilyName, Firing, LedgerEntry, Moment, Refusal, TaskSpec, Trigger};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::tasks::TaskKey;
use crate::wake::Wake;

impl Broker {
    /// Fires the tasks that follow a task, after a run of it has ended for good.
    pub(super) fn fire_followers(&mut self, now: Moment, entry: &LedgerEntry, out: &mut Effects) {
        if entry.package.as_str() != FamilyName::COMMANDS {
            return;
        }
        for key in self.followers(&entry.name) {
            let end = self.tasks.get(key).and_then(|task| Some(task.trigger().follows()?.1));
            if end.is_some_and(|end| end.includes(entry)) {
                let details = Some(Arc::new(Details::of(described(entry))));
                self.fire(now, key, Firing { details, ..Firing::once(now.wall, Cause::Trigger) }, out);
            }
        }
    }

    fn followers(&self, name: &Arc<str>) -> Vec<TaskKey> {
        self.tasks.woken_by(&Wake::After(name.clone()))
    }

    /// Returns an error if the task would follow one that does not exist, or itself.
    pub(super) fn check_chain(&self, spec: &TaskSpec, former: Option<&Arc<str>>) -> Result<(), Refusal> {
        check_chain(spec, former, |name| self.followed_by(name))
    }

    /// Returns what the command of this name follows.
    fn followed_by(&self, name: &Arc<str>) -> Follows {
        match self.command_called(name).map(|task| follows(self.tasks[task].trigger())) {
            None => Follows::Missing,
            Some(None) => Follows::Nothing,
            Some(Some(other)) => Follows::Command(other),
        }
    }

    pub(super) fn command_called(&self, name: &Arc<str>) -> Option<TaskKey> {
        self.tasks.named(&FamilyName::commands(), name).next()
    }

    /// Notes for the tasks that follow a command whether that is registered.
    pub(super) fn followers_lost(&mut self, name: &Arc<str>, is_gone: bool, out: &mut Effects) {
        for key in self.followers(name) {
            self.tasks[key].trouble = is_gone.then(|| lost(name).into());
            self.tasks.announce_change(key, out);
        }
    }

    /// Notes after a start of the broker which tasks follow commands that are gone.
    pub(super) fn look_for_lost_followers(&mut self) {
        for (name, key) in self.tasks.following() {
            if self.command_called(&name).is_none() {
                self.tasks[key].trouble = Some(lost(&name).into());
            }
        }
    }

    /// Has the tasks that follow a command that was renamed follow it by its new name.
    pub(super) fn rename_followed(&mut self, now: Moment, old: &Arc<str>, new: &Arc<str>, out: &mut Effects) {
        for key in self.followers(old) {
            let mut spec = self.tasks[key].spec().clone();
            if let Trigger::After { task, .. } = &mut spec.trigger {
                *task = new.clone();
            }
            self.replace(now, key, spec, out);
        }
    }
}

/// What a command follows.
pub(super) enum Follows {
    /// There is no such command.
    Missing,
    Nothing,
    Command(Arc<str>),
}

/// Returns an error if the task would follow one that does not exist, or itself. `former` is its name until
/// now, if it has one: what follows the task by that name will follow it by the new one.
pub(super) fn check_chain(
    spec: &TaskSpec,
    former: Option<&Arc<str>>,
    of_name: impl Fn(&Arc<str>) -> Follows,
) -> Result<(), Refusal> {
    let mut chain: Vec<Arc<str>> = Vec::from([spec.name.clone()]);
    let mut next = follows(&spec.trigger);
    while let Some(name) = next {
        chain.push(name.clone());
        if name == spec.name || Some(&name) == former {
            return Err(Refusal::ChainCircle { chain: chain.join(" after ") });
        }
        next = match of_name(&name) {
            Follows::Command(other) => Some(other),
            Follows::Missing if chain.len() == 2 => {
                return Err(Refusal::NothingToFollow { name: name.to_string() });
            }
            Follows::Missing | Follows::Nothing => None,
        };
    }
    Ok(())
}

/// Returns the name of the command that a task with this trigger follows.
pub(super) fn follows(trigger: &Trigger) -> Option<Arc<str>> {
    trigger.follows().map(|(task, _)| task.clone())
}

fn lost(name: &str) -> String {
    format!("the command {name}, which it follows, is not registered")
}

fn described(entry: &LedgerEntry) -> [String; 3] {
    let (task, run, outcome) = (&entry.name, entry.instance, entry.outcome);
    [format!("task={task}"), format!("instance={run}"), format!("outcome={outcome}")]
}
