//! The timeline in the terminal: one line for each task, one character for each slot of time.

use std::fmt::Write as _;

use anstyle::Style;

use super::axis::Axis;
use super::gather::Timeline;
use super::lane::Lane;
use super::mark::{Kind, Mark};
use super::{coming, past};
use crate::render::clean::clean;
use crate::render::style::{ALIVE, BAD, FAINT, GOOD, HELD, PLAIN, paint};
use crate::render::time::Clock;
use crate::render::width::{self, cut};

/// The width of the whole, if there is no terminal to fit.
const WIDTH: usize = 100;
/// The minimum width of the axis.
const LEAST: usize = 20;
/// Between the names and the axis.
const GAP: usize = 2;
/// The distance of two ticks, at least.
const TICK: usize = 12;

/// Draws the timeline.
pub(super) fn draw(timeline: &Timeline, clock: &Clock, width: Option<usize>) -> String {
    if timeline.lanes.is_empty() {
        return "no tasks are registered, and none has run in this time\n".to_owned();
    }
    let width = width.unwrap_or(WIDTH);
    let longest = timeline.lanes.iter().map(|lane| width::width(&clean(&lane.task.name))).max().unwrap_or(0);
    let names = longest.min((width / 3).max(8));
    let slots = width.saturating_sub(names + GAP).max(LEAST);
    let axis = Axis { since: timeline.since, until: timeline.until };
    let mut text = format!("{:names$}{:GAP$}{}\n", "", "", paint(FAINT, &labels(&axis, slots, clock)));
    for lane in &timeline.lanes {
        let name = cut(&clean(&lane.task.name), names);
        let style = if lane.is_gone { FAINT } else { PLAIN };
        let gap = " ".repeat(names - width::width(&name) + GAP);
        let _ = writeln!(text, "{}{gap}{}", paint(style, &name), line(timeline, lane, &axis, slots, clock));
    }
    text += &legend();
    text += &notes(timeline, clock);
    text
}

/// What a slot shows: a mark, or no mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Mark(Kind),
    Now,
    Past,
    Future,
}

impl Slot {
    fn drawn(self) -> (char, Style) {
        match self {
            Self::Mark(Kind::Completed) => ('█', GOOD),
            Self::Mark(Kind::Wrong) => ('x', BAD),
            Self::Mark(Kind::Cancelled) => ('c', HELD),
            Self::Mark(Kind::Running) => ('▓', ALIVE),
            Self::Mark(Kind::Held) => ('▒', HELD),
            Self::Mark(Kind::WithoutRun) => ('-', HELD),
            Self::Mark(Kind::WillWait) => ('░', FAINT),
            Self::Mark(Kind::Coming) => ('o', PLAIN),
            Self::Now => ('│', FAINT),
            Self::Past => ('·', FAINT),
            Self::Future => (' ', PLAIN),
        }
    }
}

/// Draws a task's slots. If several marks share a slot, the most important one is shown.
fn line(timeline: &Timeline, lane: &Lane, axis: &Axis, slots: usize, clock: &Clock) -> String {
    let mut drawn = background(timeline, axis, slots);
    let marks: Vec<Mark> =
        past::marks(timeline, lane, clock).into_iter().chain(coming::marks(timeline, lane, clock)).collect();
    let now = axis.slot(timeline.now(), slots);
    for Mark { kind, from, to, .. } in marks {
        if to < timeline.since || from > timeline.until {
            continue;
        }
        // A mark of the past stays left of now, and one of the future right of it.
        let (first, last) = (axis.slot(from, slots), axis.slot(to, slots));
        let (first, last) = match kind.is_past() {
            true => (first.min(now.saturating_sub(1)), last.min(now.saturating_sub(1))),
            false => (first.max(now + 1), last.max(now + 1)),
        };
        for slot in drawn.iter_mut().take(last + 1).skip(first) {
            *slot = match *slot {
                Slot::Mark(before) => Slot::Mark(before.max(kind)),
                Slot::Now | Slot::Past | Slot::Future => Slot::Mark(kind),
            };
        }
    }
    painted(&drawn)
}

fn background(timeline: &Timeline, axis: &Axis, slots: usize) -> Vec<Slot> {
    let now = axis.slot(timeline.now(), slots);
    let empty = |slot: usize| match slot.cmp(&now) {
        std::cmp::Ordering::Less => Slot::Past,
        std::cmp::Ordering::Equal => Slot::Now,
        std::cmp::Ordering::Greater => Slot::Future,
    };
    (0..slots).map(empty).collect()
}

fn painted(slots: &[Slot]) -> String {
    let mut text = String::new();
    for same in slots.chunk_by(|a, b| a == b) {
        let (character, style) = same[0].drawn();
        let _ = write!(text, "{}", paint(style, &character.to_string().repeat(same.len())));
    }
    text.trim_end().to_owned()
}

/// Draws the labels of the ticks, each where its instant lies.
fn labels(axis: &Axis, slots: usize, clock: &Clock) -> String {
    let mut line = String::new();
    for (at, label) in axis.ticks((slots / TICK).max(1) as u64, clock) {
        let (slot, length) = (axis.slot(at, slots), line.chars().count());
        if (length == 0 || slot > length) && slot + label.chars().count() <= slots {
            line.extend(std::iter::repeat_n(' ', slot - length));
            line += &label;
        }
    }
    line
}

fn legend() -> String {
    let shown = |kind: &Kind| {
        let (character, style) = Slot::Mark(*kind).drawn();
        format!("{} {}", paint(style, &character.to_string()), paint(FAINT, kind.name()))
    };
    let kinds: Vec<String> = Kind::ALL.iter().rev().map(shown).collect();
    format!("{}\n", kinds.join("  "))
}

fn notes(timeline: &Timeline, clock: &Clock) -> String {
    let mut text = String::new();
    let mut note = |line: &str| {
        let _ = writeln!(text, "{}", paint(FAINT, line));
    };
    note("what comes assumes that facts stay as they are, and that runs complete after their usual time");
    if timeline.is_cut {
        note("there are older entries in this time that are not shown");
    }
    if timeline.ahead.outlook.is_cut {
        note(&format!("what comes is only known until {}", clock.brief(timeline.ahead.outlook.reached)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{NOW, assert_transcript};
    use crate::commands::timeline::sample::timeline;
    use jiff::tz::TimeZone;

    #[test]
    fn the_transcript_fits_the_terminal() {
        let (timeline, clock) = (timeline(), Clock::at(NOW, TimeZone::UTC));
        assert_transcript("timeline", &draw(&timeline, &clock, Some(100)));
        for width in [40, 80, 200] {
            let drawn = anstream::adapter::strip_str(&draw(&timeline, &clock, Some(width))).to_string();
            let lines = drawn.lines().take(timeline.lanes.len() + 1);
            assert!(
                lines.map(|line| line.chars().count()).all(|length| length <= width),
                "{width}:\n{drawn}"
            );
        }
    }
}
