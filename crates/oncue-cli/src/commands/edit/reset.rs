//! The flags that take back what flags of `oncue add` have set.

use clap::Args;
use oncue::tools::{CommandSpec, Policy, Trigger};
use oncue_types::Command;

use crate::exit::Exit;
use crate::failure::Failure;

/// The options that go back to the default.
#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "What goes back to the default")]
pub(super) struct Resets {
    /// Run only by `oncue run`
    #[arg(long, conflicts_with = "trigger")]
    no_trigger: bool,
    /// Run whenever the trigger fires
    #[arg(long, conflicts_with = "when")]
    no_when: bool,
    /// Do not retry failed runs
    #[arg(long, conflicts_with = "retry")]
    no_retry: bool,
    /// Use the usual slack of its trigger
    #[arg(long, conflicts_with = "slack")]
    no_slack: bool,
    /// Do not limit how long a run takes
    #[arg(long, conflicts_with = "time_limit")]
    no_time_limit: bool,
    /// Use the grace of the configuration
    #[arg(long, conflicts_with = "grace")]
    no_grace: bool,
    /// Wait for the condition as long as it takes
    #[arg(long, conflicts_with = "hold_limit")]
    no_hold_limit: bool,
    /// Notify as the configuration says
    #[arg(long, conflicts_with = "notify")]
    no_notify: bool,
    /// Take it out of its queue
    #[arg(long, conflicts_with = "queue")]
    no_queue: bool,
    /// Let a run continue when its condition stops holding
    #[arg(long, conflicts_with = "cancel_on_loss")]
    no_cancel_on_loss: bool,
    /// Use the defaults for everything under `How it runs` that no other flag names
    #[arg(long)]
    no_policy: bool,
    /// Remove an environment variable
    #[arg(long, value_name = "NAME")]
    unset_env: Vec<String>,
    /// Use an empty standard input
    #[arg(long, conflicts_with = "stdin")]
    no_stdin: bool,
}

/// The task has no such variable.
#[derive(Debug, thiserror::Error)]
#[error("task `{task}` has no variable `{name}`")]
pub(super) struct NoVariable {
    task: String,
    name: String,
}

impl From<NoVariable> for Failure {
    fn from(error: NoVariable) -> Self {
        let way_out = format!("`oncue show {}` lists its variables", error.task);
        Self::new(Exit::Refused, error).with_way_out(way_out)
    }
}

impl Resets {
    /// Takes back what surrounds the command of a task.
    pub(super) fn reset_command(&self, task: &str, command: &mut Command) -> Result<(), NoVariable> {
        for name in &self.unset_env {
            let none = || NoVariable { task: task.to_owned(), name: name.clone() };
            command.environment.remove(name).ok_or_else(none)?;
        }
        if self.no_stdin {
            command.input = None;
        }
        Ok(())
    }

    /// Takes back the trigger and the condition.
    pub(super) fn reset_spec(&self, spec: &mut CommandSpec) {
        if self.no_trigger {
            spec.trigger = Trigger::Application.into();
        }
        if self.no_when {
            spec.condition = None;
        }
    }

    /// Takes back parts of the policy.
    pub(super) fn reset_policy(&self, policy: &mut Policy) {
        let none = Policy::default;
        if self.no_policy {
            *policy = Policy { disabled: policy.disabled, ..none() };
        }
        policy.retry = policy.retry.filter(|_| !self.no_retry);
        policy.slack = policy.slack.filter(|_| !self.no_slack);
        policy.time_limit = policy.time_limit.filter(|_| !self.no_time_limit);
        policy.grace = policy.grace.filter(|_| !self.no_grace);
        policy.hold_limit = policy.hold_limit.filter(|_| !self.no_hold_limit);
        policy.notify = policy.notify.filter(|_| !self.no_notify);
        policy.queue = policy.queue.take().filter(|_| !self.no_queue);
        policy.cancel_on_condition_loss &= !self.no_cancel_on_loss;
    }
}
