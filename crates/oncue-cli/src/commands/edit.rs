//! `oncue edit`: changes the task of a command.

mod editor;
mod reset;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, CommandInfo, CommandSpec, Policy, TaskInfo, Word};

use super::add::{Shape, said};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::task::TaskFlags;
use crate::flags::when::When;
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::which::{self, NotACommand};
use reset::Resets;

/// Change the task of a command
///
/// Settings without a flag stay as they are; so do the task's id, its history and its run. Without any flag, the
/// task is opened in your editor ($VISUAL, $EDITOR or vi), as `oncue export` writes it. A task of an app can
/// only be changed by its app.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue edit backup\n  oncue edit backup --every 2h\n  oncue edit backup --when 'internet and ac'\n  \
    oncue edit backup --env RESTIC_REPOSITORY=/mnt/backup\n  oncue edit backup --no-when --unset-env RESTIC_REPOSITORY\n  oncue edit backup -- restic backup /home/me /etc"
)]
pub(crate) struct Arguments {
    /// The task's name, or the start of its id (at least 8 characters)
    task: String,
    #[command(flatten)]
    flags: TaskFlags,
    #[command(flatten)]
    resets: Resets,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long, help_heading = "Options")]
    json: bool,
    /// Another command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    words: Vec<OsString>,
}

impl Arguments {
    /// Returns whether nothing says what to change.
    fn names_nothing(&self) -> bool {
        let is_plain = self.resets == Resets::default() && !self.json;
        is_plain && self.words.is_empty() && self.flags == TaskFlags::default()
    }

    /// Returns the task as it is changed.
    fn changed(&self, mut spec: CommandSpec) -> Result<CommandSpec, Failure> {
        let mut former = spec.command.command().map_err(oncue::Error::from)?;
        self.resets.reset_command(&spec.name, &mut former)?;
        spec.command = CommandInfo::of(&self.flags.command.command(&self.words, Some(&former))?);
        self.resets.reset_spec(&mut spec);
        if let Some(trigger) = self.flags.trigger()? {
            spec.trigger = trigger.into();
        }
        if let Some(When(condition)) = self.flags.when.clone() {
            spec.condition = Some(condition.into());
        }
        change_policy(&mut spec, |policy| {
            self.resets.reset_policy(policy);
            self.flags.policy.apply(policy);
        });
        Ok(spec)
    }
}

/// Changes a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    if arguments.names_nothing() && editor::is_possible() {
        return editor::perform(&broker, &task);
    }
    let spec = arguments.changed(spec_of(&task)?)?;
    change(&broker, &task, &spec, arguments.json)
}

/// Returns what to register to get a task as it is.
pub(super) fn spec_of(task: &TaskInfo) -> Result<CommandSpec, NotACommand> {
    let command = task.command.clone().ok_or_else(|| NotACommand::of(task))?;
    Ok(CommandSpec {
        name: task.name.clone(),
        command,
        trigger: task.trigger.clone(),
        condition: task.condition.clone(),
        policy: task.policy.clone(),
        ..CommandSpec::default()
    })
}

/// Changes a policy, unless this version does not know it.
pub(super) fn change_policy(spec: &mut CommandSpec, change: impl FnOnce(&mut Policy)) {
    let mut policy = match &spec.policy {
        None => Policy::default(),
        Some(Word::Known(policy)) => policy.clone(),
        Some(Word::Other(_)) => return,
    };
    change(&mut policy);
    spec.policy = (policy != Policy::default()).then(|| policy.into());
}

/// Has a task changed, and says what has changed.
pub(super) fn change(
    broker: &Broker,
    task: &TaskInfo,
    to: &CommandSpec,
    json: bool,
) -> Result<Exit, Failure> {
    let changed = broker.change_command(task.task_id, to)?;
    let (task, clock, mut screen) = (broker.task_with_id(task.task_id)?, Clock::here(), Screen::open());
    if json {
        screen.json(&Shape::of(&changed, task.as_ref(), &clock))?;
    } else {
        screen.write_all(said(&to.name, &changed, task.as_ref(), &clock).as_bytes())?;
    }
    Ok(Exit::Done)
}
