//! `oncue cancel`: cancels a task's run, or drops its held firing.

use std::io::Write as _;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use oncue::BackgroundTaskCancellationReason as Reason;
use oncue::tools::{Broker, TaskInfo};

use crate::commands::run::ending;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Awaited, FollowError, Happening, Happenings, Step, Wait};
use crate::render::clean::clean;
use crate::render::live::Live;
use crate::render::screen::Screen;
use crate::which;

/// Cancel a task's run, or drop its held firing
///
/// The run learns the reason, has a few seconds to clean up, and is killed after that. The task
/// stays registered.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue cancel SampleTask\n  oncue cancel SampleTask --reason EnergySaver"
)]
pub(crate) struct Arguments {
    /// The task's name, package/name, or the start of its id (at least 8 characters)
    task: String,
    /// The reason that the run and the ledger receive: one of WinRT's names, in any case
    #[arg(long, value_name = "NAME", default_value = Reason::Abort.name(), ignore_case = true)]
    #[arg(value_parser = PossibleValuesParser::new(Reason::ALL.map(Reason::name)).map(named))]
    reason: Reason,
    /// Do not wait for the run to end
    #[arg(long)]
    no_wait: bool,
}

/// The argument parser accepts only valid names.
fn named(name: String) -> Reason {
    let found = Reason::ALL.into_iter().find(|reason| reason.name().eq_ignore_ascii_case(&name));
    found.unwrap_or(Reason::Abort)
}

/// Cancels a task's run.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task_to_change(&broker, &arguments.task)?;
    let mut screen = Screen::open();
    if arguments.no_wait {
        broker.cancel_for(task.task_id, arguments.reason)?;
        writeln!(screen, "{} is being cancelled", clean(&task.name))?;
        return Ok(Exit::Done);
    }
    let happenings = Happenings::of_signals()?;
    happenings.watch(&broker)?;
    broker.cancel_for(task.task_id, arguments.reason)?;
    wait(&task, &happenings, &mut screen)
}

fn wait(task: &TaskInfo, happenings: &Happenings, screen: &mut Screen) -> Result<Exit, Failure> {
    let awaited = task.instance_id.map_or(Awaited::Next, Awaited::Run);
    let mut wait = Wait::of(task.task_id, awaited);
    let mut live = Live::open();
    live.say("cancelling");
    loop {
        match happenings.next(None) {
            Happening::Notice(notice) => {
                if let Some(Step::Ended(entry)) = wait.hear(*notice) {
                    live.close();
                    write!(screen, "{}: {}", clean(&task.name), ending(&entry))?;
                    return Ok(Exit::Done);
                }
            }
            Happening::Interrupted | Happening::Terminated => {
                live.close();
                writeln!(screen, "no longer waiting; {} was told to end", clean(&task.name))?;
                return Ok(Exit::Interrupted);
            }
            Happening::Gone => {
                live.close();
                return Err(FollowError::Gone.into());
            }
            Happening::Nothing | Happening::Changed | Happening::Answered(_) => {}
        }
    }
}
