//! A task that is translated, and what no other scheduler has.

use std::time::Duration;

use oncue_types::{
    Command, Condition, Growth, HoldEnd, LONGEST_RETRY, Missed, Notify, Policy, Priority, Retry, TaskSpec,
    Trigger, show_span,
};

use super::translation::Notes;
use crate::flags::command::PATH;

/// A task that is translated.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) trigger: Trigger,
    pub(super) condition: Option<Condition>,
    pub(super) policy: Policy,
    pub(super) command: Command,
}

impl Subject {
    /// Returns the task as it is translated.
    pub(super) fn of(task: &TaskSpec, command: Command) -> Self {
        Self {
            name: task.name.to_string(),
            trigger: task.trigger.clone(),
            condition: task.condition.as_deref().cloned(),
            policy: task.policy.as_deref().cloned().unwrap_or_default(),
            command,
        }
    }

    /// Returns the program and its arguments.
    pub(super) fn words(&self) -> Vec<&str> {
        let arguments = self.command.arguments.iter().map(String::as_str);
        std::iter::once(self.command.program.as_str()).chain(arguments).collect()
    }

    /// Returns the variables whose values may be secret.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.command.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        variables.filter(|(name, _)| *name != PATH)
    }

    /// Returns the path by which programs are found.
    pub(super) fn path(&self) -> Option<&str> {
        self.command.environment.get(PATH).map(String::as_str)
    }

    /// Notes what only oncue knows: conditions of a desktop, queues, notifications.
    pub(super) fn note_what_only_oncue_has(&self, notes: &mut Notes) {
        if let Some(condition) = &self.condition {
            notes.differs(format!("when `{condition}`: no counterpart; it runs whether this holds or not"));
        }
        if self.trigger.implied().is_some() {
            notes.differs("maintenance: no counterpart; it also runs on battery");
        }
        self.note_policy(notes);
    }

    /// Notes the parts of the policy that no other scheduler has.
    pub(super) fn note_policy(&self, notes: &mut Notes) {
        let Policy { cancel_on_condition_loss, hold_limit, notify, queue, .. } = &self.policy;
        if *cancel_on_condition_loss {
            notes.differs("cancel-on-loss: no counterpart; a run continues when the condition stops holding");
        }
        if let Some(limit) = hold_limit {
            let end = match limit.then {
                HoldEnd::Drop => "drop",
                HoldEnd::Run => "run",
            };
            notes.differs(format!(
                "hold-limit {}:{end}: no counterpart; nothing is held",
                show_span(limit.after)
            ));
        }
        if let Some(queue) = queue {
            notes.differs(format!("queue {queue}: no counterpart; its tasks can run at the same time"));
        }
        if let Some(notify) = notify.filter(|notify| *notify != Notify::Never) {
            notes.differs(format!("notify {notify}: no counterpart; nobody is notified"));
        }
    }

    /// Notes what a cluster does not have or know: the files, programs and input of this machine.
    pub(super) fn note_this_machine(&self, where_: &str, notes: &mut Notes) {
        let mut paths: Vec<&str> = vec![&self.command.folder];
        paths.extend(self.words().into_iter().filter(|word| word.starts_with('/')));
        paths.dedup();
        notes.differs(format!("paths of this machine, which {where_} must have: {}", paths.join(", ")));
        if let Some(input) = &self.command.input {
            notes.differs(format!("stdin {input}: no counterpart; its input is empty"));
        }
        if self.command.success != oncue_types::Statuses::default() {
            let success = &self.command.success;
            notes.differs(format!("success {success}: no counterpart; only exit status 0 means success"));
        }
        if let Some(slack) = self.policy.slack {
            notes.differs(format!("slack {}: no counterpart", show_span(slack)));
        }
    }

    /// Notes that a cluster has no priority of processes.
    pub(super) fn note_priority(&self, notes: &mut Notes) {
        if self.policy.priority == Priority::Background {
            notes.differs("priority background: no counterpart; limit its resources instead");
        }
    }

    /// Notes how delays between attempts differ if the other scheduler waits equally long each time.
    pub(super) fn note_constant_delay(&self, retry: Retry, notes: &mut Notes) {
        if retry.attempts > 1 {
            notes.differs(format!("retry {retry}: it waits {} before each attempt", show_span(retry.base)));
        }
    }

    /// Returns whether firings that were missed run once, later.
    pub(super) fn makes_up(&self) -> bool {
        self.policy.missed == Missed::Once
    }
}

/// Returns the delay before each attempt if it doubles each time and stays below the limit of retries: the
/// last delay.
pub(super) fn last_delay(retry: Retry) -> Option<Duration> {
    let doublings = retry.attempts.checked_sub(1)?;
    let last = retry.base.checked_mul(1_u32.checked_shl(doublings)?)?;
    (retry.growth == Growth::Exponential && last <= LONGEST_RETRY).then_some(last)
}
