//! All flags that describe a task. They are also the keys of a task in a file.

use std::ffi::OsString;

use clap::Args;
use oncue::tools::{CommandInfo, CommandSpec, Policy, Trigger};
use oncue_types::Command;

use crate::failure::Failure;
use crate::flags::command::CommandFlags;
use crate::flags::policy::PolicyFlags;
use crate::flags::trigger::{TriggerFlagError, TriggerFlags};
use crate::flags::when::When;

/// When a task runs, how, and in what.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(crate) struct TaskFlags {
    #[command(flatten)]
    pub(crate) trigger: TriggerFlags,
    /// With --on-change: anything below the folder counts
    #[arg(long, requires = "on_change")]
    pub(crate) recursive: bool,
    /// Run only while this holds, and wait for it: 'internet and ac', 'not user-present'
    #[arg(long, value_name = "EXPR")]
    pub(crate) when: Option<When>,
    #[command(flatten)]
    pub(crate) policy: PolicyFlags,
    #[command(flatten)]
    pub(crate) command: CommandFlags,
}

impl TaskFlags {
    /// Returns the trigger that the flags choose, if they choose one.
    pub(crate) fn trigger(&self) -> Result<Option<Trigger>, TriggerFlagError> {
        self.trigger.trigger(self.recursive)
    }

    /// Returns the task with these words as its command.
    pub(crate) fn spec(&self, name: &str, words: &[OsString]) -> Result<CommandSpec, Failure> {
        let command = self.command.command(words, None)?;
        Ok(self.spec_of(name, &command, self.trigger()?))
    }

    /// Returns the task that runs this command; without a trigger, only on request.
    pub(crate) fn spec_of(&self, name: &str, command: &Command, trigger: Option<Trigger>) -> CommandSpec {
        let mut policy = Policy::default();
        self.policy.apply(&mut policy);
        CommandSpec {
            name: name.to_owned(),
            command: CommandInfo::of(command),
            trigger: trigger.unwrap_or(Trigger::Application).into(),
            condition: self.when.clone().map(|When(condition)| condition.into()),
            policy: (policy != Policy::default()).then(|| policy.into()),
            ..CommandSpec::default()
        }
    }
}
