//! What a task is waiting for now, for people: one sentence, and the details.

mod sentence;

use oncue::tools::{Blocker, FactKind, RetryInfo, TaskInfo, WaitingInfo, Wall, Word, wall};
use oncue::why::{Why, went_wrong};
use oncue::{HoldEnd, Outcome, TaskState};

use crate::commands::show;
use crate::kept::Kept;
use crate::render::blocked::{self, Blocked, handle};
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::line::{self, Line};
use crate::render::needs;
use crate::render::style::{self, BAD};
use crate::render::time::Clock;
use crate::render::words;

/// How many lines of the last run's message to show.
const LINES: usize = 3;

/// Everything that explains a task's state.
#[derive(Debug)]
pub(crate) struct Now<'a> {
    pub(crate) why: &'a Why,
    /// The name by which the user called the task.
    pub(crate) named: &'a str,
    /// The output of runs that is kept.
    pub(crate) kept: &'a Kept,
}

impl Now<'_> {
    /// Returns what prevents the task from running, besides its condition.
    pub(super) fn blocked(&self, clock: &Clock) -> Vec<Blocked<'_>> {
        let task = self.why.task();
        blocked::blocked(&task.blocked, task, self.named, clock)
    }

    /// Returns until when the task is held at most, and what happens then, if its policy limits
    /// that.
    pub(super) fn hold_limit(&self) -> Option<(Wall, HoldEnd)> {
        self.why.hold_limit().map(|limit| (wall(limit.at), limit.then))
    }

    /// Draws the answer: one sentence, and the details.
    pub(crate) fn draw(&self, clock: &Clock, width: Option<usize>) -> String {
        line::painted(&self.lines(clock, width))
    }

    /// Returns the lines of the answer.
    pub(crate) fn lines(&self, clock: &Clock, width: Option<usize>) -> Vec<Line> {
        let (sentence, style) = self.sentence(clock);
        let name = clean(&self.why.task().name).into_owned();
        let mut lines = vec![Line::default().plain(name + " ").styled(clean(&sentence), style)];
        lines.extend(self.card(clock).lines(width));
        lines
    }

    fn card(&self, clock: &Clock) -> Card {
        let task = self.why.task();
        let mut card = Card::default();
        if let Some(trouble) = self.why.trouble() {
            card.styled("trouble", trouble, BAD);
        }
        self.reasons(&mut card, clock);
        card.rows("to do", self.ways_out(clock));
        card.row("trigger", words::trigger_of(task));
        let ago = |at: Wall| format!("{} ({})", clock.brief(at), clock.distance(at));
        card.row_if("next due", task.next_due.map(|at| clock.window(at, task.next_by)));
        card.row_if("retry", retry(task, clock));
        card.row_if("run", task.instance_id.map(|run| run.to_string()));
        card.row_if("fired", task.fired_at.map(ago));
        card.row_if("entered", task.started_at.map(ago));
        card.row_if("progress", task.progress.map(|progress| progress.to_string()));
        card.row_if("waiting", self.waiting(clock));
        if let Some((at, then)) = self.hold_limit() {
            let then = match then {
                HoldEnd::Drop => "then it is dropped",
                HoldEnd::Run => "then it runs anyway",
            };
            card.row("at most", format!("until {}, {then}", ago(at)));
        }
        self.last_times(&mut card, clock);
        card
    }

    /// What prevents the task from running; for a task that has not fired, what would.
    fn reasons(&self, card: &mut Card, clock: &Clock) {
        let task = self.why.task();
        if task.instance_id.is_some() {
            return;
        }
        let others = self.blocked(clock).into_iter().map(|blocked| self.with_its_fact(blocked, clock));
        let failing = needs::failing(&task.failing, self.why.facts(), clock);
        if task.waiting.is_some() {
            card.rows("because", others.chain(failing));
        } else {
            card.rows("because", others);
            card.rows("now fails", failing);
        }
    }

    /// Describes the energy saver, which is also a fact, together with its source.
    fn with_its_fact(&self, blocked: Blocked<'_>, clock: &Clock) -> String {
        let is_it = *blocked.by == Blocker::EnergySaver;
        match self.why.facts().iter().find(|fact| is_it && fact.name == FactKind::EnergySaver) {
            Some(fact) => needs::fact(fact, clock),
            None => blocked.what,
        }
    }

    fn waiting(&self, clock: &Clock) -> Option<String> {
        let WaitingInfo { firings, since } = self.why.task().waiting?;
        let since = format!("since {} ({})", clock.brief(since), clock.distance(since));
        Some(match self.why.task().instance_id {
            Some(_) => format!("{}, until this run ends, {since}", words::firings(firings)),
            None => format!("{}, {since}", words::firings(firings)),
        })
    }

    /// What a person can do, or that there is nothing to do.
    fn ways_out(&self, clock: &Clock) -> Vec<String> {
        let (task, handle) = (self.why.task(), handle(self.why.task(), self.named));
        if task.state == TaskState::Cancelling {
            return vec!["nothing".to_owned()];
        }
        if task.instance_id.is_some() {
            return vec![format!("nothing; to cancel it: `oncue cancel {handle}`")];
        }
        let mut ways: Vec<String> = self.blocked(clock).into_iter().map(|blocked| blocked.way_out).collect();
        if self.why.trouble().is_some() {
            ways.push("fix that; the task continues by itself as soon as it is available again".to_owned());
        }
        if task.state == TaskState::Held {
            ways.extend(needs::ways_out(&task.failing, self.why.facts()));
        }
        let forced = || format!("run it now anyway: `oncue run --force {handle}`");
        let try_it = || format!("try it now: `oncue run --wait {handle}`");
        match (task.state == TaskState::Held && task.blocked.is_empty(), ways.is_empty()) {
            (true, true) => ways.push(format!("nothing: it runs as soon as that changes; or {}", forced())),
            (true, false) => ways.push(format!("or {}", forced())),
            (false, false) => {}
            (false, true) if self.last_was(Outcome::NotActivated) => {
                ways.push(format!(
                    "see the reason below; `oncue doctor` checks its files; then {}",
                    try_it()
                ));
            }
            (false, true) if self.went_wrong() && !self.last_was(Outcome::Lost) => {
                ways.push(format!(
                    "see its output below, or all of it with `oncue logs {handle} --failed`; then {}",
                    try_it()
                ));
            }
            (false, true) => ways.push(format!("nothing; to run it now: `oncue run {handle}`")),
        }
        ways
    }

    fn last_outcome(&self) -> Option<&Word<Outcome>> {
        self.why.task().last.as_ref().map(|last| &last.outcome)
    }

    fn last_was(&self, outcome: Outcome) -> bool {
        self.last_outcome().is_some_and(|last| *last == outcome)
    }

    /// Returns whether the last run needs attention.
    fn went_wrong(&self) -> bool {
        self.last_outcome().is_some_and(went_wrong)
    }

    fn last_times(&self, card: &mut Card, clock: &Clock) {
        let task = self.why.task();
        if self.why.entries().is_empty() {
            let first = task.instance_id.is_some() || task.waiting.is_some();
            card.row(
                "before",
                match (&task.last, first) {
                    (Some(_), _) => "the ledger no longer has its runs",
                    (None, true) => "nothing: it has fired for the first time",
                    (None, false) => "nothing: it has not fired yet",
                },
            );
        }
        for (at, run) in self.why.entries().iter().enumerate() {
            let label = if at == 0 { "before" } else { "" };
            card.styled(label, &show::line(run, clock), style::of_ending(&run.outcome));
            card.rows("", words::last_words(run, if at == 0 { LINES } else { 1 }));
            card.row_if("", show::output(run, self.kept));
        }
    }
}

/// When the task is retried, and what can happen before that.
fn retry(task: &TaskInfo, clock: &Clock) -> Option<String> {
    let RetryInfo { attempt, at } = task.retry?;
    let first = task.next_due.is_some_and(|due| due < at);
    let unless = if first { ", unless its trigger fires first" } else { "" };
    Some(format!("attempt {attempt} {} ({}){unless}", clock.distance(at), clock.brief(at)))
}

#[cfg(test)]
mod tests;
