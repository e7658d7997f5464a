//! What a task is waiting for now, for people.

use anstyle::Style;
use oncue::HoldEnd;
use oncue::tools::{TaskInfo, micros};
use oncue::why::Why;

use crate::commands::show;
use crate::render::blocked::{self, Blocked, handle};
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::style::{self, BAD, GOOD, HELD, paint};
use crate::render::time::Clock;
use crate::render::words;

/// How many lines of what the last run left are told.
const LINES: usize = 3;

/// What explains a task.
#[derive(Debug)]
pub(super) struct Now<'a> {
    pub(super) why: &'a Why,
    /// The task as the user calls it.
    pub(super) named: &'a str,
}

impl Now<'_> {
    /// Returns what keeps it besides its condition.
    pub(super) fn blocked(&self) -> Vec<Blocked> {
        let task = self.why.task();
        blocked::blocked(&task.blocked, task, self.named)
    }

    /// Returns until when it is held at most, and what happens then, where its policy says so.
    pub(super) fn hold_limit(&self) -> Option<(i64, HoldEnd)> {
        self.why.hold_limit().map(|limit| (micros(limit.at), limit.then))
    }

    /// Draws the answer: one sentence, and what is behind it.
    pub(super) fn draw(&self, clock: &Clock, width: Option<usize>) -> String {
        let (sentence, style) = self.sentence(clock);
        format!(
            "{} {}\n{}",
            clean(&self.why.task().name),
            paint(style, &sentence),
            self.card(clock).draw(width)
        )
    }

    fn sentence(&self, clock: &Clock) -> (String, Style) {
        let task = self.why.task();
        let is_denied = task.blocked.iter().any(|word| word == "denied");
        let style = style::of_state(&task.state);
        let sentence = match task.state.as_str() {
            "held" => match task.held_since {
                Some(since) => format!("is held since {} ({}).", clock.brief(since), clock.distance(since)),
                None => "is held.".to_owned(),
            },
            "activating" => "is being activated: run was not entered yet.".to_owned(),
            "running" => "runs now.".to_owned(),
            "cancelling" => "was told to stop, and has not ended yet.".to_owned(),
            "armed" if is_denied => return ("would not run: its package is denied.".to_owned(), HELD),
            "armed" if !task.blocked.is_empty() => {
                let what: Vec<String> = self.blocked().into_iter().map(|blocked| blocked.what).collect();
                return (format!("would not run now: {}.", what.join(", ")), HELD);
            }
            "armed" if task.retry.is_some() => {
                return ("did not do it, and is tried again.".to_owned(), HELD);
            }
            "armed" if self.why.trouble().is_some() => {
                return ("waits for a trigger that cannot be seen.".to_owned(), BAD);
            }
            "armed" if self.why.is_fine() => return ("is fine: it waits for its trigger.".to_owned(), GOOD),
            "armed" => return ("waits for its trigger; its last run went wrong.".to_owned(), BAD),
            other => format!("is {other}."),
        };
        (sentence, style)
    }

    fn card(&self, clock: &Clock) -> Card {
        let task = self.why.task();
        let mut card = Card::default();
        card.row_if("trouble", self.why.trouble());
        self.reasons(&mut card, clock);
        card.row_if("run", task.instance_id.as_ref());
        card.row_if("fired", task.fired_at.map(|at| format!("{} ({})", clock.brief(at), clock.distance(at))));
        let entered = task.started_at.map(|at| format!("{} ({})", clock.brief(at), clock.distance(at)));
        card.row_if("entered", entered);
        card.row_if("progress", task.progress.map(|progress| progress.to_string()));
        card.row_if("waiting", self.waiting(clock));
        if let Some((at, then)) = self.hold_limit() {
            let then = if then == HoldEnd::Drop { "then it is dropped" } else { "then it runs all the same" };
            card.row("at most", format!("until {} ({}), {then}", clock.brief(at), clock.distance(at)));
        }
        card.row_if("retry", retry(task, clock));
        card.row_if("next due", task.next_due.map(|at| clock.window(at, task.next_by)));
        card.rows("to do", self.ways_out());
        self.last_times(&mut card, clock);
        card
    }

    /// What keeps it from running; for a task that has not fired, what would.
    fn reasons(&self, card: &mut Card, clock: &Clock) {
        let label = match self.why.task().state.as_str() {
            "held" | "quarantined" => "because",
            "armed" => "now fails",
            _ => return,
        };
        let blocked = self.blocked();
        let others = blocked.iter().map(|blocked| blocked.what.clone());
        let failing = words::failing(&self.why.task().failing, self.why.facts(), clock);
        match label {
            "because" => card.rows(label, others.chain(failing)),
            _ => {
                card.rows("because", others);
                card.rows(label, failing);
            }
        }
    }

    fn waiting(&self, clock: &Clock) -> Option<String> {
        let (firings, since) = self.why.task().waiting?;
        let since = format!("since {} ({})", clock.brief(since), clock.distance(since));
        Some(match self.why.task().instance_id {
            Some(_) => format!("{}, for the end of this run, {since}", words::firings(firings)),
            None => format!("{}, {since}", words::firings(firings)),
        })
    }

    fn ways_out(&self) -> Vec<String> {
        let mut ways: Vec<String> = self.blocked().into_iter().map(|blocked| blocked.way_out).collect();
        if self.why.task().state == "held" && !self.why.task().failing.is_empty() && ways.is_empty() {
            ways.push(format!(
                "nothing, or without its condition: `oncue run --force {}`",
                handle(self.why.task(), self.named)
            ));
        }
        ways
    }

    fn last_times(&self, card: &mut Card, clock: &Clock) {
        if self.why.entries().is_empty() {
            card.row("before", "it has not fired yet");
        }
        for (at, run) in self.why.entries().iter().enumerate() {
            let label = if at == 0 { "before" } else { "" };
            card.styled(label, &show::line(run, clock), style::of_ending(&run.outcome));
            card.rows("", words::last_words(run, if at == 0 { LINES } else { 1 }));
        }
    }
}

/// When it is tried again, and what may come before that.
fn retry(task: &TaskInfo, clock: &Clock) -> Option<String> {
    let (attempt, at) = task.retry?;
    let first = task.next_due.is_some_and(|due| due < at);
    let unless = if first { ", unless its trigger fires before" } else { "" };
    Some(format!("attempt {attempt} {} ({}){unless}", clock.distance(at), clock.brief(at)))
}

#[cfg(test)]
mod tests;
