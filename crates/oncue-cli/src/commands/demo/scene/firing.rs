//! The steps from the firing to the ledger.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use oncue::tools::{Entry, InstanceId, Notice, Of, RunState, TaskInfo};
use oncue::{Force, Outcome};

use super::{PATIENCE, Scene};
use crate::commands::demo::error::DemoError;
use crate::commands::demo::machine;
use crate::commands::demo::numbers::{AT_ONCE, Numbers, grouped};
use crate::commands::demo::own_broker::system;
use crate::process;
use crate::render::live::Live;
use crate::render::needs;
use crate::render::time::{Clock, length};
use crate::render::words;

/// How long to wait for a held task, in case the broker is about to learn that its condition holds.
const SOON: Duration = Duration::from_secs(1);
/// How often to check the file.
const LOOK: Duration = Duration::from_millis(100);

/// A run that was started by firing the task.
#[derive(Debug)]
pub(super) struct Fired {
    instance_id: InstanceId,
    at: Instant,
    /// The time between the firing and the entry into `run`, if known.
    entered: Option<Duration>,
}

/// A run that was entered.
#[derive(Debug)]
pub(super) struct Entered {
    /// The time since the firing.
    after: Duration,
    /// The process that runs the task.
    server: machine::Process,
}

impl Scene<'_> {
    pub(super) fn fire(&mut self, task: &TaskInfo) -> Result<(Fired, String), DemoError> {
        self.happenings.watch(self.ask()?)?;
        let at = Instant::now();
        let fired = self.ask()?.fire(task.task_id, Force::No)?;
        if let (true, Some(instance_id)) = (fired.state == RunState::Started, fired.instance_id) {
            let fired = Fired { instance_id, at, entered: None };
            return Ok((fired, "fired the task, as its trigger would".to_owned()));
        }
        if let Some(instance_id) = self.run_entered(task, at + SOON)? {
            let fired = Fired { instance_id, at, entered: Some(at.elapsed()) };
            return Ok((
                fired,
                "fired the task; it was held until its condition was known to hold".to_owned(),
            ));
        }
        self.report
            .note("fired the task; it is held, because its condition does not hold on this machine")?;
        for reason in needs::failing(&fired.failing, &self.ask()?.facts()?, &Clock::here()) {
            self.report.detail(&reason)?;
        }
        self.report.begin();
        let at = Instant::now();
        let fired = self.ask()?.fire(task.task_id, Force::Yes)?;
        let held = || DemoError::missing("the task is held although it was fired with force");
        let fired = Fired { instance_id: fired.instance_id.ok_or_else(held)?, at, entered: None };
        Ok((fired, "fired the task with force, which ignores its condition".to_owned()))
    }

    /// Waits until a run of the task is entered.
    fn run_entered(&self, task: &TaskInfo, deadline: Instant) -> Result<Option<InstanceId>, DemoError> {
        loop {
            match self.notice(deadline)? {
                None => return Ok(None),
                Some(Notice::RunEntered { task_id, instance_id }) if task_id == task.task_id => {
                    return Ok(Some(instance_id));
                }
                Some(Notice::Ended(entry)) if entry.task_id == task.task_id => {
                    return Err(ended(&entry, "before it was entered"));
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn entered(
        &mut self,
        task: &TaskInfo,
        fired: &Fired,
        program: &Path,
    ) -> Result<(Entered, String), DemoError> {
        let after = match fired.entered {
            Some(after) => after,
            None => {
                let entered = self.run_entered(task, Instant::now() + PATIENCE)?;
                entered.ok_or_else(|| DemoError::missing("the run was not entered"))?;
                fired.at.elapsed()
            }
        };
        let broker = self.broker()?.pid();
        let no_child =
            || DemoError::missing(format!("process {broker}, the broker, has no child that is the sample"));
        let server = machine::child(broker, program).ok_or_else(no_child)?;
        self.server = process::hold(server.pid);
        let said =
            format!("the broker has started the task server in a process of its own: pid {}", server.pid);
        Ok((Entered { after, server }, said))
    }

    /// Describes the process, how soon it ran the task, and where it writes.
    pub(super) fn describe_server(&mut self, entered: &Entered, file: &Path) -> io::Result<()> {
        let after = length(entered.after);
        self.report.detail(&entered.server.command)?;
        self.report.detail(&format!("its run was entered {after} after the firing, and writes to"))?;
        self.report.detail(&file.display().to_string())
    }

    pub(super) fn follow(&mut self, fired: &Fired, numbers: &mut Numbers) -> Result<((), String), DemoError> {
        let until = Instant::now() + self.plan.runs_for;
        let mut live = Live::open();
        let mut progress = None;
        let followed = loop {
            let now = Instant::now();
            if now >= until {
                break Ok(());
            }
            match self.notice(until.min(now + LOOK)) {
                Err(error) => break Err(error),
                Ok(Some(Notice::Progress { instance_id, value, .. })) if instance_id == fired.instance_id => {
                    progress = Some(value);
                }
                Ok(Some(Notice::Ended(entry))) if entry.instance_id == fired.instance_id => {
                    break Err(ended(&entry, "before it was cancelled"));
                }
                Ok(_) => {}
            }
            if let Err(error) = numbers.read_on() {
                break Err(system("reading the primes")(error));
            }
            if let Some(progress) = progress {
                live.say_often(&going_on(progress, numbers));
            }
        };
        live.close();
        followed?;
        let progress = progress.ok_or_else(|| DemoError::missing("the run reported no progress"))?;
        let last = numbers.last().ok_or_else(|| DemoError::missing("the run wrote no primes"))?;
        let count = grouped(numbers.count());
        Ok(((), format!("followed the run: progress {progress}, {count} primes, the last {}", grouped(last))))
    }

    pub(super) fn cancel(&mut self, task: &TaskInfo, fired: &Fired) -> Result<(Entry, String), DemoError> {
        self.ask()?.cancel(task.task_id)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let notice = self.notice(deadline)?;
            let notice = notice.ok_or_else(|| DemoError::missing("the cancelled run did not end"))?;
            let Notice::Ended(entry) = notice else { continue };
            if entry.instance_id != fired.instance_id {
                continue;
            }
            if entry.outcome != Outcome::Cancelled {
                return Err(ended(&entry, "instead of cancelled"));
            }
            return Ok((entry, "cancelled the run, and it has ended".to_owned()));
        }
    }

    pub(super) fn ledger(&mut self, task: &TaskInfo, entry: &Entry) -> Result<((), String), DemoError> {
        let entries = self.ask()?.history(Of::Task(task.task_id), 10)?;
        let kept = entries.iter().find(|kept| kept.instance_id == entry.instance_id);
        let kept = kept.ok_or_else(|| DemoError::missing("the run is not in the ledger"))?;
        let (ending, particulars) = (words::ending(kept), words::particulars(kept));
        Ok((
            (),
            format!(
                "found the run in the ledger: {}, {ending} {particulars}",
                Clock::here().local(kept.fired_at)
            ),
        ))
    }
}

fn ended(entry: &Entry, when: &str) -> DemoError {
    let message = entry.message.as_deref().map(|message| format!(": {}", message.trim())).unwrap_or_default();
    DemoError::missing(format!("the run ended {} {when}{message}", words::ending(entry)))
}

fn going_on(progress: u32, numbers: &Numbers) -> String {
    format!("progress {progress}, {} primes: … {}", grouped(numbers.count()), numbers.tail())
}

/// When the run is cancelled, the sample also writes the primes that it has collected.
pub(super) fn flushed(numbers: &mut Numbers) -> Result<((), String), DemoError> {
    numbers.read_on().map_err(system("reading the primes"))?;
    if let Some(problem) = numbers.problem() {
        return Err(DemoError::missing(format!("some primes are missing: {problem}")));
    }
    let (count, rest) = (numbers.count(), numbers.count() % AT_ONCE);
    let said = format!(
        "the remainder was flushed: {} primes = {} × {AT_ONCE} + {rest}, each with its delimiter, the last {}",
        grouped(count),
        grouped(count / AT_ONCE),
        grouped(numbers.last().unwrap_or_default()),
    );
    Ok(((), said))
}
