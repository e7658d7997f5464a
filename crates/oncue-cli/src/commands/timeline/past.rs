//! Marks for what has happened to a task, from the ledger.

use std::time::Duration;

use oncue::tools::Entry;

use super::gather::Timeline;
use super::lane::Lane;
use super::mark::{About, Kind, Mark};
use crate::render::time::{Clock, length};
use crate::render::words;

/// A run that begins this much after the time within which its firing could be handled was not held.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Returns the marks of a task's past, in order.
pub(super) fn marks(timeline: &Timeline, lane: &Lane, clock: &Clock) -> Vec<Mark> {
    let (delay, mut marks) = (lane.slack(timeline.ahead.slack) + AT_ONCE, Vec::new());
    for (at, entry) in lane.past.iter().enumerate() {
        let begins = entry.started_at.unwrap_or(entry.ended_at);
        if begins.since(entry.fired_at) > delay {
            let held = length(begins.since(entry.fired_at));
            marks.push(Mark {
                kind: Kind::Held,
                from: entry.fired_at,
                to: begins,
                count: 1,
                title: format!("held for {held}: {}", cause(timeline, lane, entry)),
                about: About::Past(at, entry.fired_at),
            });
        }
        marks.push(Mark {
            kind: Kind::of(entry),
            from: begins,
            to: entry.ended_at,
            count: 1,
            title: format!("{}: {}", clock.local(begins), words::whole_ending(entry)),
            // An instant at which it was running; of a firing without a run, the one at which it fired.
            about: About::Past(at, entry.started_at.unwrap_or(entry.fired_at)),
        });
    }
    marks
}

/// Returns what held a firing. The ledger does not record that, but it shows runs that were in the way.
fn cause(timeline: &Timeline, lane: &Lane, entry: &Entry) -> String {
    if lane.alive_at(entry.fired_at, entry).is_some() {
        return "its previous run had not ended".to_owned();
    }
    let mut members = timeline.beside(lane);
    if let Some(other) = members.find(|other| other.alive_at(entry.fired_at, entry).is_some()) {
        return format!("{} was running, which is in the same queue", other.task.name);
    }
    match &lane.task.condition {
        Some(condition) => format!("the cause is not recorded; its condition is now `{condition}`"),
        None => "the cause is not recorded, such as a pause".to_owned(),
    }
}
