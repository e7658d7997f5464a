//! Marks for what happens to a task now, and for what comes.

use oncue::tools::{TaskInfo, Wall};
use oncue_broker::ahead::{Behind, ComingRun, Wait};
use oncue_types::Cause;

use super::gather::Timeline;
use super::lane::Lane;
use super::mark::{About, Kind, Mark};
use crate::commands::next::{held_by, reason};
use crate::render::card::Card;
use crate::render::time::{Clock, length};
use crate::render::words;

/// Returns the marks of a task's present and future, in order.
pub(super) fn marks(timeline: &Timeline, lane: &Lane, clock: &Clock) -> Vec<Mark> {
    let (now, mut marks) = (timeline.now(), Vec::new());
    let waits = lane.task.waiting.filter(|_| lane.task.instance_id.is_none());
    let first = lane.coming.runs.first().map(|run| run.at);
    if let Some(waiting) = waits {
        let ends = first.unwrap_or(timeline.until);
        let title = match first {
            Some(at) => format!("has fired, and is held until {}", clock.brief(at)),
            None => reason(&timeline.ahead, &lane.task, clock),
        };
        let mark =
            |kind, from, to| Mark { kind, from, to, count: 1, title: title.clone(), about: About::Now };
        marks.push(mark(Kind::Held, waiting.since, now));
        marks.push(mark(Kind::WillWait, now, ends));
    }
    if waits.is_none() {
        marks.extend(held_at_the_end(timeline, lane, clock));
    }
    for run in &lane.coming.runs {
        marks.extend(run_marks(lane, run, now, clock));
    }
    let described = lane.coming.runs.len() as u64;
    if let (true, Some(last), Some(before)) =
        (lane.coming.count > described, lane.coming.last, lane.coming.runs.last())
    {
        let more = lane.coming.count - described;
        let title = format!("{more} more runs until {}", clock.brief(last));
        let about = About::Text(title.clone());
        marks.push(Mark { kind: Kind::Coming, from: before.at, to: last, count: more, title, about });
    }
    marks
}

/// Returns the mark of a firing that will wait and does not run in this time.
fn held_at_the_end(timeline: &Timeline, lane: &Lane, clock: &Clock) -> Option<Mark> {
    let end = timeline.ahead.outlook.view(lane.task.task_id).filter(|_| lane.coming.count == 0)?;
    let from = end.waiting?.at.max(timeline.now());
    let title = reason(&timeline.ahead, &lane.task, clock);
    let about = About::Text(format!("{}: {title}", lane.task.name));
    Some(Mark { kind: Kind::WillWait, from, to: timeline.until, count: 1, title, about })
}

fn run_marks(lane: &Lane, run: &ComingRun, now: Wall, clock: &Clock) -> Vec<Mark> {
    let ends = run.at.after(run.usual.unwrap_or_default());
    if run.is_running {
        let title = format!("running since {}", clock.brief(run.at));
        let mark =
            |kind, from, to| Mark { kind, from, to, count: 1, title: title.clone(), about: About::Now };
        let rest = mark(Kind::Coming, now, ends.max(now));
        let running = mark(Kind::Running, run.at, now);
        return if ends > now { vec![running, rest] } else { vec![running] };
    }
    let text = text(&lane.task, run, clock);
    let mark =
        |kind, from, to, title| Mark { kind, from, to, count: 1, title, about: About::Text(text.clone()) };
    let usually = run.usual.map(|usual| format!(", usually for {}", length(usual))).unwrap_or_default();
    let runs = mark(Kind::Coming, run.at, ends, format!("will run at {}{usually}", clock.local(run.at)));
    let waits = run.wait.as_ref().filter(|wait| wait.since >= now).map(|wait| {
        mark(Kind::WillWait, wait.since.max(now), run.at, format!("will wait: {}", waits_for(wait)))
    });
    waits.into_iter().chain([runs]).collect()
}

/// Tells about a run to come what `oncue why` would tell then.
fn text(task: &TaskInfo, run: &ComingRun, clock: &Clock) -> String {
    let mut card = Card::default();
    card.row(
        "because",
        match run.cause {
            Cause::Retry => "it is tried again after a failure".to_owned(),
            Cause::Trigger | Cause::Asked | Cause::Forced => words::trigger_of(task),
        },
    );
    card.row("due", clock.local(run.due));
    card.row_if("waits", run.wait.as_ref().map(waits_for));
    card.row(
        "usually",
        match run.usual {
            Some(usual) => length(usual),
            None => "unknown: no completed run is in the ledger".to_owned(),
        },
    );
    let sentence = format!("At {}, {} will run, if nothing changes.", clock.local(run.at), task.name);
    format!("{sentence}\n{}", card.draw(None))
}

fn waits_for(wait: &Wait) -> String {
    match wait.behind() {
        Some(Behind::Itself) => "its previous run has not ended then".to_owned(),
        Some(Behind::Queue(name)) => format!("{name} runs then, which is in the same queue"),
        None => held_by(wait),
    }
}
