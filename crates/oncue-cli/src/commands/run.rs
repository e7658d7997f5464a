//! `oncue run`: fires a task now, and follows its run if asked to.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, Entry, Fired, RunState, TaskInfo};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Awaited, Happening, Happenings, Step, Wait};
use crate::render::blocked::{blocked, handle};
use crate::render::clean::clean;
use crate::render::json;
use crate::render::live::Live;
use crate::render::screen::Screen;
use crate::render::style::{self, HELD, paint};
use crate::render::time::Clock;
use crate::render::words;
use crate::which;

/// Fire a task now
///
/// Its conditions still decide whether it runs or is held, unless --force.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue run SampleTask\n  oncue run --wait SampleTask && echo completed\n\n\
    With --wait the exit code is 0 when the run completed and 1 when it ended otherwise."
)]
pub(crate) struct Arguments {
    /// Its name, package/name, or the start of its id
    task: String,
    /// Run it whatever its conditions say
    #[arg(long)]
    force: bool,
    /// Follow the run to its end; Ctrl-C stops following, not the run
    #[arg(long)]
    wait: bool,
    /// Write JSON, as docs/interface/json.md describes it
    #[arg(long)]
    json: bool,
}

/// Fires a task.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    let task = which::task(&broker, &arguments.task)?;
    // Whoever listens only after the firing may miss the end of a short run.
    let happenings = if arguments.wait { Some(listen(&broker)?) } else { None };
    let fired = broker.fire(&task.task_id, arguments.force)?;
    let mut screen = Screen::open();
    if !arguments.json {
        let said = said(&task, &fired, &broker, &arguments.task)?;
        screen.write_all(said.as_bytes())?;
        screen.flush()?;
    }
    let followed = happenings.map(|happenings| follow(&happenings, &fired, arguments.json)).transpose()?;
    let ended = match &followed {
        Some(Followed::Ended(entry)) => Some(entry.as_ref()),
        _ => None,
    };
    let clock = Clock::here();
    if arguments.json {
        screen.json(&shape(&fired, ended, &clock))?;
    } else if let Some(entry) = ended {
        screen.write_all(ending(entry).as_bytes())?;
    }
    match followed {
        Some(Followed::Interrupted) => {
            say_it_goes_on(&task);
            Ok(Exit::Interrupted)
        }
        Some(Followed::Ended(entry)) if entry.outcome != "completed" => Ok(Exit::Failed),
        Some(Followed::Ended(_)) | None => Ok(Exit::Done),
    }
}

fn listen(broker: &Broker) -> Result<Happenings, Failure> {
    let happenings = Happenings::of_signals()?;
    happenings.watch(broker)?;
    Ok(happenings)
}

/// How following came to its end.
enum Followed {
    Ended(Box<Entry>),
    Interrupted,
}

fn follow(happenings: &Happenings, fired: &Fired, silent: bool) -> Result<Followed, Failure> {
    let awaited = match fired.state {
        RunState::Started => Awaited::Run(fired.instance_id.clone()),
        RunState::AfterThis => Awaited::After(fired.instance_id.clone()),
        RunState::Held => Awaited::Next,
    };
    let mut wait = Wait::of(&fired.task_id, awaited);
    let mut live = if silent { Live::Silent } else { Live::open() };
    live.say(match fired.state {
        RunState::Started => "activating",
        RunState::AfterThis => "waiting for the present run to end",
        RunState::Held => "held",
    });
    loop {
        let step = match happenings.next(None) {
            Happening::Notice(notice) => wait.hear(*notice),
            Happening::Interrupted => {
                live.close();
                return Ok(Followed::Interrupted);
            }
            Happening::Gone => {
                live.close();
                return Err(Failure::Gone { what: "the end of the run".into() });
            }
            Happening::Nothing => None,
        };
        match step {
            Some(Step::Entered) => live.say("running"),
            Some(Step::Progress(value)) => live.say_often(&format!("running, progress {value}")),
            Some(Step::Ended(entry)) => {
                live.close();
                return Ok(Followed::Ended(entry));
            }
            None => {}
        }
    }
}

/// Says what became of the firing.
fn said(task: &TaskInfo, fired: &Fired, broker: &Broker, named: &str) -> Result<String, Failure> {
    let name = clean(&task.name);
    Ok(match fired.state {
        RunState::Started => format!("{name} started (run {})\n", clean(&fired.instance_id)),
        RunState::AfterThis => format!("{name} runs now; it runs again when this run has ended\n"),
        RunState::Held => held(task, fired, broker, named)?,
    })
}

/// Says why a task is held, and what can be done.
fn held(task: &TaskInfo, fired: &Fired, broker: &Broker, named: &str) -> Result<String, Failure> {
    let failing = words::failing(&fired.failing, &broker.facts()?, &Clock::here());
    let others = blocked(&fired.blocked, task, named);
    let mut text = format!("{} is {}", clean(&task.name), paint(HELD, "held"));
    text.push_str(match (others.is_empty(), failing.is_empty()) {
        (true, true) => "\n",
        (true, false) => " because its condition fails:\n",
        (false, _) => ":\n",
    });
    for reason in others.iter().map(|other| &other.what).chain(&failing) {
        text.push_str(&format!("  {}\n", clean(reason)));
    }
    for other in &others {
        text.push_str(&format!("{}\n", clean(&other.way_out)));
    }
    if others.is_empty() && !failing.is_empty() {
        let force = format!("`oncue run --force {}` does not wait for that", handle(task, named));
        text.push_str(&format!("it runs as soon as the condition holds; {force}\n"));
    }
    Ok(text)
}

/// Says how a run ended, and what it left to say.
pub(super) fn ending(entry: &Entry) -> String {
    let (ending, particulars) = (words::ending(entry), words::particulars(entry));
    let mut text = paint(style::of_outcome(&entry.outcome), &clean(&ending));
    if !particulars.is_empty() {
        text = format!("{text} {}", clean(&particulars));
    }
    text.push('\n');
    for line in entry.message.iter().flat_map(|message| message.lines()) {
        text.push_str(&format!("  {}\n", clean(line)));
    }
    text
}

fn say_it_goes_on(task: &TaskInfo) {
    let name = clean(&task.name);
    // Where nobody reads, nothing is missed.
    let _ = writeln!(
        anstream::stderr(),
        "no longer waiting; {name} goes on: `oncue show {name}`, `oncue cancel {name}`"
    );
}

fn shape<'a>(fired: &'a Fired, ended: Option<&'a Entry>, clock: &Clock) -> json::Fired<'a> {
    json::Fired {
        task_id: &fired.task_id,
        state: match fired.state {
            RunState::Started => "started",
            RunState::Held => "held",
            RunState::AfterThis => "after_this",
        },
        instance_id: Some(fired.instance_id.as_str()).filter(|id| !id.is_empty()),
        failing: &fired.failing,
        blocked: &fired.blocked,
        run: ended.map(|entry| json::Run::of(entry, clock)),
    }
}
