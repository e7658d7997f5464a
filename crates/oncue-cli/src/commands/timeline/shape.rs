//! The timeline as JSON.

use oncue::tools::TaskId;
use serde::Serialize;

use super::{gather, lane};
use crate::commands::next::ComingRun;
use crate::kept::Kept;
use crate::render::json::{Run, Text};
use crate::render::time::Clock;

/// The timeline.
#[derive(Debug, Serialize)]
pub(super) struct Timeline<'a> {
    now: String,
    since: String,
    until: String,
    is_cut: bool,
    tasks: Vec<Lane<'a>>,
}

/// A task.
#[derive(Debug, Serialize)]
struct Lane<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    is_registered: bool,
    past: Vec<Run<'a>>,
    coming: Vec<ComingRun<'a>>,
    coming_count: u64,
}

impl<'a> Timeline<'a> {
    /// Returns the shape of the timeline.
    pub(super) fn of(timeline: &'a gather::Timeline, clock: &Clock, kept: &Kept) -> Self {
        Self {
            now: clock.rfc3339(timeline.now()),
            since: clock.rfc3339(timeline.since),
            until: clock.rfc3339(timeline.until),
            is_cut: timeline.is_cut || timeline.ahead.outlook.is_cut,
            tasks: timeline.lanes.iter().map(|lane| Lane::of(lane, clock, kept)).collect(),
        }
    }
}

impl<'a> Lane<'a> {
    fn of(lane: &'a lane::Lane, clock: &Clock, kept: &Kept) -> Self {
        Self {
            task_id: Text(lane.task.task_id),
            name: &lane.task.name,
            package: &lane.task.package,
            is_registered: !lane.is_gone,
            past: lane.past.iter().map(|entry| Run::of(entry, clock, kept)).collect(),
            coming: lane.coming.runs.iter().map(|run| ComingRun::of(&lane.task, run, clock)).collect(),
            coming_count: lane.coming.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::NOW;
    use crate::commands::timeline::sample::timeline;
    use crate::render::json::documented::{assert_documented, value};
    use jiff::tz::TimeZone;

    #[test]
    fn the_timeline_is_as_documented() {
        let timeline = timeline();
        let shape = value(&Timeline::of(&timeline, &Clock::at(NOW, TimeZone::UTC), &Kept::nothing()));
        assert_documented("A timeline", &shape);
        assert_documented("A task of a timeline", &shape["tasks"][0]);
    }
}
