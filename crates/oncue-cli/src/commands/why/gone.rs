//! A task that is no longer registered but is still in the ledger.

use std::time::SystemTime;

use oncue::Outcome;
use oncue::tools::{Broker, Entry, Of, TaskId, TaskInfo, Word};
use oncue::why::WhyAt;
use serde::Serialize;

use crate::commands::show;
use crate::kept::Kept;
use crate::ledger;
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::json::{Run, Text};
use crate::render::style::{self, TITLE, paint};
use crate::render::time::Clock;
use crate::render::words;

/// How many of its last firings to show.
const FIRINGS: usize = 3;
/// How many are looked through for what it did at an instant.
const ENTRIES: u32 = 1_000;
/// The state of a task of which only the ledger knows.
const GONE: &str = "gone";

/// A task that only the ledger knows.
#[derive(Debug)]
pub(super) struct Gone {
    /// Its last firing.
    last: Entry,
    /// The firings before.
    before: Vec<Entry>,
}

/// The answer as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Shape<'a> {
    task_id: Text<TaskId>,
    name: &'a str,
    package: &'a str,
    state: &'static str,
    runs: Vec<Run<'a>>,
}

impl Gone {
    /// Looks for the task in the ledger.
    ///
    /// # Errors
    /// Returns an error if the broker refuses.
    pub(super) fn find(broker: &Broker, named: &str) -> Result<Option<Self>, oncue::Error> {
        let mut entries = ledger::named(broker, named, |entry| entry.outcome != Outcome::Coalesced, FIRINGS)?;
        if entries.is_empty() {
            return Ok(None);
        }
        let last = entries.remove(0);
        // Several tasks may have had this name.
        entries.retain(|entry| entry.task_id == last.task_id);
        Ok(Some(Self { last, before: entries }))
    }

    /// Says what it did at an instant.
    pub(super) fn at(&self, broker: &Broker, at: SystemTime) -> Result<WhyAt, oncue::Error> {
        let Entry { task_id, name, package, .. } = self.last.clone();
        let entries = broker.history(Of::Task(task_id), ENTRIES)?;
        let task = TaskInfo { task_id, name, package, state: Word::read(GONE), ..TaskInfo::default() };
        Ok(WhyAt::new(task, entries, at))
    }

    /// Draws the answer.
    pub(super) fn draw(&self, clock: &Clock, kept: &Kept, width: Option<usize>) -> String {
        let last = &self.last;
        let (ended, ago) = (words::outcome(&last.outcome), clock.distance(last.ended_at));
        let what = format!("is no longer registered; its last firing ended {ago} as {ended}.");
        let mut card = Card::default();
        card.row(
            "because",
            "a one-shot task ends with its run; other tasks end when they or their package are removed",
        );
        card.row("to do", "nothing; start its program if it should register the task again");
        for (at, run) in self.entries().enumerate() {
            card.styled(
                if at == 0 { "before" } else { "" },
                &show::line(run, clock),
                style::of_ending(&run.outcome),
            );
            card.rows("", words::last_words(run, 1));
            card.row_if("", show::output(run, kept));
        }
        format!("{} {}\n{}", clean(&last.name), paint(TITLE, &what), card.draw(width))
    }

    /// Returns the shape.
    pub(super) fn shape(&self, clock: &Clock, kept: &Kept) -> Shape<'_> {
        let Entry { task_id, name, package, .. } = &self.last;
        let runs = self.entries().map(|entry| Run::of(entry, clock, kept)).collect();
        Shape { task_id: Text(*task_id), name, package, state: GONE, runs }
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.last).chain(&self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{NOW, entry};
    use crate::render::json::documented::{assert_documented, value};
    use jiff::tz::TimeZone;

    fn gone() -> Gone {
        Gone { last: entry(6), before: vec![entry(5)] }
    }

    #[test]
    fn what_became_of_it_is_told() {
        let drawn = gone().draw(&Clock::at(NOW, TimeZone::UTC), &Kept::nothing(), Some(90));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true,
            snapshot_path => "now/transcripts" }, {
            insta::assert_snapshot!("one-shot-done", anstream::adapter::strip_str(&drawn).to_string());
        });
    }

    #[test]
    fn the_shape_is_as_documented() {
        let gone = gone();
        let shape = value(&gone.shape(&Clock::at(NOW, TimeZone::UTC), &Kept::nothing()));
        assert_documented("A task that is gone", &shape);
        assert_documented("A run", &shape["runs"][1]);
    }
}
