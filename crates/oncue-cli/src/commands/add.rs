//! `oncue add`: makes a command a task.

mod plan;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use oncue::tools::{Broker, CommandSpec, How, Registered, TaskId, TaskInfo, Word};
use oncue_types::RegisterMode;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::task::TaskFlags;
use crate::flags::trigger::TriggerFlagError;
use crate::render::clean::clean;
use crate::render::json::{self, Text};
use crate::render::screen::Screen;
use crate::render::time::Clock;
use crate::render::words;

/// Make a command a task
///
/// The command runs when its trigger fires and its condition holds, even if no program is open, and
/// after a reboot. The process is the run: exit status 0 means that it completed. Its output is kept:
/// `oncue logs NAME` shows it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oncue add backup --every 1h --when 'internet and ac' --retry 5 -- restic backup /home/me\n  \
    oncue add mail --every 15m -- mbsync -a\n  \
    oncue add report --at 'Mon..Fri 9:00' --missed once -- ./report.sh\n  \
    oncue add build --on-change src --recursive -- cargo build\n  \
    oncue add clean --shell -- 'find ~/Downloads -mtime +30 -delete > /dev/null'\n\n\
    The command is told about its run by variables: ONCUE_TASK, ONCUE_TASK_ID, ONCUE_INSTANCE, \
    ONCUE_TRIGGER, ONCUE_FIRINGS, ONCUE_RUN (a JSON file with all of that and the trigger's details) and \
    ONCUE (the path of this program). `oncue progress 40 'uploading'` inside it reports how far it has come.")]
pub(crate) struct Arguments {
    /// The task's name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
    #[command(flatten)]
    task: TaskFlags,
    /// Replace the task of this name, if there is one
    #[arg(long, conflicts_with = "keep", help_heading = "Options")]
    replace: bool,
    /// Keep the task of this name, if there is one
    #[arg(long, help_heading = "Options")]
    keep: bool,
    /// Show what would be added and when it would run, without adding it
    #[arg(long, help_heading = "Options")]
    dry_run: bool,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long, help_heading = "Options")]
    json: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    words: Vec<OsString>,
}

/// The result of adding or changing a command.
#[derive(Debug, Serialize)]
pub(super) struct Shape<'a> {
    how: Text<&'a Word<How>>,
    changed: &'a [String],
    task_id: Text<TaskId>,
    task: Option<json::Task<'a>>,
}

impl From<TriggerFlagError> for Failure {
    fn from(error: TriggerFlagError) -> Self {
        match error {
            TriggerFlagError::Here(_) => Self::new(Exit::Failed, error),
            TriggerFlagError::Path { .. } | TriggerFlagError::Trigger(_) => Self::new(Exit::Usage, error),
        }
    }
}

/// Adds a command.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let spec = spec(arguments)?;
    let mut screen = Screen::open();
    if arguments.dry_run {
        plan::check(&spec)?;
        plan::check_with_broker(&spec)?;
        let plan = plan::Plan::of(&spec);
        if arguments.json {
            screen.json(&plan.shape())?;
        } else {
            screen.write_all(plan.draw(screen.width()).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let broker = Broker::connect()?;
    let registered = broker.add_command(&spec)?;
    let task = broker.task_with_id(registered.task_id)?;
    let clock = Clock::here();
    if arguments.json {
        screen.json(&Shape::of(&registered, task.as_ref(), &clock))?;
    } else {
        screen.write_all(said(&spec.name, &registered, task.as_ref(), &clock).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn spec(arguments: &Arguments) -> Result<CommandSpec, Failure> {
    let mode = match (arguments.replace, arguments.keep) {
        (true, _) => RegisterMode::Replace,
        (false, true) => RegisterMode::Keep,
        (false, false) => RegisterMode::New,
    };
    Ok(CommandSpec { mode: mode.into(), ..arguments.task.spec(&arguments.name, &arguments.words)? })
}

/// Describes what was done, and when the task runs.
pub(super) fn said(name: &str, registered: &Registered, task: Option<&TaskInfo>, clock: &Clock) -> String {
    let name = clean(name);
    let what = match &registered.how {
        Word::Known(How::New) => format!("{name} is added"),
        Word::Known(How::Kept) => format!("{name} is kept as it is"),
        Word::Known(How::Replaced) => {
            format!("{name} is changed ({})", clean(&registered.changed.join(", ")))
        }
        Word::Other(how) => format!("{name}: {}", clean(how)),
    };
    let Some(task) = task else { return what + "\n" };
    if words::is_disabled(task) {
        return what + ": it is disabled, and only runs on request\n";
    }
    let mut text = format!("{what}: it runs {}", clean(&words::trigger_of(task)));
    if task.condition.is_some() {
        text.push_str(&format!(", if {}", clean(&words::condition(task.condition.as_ref()))));
    }
    if let Some(due) = task.next_due {
        text.push_str(&format!("; next {}", clock.window(due, task.next_by)));
    }
    text + "\n"
}

impl<'a> Shape<'a> {
    /// Returns the shape of what was done.
    pub(super) fn of(registered: &'a Registered, task: Option<&'a TaskInfo>, clock: &Clock) -> Self {
        Self {
            how: Text(&registered.how),
            changed: &registered.changed,
            task_id: Text(registered.task_id),
            task: task.map(|task| json::Task::of(task, clock)),
        }
    }
}
