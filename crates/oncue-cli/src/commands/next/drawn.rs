//! The outlook for people: a table, and a line for each thing that is worth knowing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use oncue::tools::{TaskId, TaskInfo, Wall};
use oncue_broker::ahead::{Behind, Clash, Coming, ComingRun};
use oncue_types::Cause;

use crate::ahead::Ahead;
use crate::commands::next::{FEW, held_by, reason};
use crate::render::clean::clean;
use crate::render::style::{ALIVE, FAINT, HELD, PLAIN, TITLE, paint};
use crate::render::table::{Cell, Column, Table};
use crate::render::time::{Clock, length};
use crate::render::words;

const RUNS: [Column; 5] = [
    Column::new("TIME", 8, 0),
    Column::new("NAME", 12, 0),
    Column::new("WHY", 16, 2),
    Column::new("USUALLY", 7, 1),
    Column::new("TIMES", 8, 3),
];

const IDLE: [Column; 2] = [Column::new("NAME", 12, 0), Column::new("WHY NOT", 24, 0)];

/// How many tasks that wait for other runs are named.
const CLASHES: usize = 10;

/// The outlook for some tasks.
#[derive(Debug)]
pub(super) struct Drawn<'a> {
    pub(super) ahead: &'a Ahead,
    pub(super) tasks: &'a [&'a TaskInfo],
    pub(super) clock: &'a Clock,
}

/// A line of the table.
struct Row<'a> {
    task: &'a TaskInfo,
    run: &'a ComingRun,
    /// If the other runs of the task are not shown.
    coming: Option<&'a Coming>,
}

impl Drawn<'_> {
    pub(super) fn draw(&self, width: Option<usize>) -> String {
        let mut text = match self.rows() {
            rows if rows.is_empty() => "nothing will run in this time\n".to_owned(),
            rows => self.runs(&rows).draw(width),
        };
        text += &self.notes();
        let idle: Vec<&TaskInfo> = self.tasks.iter().copied().filter(|task| self.is_idle(task)).collect();
        if !idle.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n{}", paint(TITLE, "will not run in this time:"));
            text += &self.idle(&idle).draw(width);
        }
        text
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for task in self.tasks.iter().copied() {
            let Some(coming) = self.ahead.outlook.coming.get(&task.task_id) else { continue };
            let is_folded = coming.count > coming.runs.len().max(FEW) as u64;
            let shown = if is_folded && coming.runs.len() <= FEW { 1 } else { coming.runs.len() };
            for (at, run) in coming.runs.iter().take(shown).enumerate() {
                let is_last = at + 1 == shown;
                rows.push(Row { task, run, coming: (is_folded && is_last).then_some(coming) });
            }
        }
        rows.sort_by_key(|row| (row.run.at, row.task.task_id));
        rows
    }

    fn runs(&self, rows: &[Row<'_>]) -> Table {
        let mut table = Table::new(&RUNS);
        for Row { task, run, coming } in rows {
            let usual = run.usual.map(length).unwrap_or_else(|| "unknown".to_owned());
            table.row(vec![
                match run.is_running {
                    true => Cell::styled("running", ALIVE),
                    false => self.clock.brief(run.at).into(),
                },
                (&task.name).into(),
                Cell::styled(&self.why(task, run), if run.wait.is_some() { HELD } else { PLAIN }),
                usual.into(),
                coming.map(|coming| self.times(coming)).unwrap_or_default().into(),
            ]);
        }
        table
    }

    /// Why it runs, and what it waits for before.
    fn why(&self, task: &TaskInfo, run: &ComingRun) -> String {
        let why = match run.cause {
            _ if run.is_running => {
                let ends = run.usual.map(|usual| run.at.after(usual)).filter(|end| *end > self.ahead.now);
                let ends = ends.map(|end| format!(", ends {}", self.clock.distance(end)));
                format!("since {}{}", self.clock.brief(run.at), ends.unwrap_or_default())
            }
            Cause::Retry => "another attempt after a failure".to_owned(),
            Cause::Trigger | Cause::Asked | Cause::Forced => words::trigger_of(task),
        };
        let Some(wait) = &run.wait else { return why };
        let since = self.clock.brief(wait.since);
        match wait.behind() {
            Some(Behind::Itself) => format!("{why}; due {since}, waits for its previous run"),
            Some(Behind::Queue(name)) => format!("{why}; due {since}, waits for {name}"),
            None => format!("{why}; due {since}, held: {}", held_by(wait)),
        }
    }

    fn times(&self, coming: &Coming) -> String {
        let last = coming.last.map(|last| format!(", last {}", self.clock.brief(last)));
        format!("{} times{}", coming.count, last.unwrap_or_default())
    }

    /// What is worth knowing about all of it.
    fn notes(&self) -> String {
        let outlook = &self.ahead.outlook;
        let mut text = String::new();
        let mut note = |style, line: &str| {
            let _ = writeln!(text, "{}", paint(style, &clean(line)));
        };
        let names: HashMap<TaskId, &str> =
            self.tasks.iter().map(|task| (task.task_id, task.name.as_str())).collect();
        let clashes = outlook.clashes.iter().filter_map(|clash| Some((clash, *names.get(&clash.task)?)));
        let clashes: Vec<(&Clash, &str)> = clashes.collect();
        for (clash, name) in clashes.iter().take(CLASHES) {
            note(HELD, &self.clash(clash, name));
        }
        if let Some(more) = clashes.len().checked_sub(CLASHES).filter(|more| *more > 0) {
            note(HELD, &format!("{more} more tasks wait for other runs; `oncue next --json` lists them"));
        }
        let until = self.clock.brief(outlook.reached);
        let wakes = match outlook.wake_ups {
            0 => "no wake-up".to_owned(),
            1 => "1 wake-up".to_owned(),
            count => format!("{count} wake-ups"),
        };
        note(PLAIN, &format!("{wakes} until {until}, for all tasks"));
        if outlook.is_cut {
            note(HELD, "too much happens to look further ahead; shorten the time with --for");
        }
        if self.ahead.durations_cut {
            note(
                HELD,
                "there are too many tasks to look up the usual duration of each; others count as instant",
            );
        }
        note(
            FAINT,
            "if facts stay as they are now, and every run completes after its usual time (unknown: at once)",
        );
        text
    }

    fn clash(&self, clash: &Clash, name: &str) -> String {
        let who = match &clash.behind {
            Behind::Itself => format!("{name} is still running when it fires again"),
            Behind::Queue(other) => format!("{name} waits for {other}, which is in the same queue"),
        };
        format!("{who}: {}", self.how_often(clash.count, clash.first, clash.longest))
    }

    fn how_often(&self, count: u64, first: Wall, longest: Duration) -> String {
        let (first, longest) = (self.clock.brief(first), length(longest));
        if count == 1 {
            format!("~{longest}, until {first}")
        } else {
            format!("{count} times, at most ~{longest}, first until {first}")
        }
    }

    fn is_idle(&self, task: &TaskInfo) -> bool {
        self.ahead.outlook.coming.get(&task.task_id).is_none_or(|coming| coming.count == 0)
    }

    fn idle(&self, tasks: &[&TaskInfo]) -> Table {
        let mut table = Table::new(&IDLE);
        for task in tasks {
            table.row(vec![(&task.name).into(), reason(self.ahead, task, self.clock).into()]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::next::sample::tasks;
    use crate::commands::sample::{NOW, assert_transcript};
    use jiff::tz::TimeZone;

    #[test]
    fn the_transcript_shows_what_comes_and_what_does_not() {
        let ahead = Ahead::of(NOW, tasks(), Duration::from_secs(7 * 86_400), FEW);
        let tasks: Vec<&TaskInfo> = ahead.tasks.iter().collect();
        let clock = Clock::at(NOW, TimeZone::UTC);
        assert_transcript("next", &Drawn { ahead: &ahead, tasks: &tasks, clock: &clock }.draw(Some(100)));
    }
}
