//! Follows what a run writes, until it ends.

use std::time::{Duration, Instant, SystemTime};

use oncue::tools::{Broker, InstanceId, Of, TaskId, system_time};
use oncue_broker::output::{Archive, Kind, Line, Reading};

use crate::commands::logs::page::Page;
use crate::commands::logs::{Broken, choose};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{Awaited, FollowError, Happening, Happenings, Step, Wait};

/// How long the last lines may come after the end of a run. The broker tells clients of the end without waiting
/// for the thread that writes output.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Waits until the last lines of a task's last run are written, if it has just ended.
pub(super) fn wait_for_last_lines(archive: &Archive, broker: &Broker, task: TaskId) -> Result<(), Failure> {
    let Some(last) = choose::last_run(broker.ledger(Of::Task(task)))? else { return Ok(()) };
    let ago = SystemTime::now().duration_since(system_time(last.ended_at)).unwrap_or_default();
    let Some(left) = LAST_LINES.checked_sub(ago) else { return Ok(()) };
    let until = Instant::now() + left;
    let happenings = Happenings::of_signals()?;
    happenings.watch_folder(archive.folder(), &archive.folder_of(task))?;
    let mut reading = Reading::of(archive, task, last.instance_id);
    let mut is_complete = false;
    loop {
        reading.read(|line| -> Result<(), Broken> {
            is_complete |= line.kind == Kind::End;
            Ok(())
        })?;
        if is_complete {
            return Ok(());
        }
        match happenings.next(Some(until)) {
            Happening::Changed | Happening::Notice(_) => {}
            Happening::Nothing | Happening::Interrupted | Happening::Terminated | Happening::Gone => {
                return Ok(());
            }
            Happening::Answered(_) => {}
        }
    }
}

/// Writes what the run has written, and what it writes until it ends.
pub(super) fn to_the_end(
    archive: &Archive,
    broker: &Broker,
    task: TaskId,
    run: InstanceId,
    page: &mut Page,
) -> Result<Exit, Failure> {
    let happenings = Happenings::of_signals()?;
    happenings.watch(broker)?;
    happenings.watch_folder(archive.folder(), &archive.folder_of(task))?;
    let mut wait = Wait::of(task, Awaited::Run(run));
    let mut reading = Reading::of(archive, task, run);
    page.begin(run, None)?;
    // It may have ended before anybody listened.
    let has_ended = broker.find(&task.to_string())?.iter().all(|task| task.instance_id != Some(run));
    let mut until = has_ended.then(|| Instant::now() + LAST_LINES);
    loop {
        let mut is_end = false;
        reading.read(|line: Line<'_>| {
            is_end |= line.kind == Kind::End;
            page.line(&line).map_err(Broken::Page)
        })?;
        page.flush()?;
        if is_end {
            return Ok(Exit::Done);
        }
        match happenings.next(until) {
            Happening::Notice(notice) => {
                if let Some(Step::Ended(_)) = wait.hear(*notice) {
                    until = Some(Instant::now() + LAST_LINES);
                }
            }
            Happening::Changed | Happening::Answered(_) => {}
            Happening::Interrupted | Happening::Terminated => return Ok(Exit::Interrupted),
            Happening::Gone => return Err(FollowError::Gone.into()),
            Happening::Nothing => {
                page.say("the run has ended")?;
                return Ok(Exit::Done);
            }
        }
    }
}
