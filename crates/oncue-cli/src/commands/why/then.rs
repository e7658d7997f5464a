//! What a task did at an instant, from the ledger.

use oncue::tools::{Entry, TaskInfo};

use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::style::{TITLE, paint};
use crate::render::time::Clock;
use crate::render::words;

/// What the ledger has around an instant.
#[derive(Debug)]
pub(super) struct Then<'a> {
    pub(super) task: &'a TaskInfo,
    pub(super) at: i64,
    /// Whether the ledger has anything on the task from that far back.
    pub(super) reached: bool,
    /// The run that was alive.
    pub(super) alive: Option<&'a Entry>,
    /// The firing that had not begun to run.
    pub(super) waiting: Option<&'a Entry>,
    /// The firing that ended last before.
    pub(super) before: Option<&'a Entry>,
    /// The firing that came next.
    pub(super) after: Option<&'a Entry>,
    /// The oldest entry, where the ledger does not reach back.
    oldest: Option<&'a Entry>,
}

impl<'a> Then<'a> {
    /// Looks for what was then; the ledger's entries come in any order.
    pub(super) fn of(task: &'a TaskInfo, entries: &'a [Entry], at: i64) -> Self {
        let is_alive =
            |entry: &&Entry| entry.started_at.is_some_and(|start| start <= at) && at < entry.ended_at;
        let waits = |entry: &&Entry| entry.fired_at <= at && at < entry.started_at.unwrap_or(entry.ended_at);
        Self {
            task,
            at,
            reached: entries.iter().any(|entry| entry.fired_at <= at),
            alive: entries.iter().find(is_alive),
            waiting: entries.iter().find(waits),
            before: entries.iter().filter(|entry| entry.ended_at <= at).max_by_key(|entry| entry.ended_at),
            after: entries.iter().filter(|entry| entry.fired_at > at).min_by_key(|entry| entry.fired_at),
            oldest: entries.iter().min_by_key(|entry| entry.fired_at),
        }
    }

    /// Whether a firing that the ledger does not have yet waited then already.
    pub(super) fn waits_still(&self) -> bool {
        self.task.waiting.is_some_and(|(_, since)| since <= self.at)
    }

    /// Draws the answer: one sentence, and what is behind it.
    pub(super) fn draw(&self, clock: &Clock, width: Option<usize>) -> String {
        let (name, at) = (clean(&self.task.name), clock.local(self.at));
        let what = match (self.alive, self.waiting) {
            (Some(_), _) => "was running",
            (None, Some(entry)) if entry.outcome == "lost" => "may have run: its broker ended, nobody knows",
            (None, Some(_)) => "had fired and did not run yet",
            (None, None) if self.waits_still() => "had fired and waits still",
            (None, None) if self.reached => "did not run",
            (None, None) => "is not in the ledger, which does not reach back so far",
        };
        format!("At {at}, {name} {}.\n{}", paint(TITLE, what), self.card(clock).draw(width))
    }

    fn card(&self, clock: &Clock) -> Card {
        let mut card = Card::default();
        let mut add = |label, entry: Option<&Entry>| {
            if let Some(entry) = entry {
                card.row(label, span(entry, clock));
                card.rows("", words::last_words(entry, 1));
            }
        };
        add("run", self.alive);
        add("firing", self.waiting);
        add("before", self.before);
        add("next", self.after);
        if !self.reached {
            let begins = match self.oldest {
                Some(entry) => format!("begins with a firing of {}", clock.local(entry.fired_at)),
                None => "has nothing on it yet".to_owned(),
            };
            card.row("ledger", begins);
        }
        if let Some((firings, since)) = self.task.waiting {
            card.row("waiting", format!("{}, since {}", words::firings(firings), clock.local(since)));
        }
        if let Some(run) = &self.task.instance_id {
            card.row("alive now", format!("run {run}; the ledger has it when it has ended"));
        }
        card
    }
}

/// From when to when, and how it ended.
fn span(entry: &Entry, clock: &Clock) -> String {
    let (fired, ended) = (clock.local(entry.fired_at), clock.local(entry.ended_at));
    let (ending, particulars) = (words::ending(entry), words::particulars(entry));
    let comma = if particulars.is_empty() { "" } else { " " };
    format!("fired {fired}, ended {ended}: {ending}{comma}{particulars}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::why::shape::sample::{entry, task};
    use jiff::tz::TimeZone;

    const SECOND: i64 = 1_000_000;

    fn ids(then: &Then<'_>) -> [Option<String>; 4] {
        [then.alive, then.waiting, then.before, then.after]
            .map(|entry| entry.map(|entry| entry.instance_id.clone()))
    }

    /// Fired at 10 and run from 20 to 30; fired at 25 and dropped at 40.
    fn ledger() -> [Entry; 2] {
        let seconds = |seconds: i64| seconds * SECOND;
        let run = Entry {
            fired_at: seconds(10),
            started_at: Some(seconds(20)),
            ended_at: seconds(30),
            ..entry("run")
        };
        let dropped = Entry {
            fired_at: seconds(25),
            started_at: None,
            ended_at: seconds(40),
            outcome: "dropped".into(),
            ..entry("dropped")
        };
        [dropped, run]
    }

    #[test]
    fn every_instant_has_what_was_then_and_what_lies_around_it() {
        let (task, ledger) = (task("armed"), ledger());
        let (run, dropped) = (Some("run".to_owned()), Some("dropped".to_owned()));
        for (second, expected) in [
            (9, [None, None, None, run.clone()]),
            (10, [None, run.clone(), None, dropped.clone()]),
            (20, [run.clone(), None, None, dropped.clone()]),
            (29, [run.clone(), dropped.clone(), None, None]),
            (30, [None, dropped.clone(), run.clone(), None]),
            (40, [None, None, dropped.clone(), None]),
        ] {
            let then = Then::of(&task, &ledger, second * SECOND);
            assert_eq!(ids(&then), expected, "{second}");
            assert_eq!(then.reached, second > 9, "{second}");
        }
    }

    #[test]
    fn a_ledger_that_does_not_reach_back_says_so() {
        let (task, ledger, clock) = (task("armed"), ledger(), Clock::at(60 * SECOND, TimeZone::UTC));
        let said = |entries: &[Entry]| {
            let drawn = Then::of(&task, entries, 9 * SECOND).draw(&clock, Some(60));
            anstream::adapter::strip_str(&drawn).to_string()
        };
        let text = said(&ledger);
        assert!(
            text.starts_with(
                "At 1970-01-01 00:00:09, sync is not in the ledger, which does not reach back so far.\n"
            ),
            "{text}"
        );
        assert!(text.contains("ledger  begins with a firing of 1970-01-01 00:00:10\n"), "{text}");
        assert!(said(&[]).contains("ledger  has nothing on it yet\n"), "{}", said(&[]));
    }
}
