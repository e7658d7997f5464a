//! What a task was doing at an instant, from the ledger.

use oncue::tools::{Entry, TaskInfo, WaitingInfo, Wall};
use oncue::why::{WasThen, WhyAt};

use crate::commands::show;
use crate::kept::Kept;
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::style::{TITLE, paint};
use crate::render::time::Clock;
use crate::render::words;

/// What the ledger contains around an instant.
#[derive(Debug)]
pub(crate) struct Then<'a> {
    pub(crate) why: &'a WhyAt,
    /// The instant.
    pub(crate) at: Wall,
    /// Whether the task is no longer registered.
    pub(crate) is_gone: bool,
    /// The output of runs that is kept.
    pub(crate) kept: &'a Kept,
}

impl Then<'_> {
    /// Draws the answer: one sentence, and the details.
    pub(crate) fn draw(&self, clock: &Clock, width: Option<usize>) -> String {
        let (name, at) = (clean(&self.why.task().name), clock.local(self.at));
        let what = match self.why.was() {
            WasThen::Running => "was running",
            WasThen::Lost => "may have been running: its broker ended, and nobody saw the run end",
            WasThen::Fired => "had fired, but was not running yet",
            WasThen::WaitsStill => "had fired, and is still waiting",
            WasThen::Unknown => "is not in the ledger, which does not go back that far",
            WasThen::Idle => "did not run",
            // The SDK's enumeration may grow.
            _ => "was in a state that this version does not know",
        };
        format!("At {at}, {name} {}.\n{}", paint(TITLE, what), self.card(clock).draw(width))
    }

    fn card(&self, clock: &Clock) -> Card {
        let mut card = Card::default();
        let mut add = |label, entry: Option<&Entry>| {
            if let Some(entry) = entry {
                card.row(label, span(entry, clock));
                card.rows("", words::last_words(entry, 1));
                card.row_if("", show::output(entry, self.kept));
            }
        };
        add("run", self.why.alive_entry());
        add("firing", self.why.fired_entry());
        add("before", self.why.entry_before());
        add("next", self.why.entry_after());
        if !self.why.is_reached() {
            let begins = match self.why.oldest_entry() {
                Some(entry) => format!("begins with a firing of {}", clock.local(entry.fired_at)),
                None => "has no entry for it yet".to_owned(),
            };
            card.row("ledger", begins);
        }
        if let Some(WaitingInfo { firings, since }) = self.why.task().waiting {
            card.row("waiting", format!("{}, since {}", words::firings(firings), clock.local(since)));
        }
        card.row_if("now", alive(self.why.task(), clock));
        if self.is_gone {
            card.row("now", "it is no longer registered");
        }
        card
    }
}

/// The current run, which is not in the ledger yet, and since when it runs.
fn alive(task: &TaskInfo, clock: &Clock) -> Option<String> {
    let run = task.instance_id?;
    let fired = task.fired_at.map(|at| format!(", fired {}", clock.local(at))).unwrap_or_default();
    let entered = task.started_at.map(|at| format!(", entered {}", clock.local(at))).unwrap_or_default();
    Some(format!("run {run}{fired}{entered}; it gets a ledger entry when it ends"))
}

/// When it fired and ended, and how it ended.
fn span(entry: &Entry, clock: &Clock) -> String {
    let (fired, ended) = (clock.local(entry.fired_at), clock.local(entry.ended_at));
    format!("fired {fired}, ended {ended}: {}", words::whole_ending(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{entry, task};
    use jiff::tz::TimeZone;
    use oncue::tools::system_time;
    use oncue::{Outcome, TaskState};

    fn second(second: i64) -> Wall {
        Wall(second * 1_000_000)
    }

    /// One firing at 10 that ran from 20 to 30, and one at 25 that was dropped at 40.
    fn ledger() -> [Entry; 2] {
        let run =
            Entry { fired_at: second(10), started_at: Some(second(20)), ended_at: second(30), ..entry(1) };
        let dropped = Entry {
            fired_at: second(25),
            started_at: None,
            ended_at: second(40),
            outcome: Outcome::Dropped.into(),
            ..entry(2)
        };
        [dropped, run]
    }

    #[test]
    fn a_ledger_that_does_not_reach_back_says_so() {
        let (task, ledger) = (task(TaskState::Armed), ledger());
        let said = |entries: &[Entry]| {
            let at = second(9);
            let why = WhyAt::new(task.clone(), entries.to_vec(), system_time(at));
            let clock = Clock::at(second(60), TimeZone::UTC);
            let drawn = Then { why: &why, at, is_gone: false, kept: &Kept::nothing() }.draw(&clock, Some(60));
            anstream::adapter::strip_str(&drawn).to_string()
        };
        let text = said(&ledger);
        assert!(
            text.starts_with(
                "At 1970-01-01 00:00:09, sync is not in the ledger, which does not go back that far.\n"
            ),
            "{text}"
        );
        assert!(text.contains("ledger  begins with a firing of 1970-01-01 00:00:10\n"), "{text}");
        assert!(said(&[]).contains("ledger  has no entry for it yet\n"), "{}", said(&[]));
    }
}
