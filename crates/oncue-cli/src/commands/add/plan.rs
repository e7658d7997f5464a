//! The preview of `--dry-run`: the task that would be added, and when it would run.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use oncue::tools::{Broker, CommandChange, CommandSpec, Trigger, Wall};
use oncue_calendar::Schedule;
use oncue_wire::Refused;
use serde::Serialize;

use crate::rehearse;
use crate::render::card::Card;
use crate::render::json::Command;
use crate::render::time::Clock;
use crate::render::{variables, words};

/// How many of the next times are shown.
const TIMES: usize = 5;

/// A command that has not been added.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    spec: &'a CommandSpec,
    clock: Clock,
    next: Vec<Wall>,
}

#[derive(Debug, Serialize)]
pub(super) struct Shape<'a> {
    name: &'a str,
    command: Command<'a>,
    trigger: String,
    conditions: Option<String>,
    policy: Option<String>,
    next: Vec<String>,
}

impl<'a> Plan<'a> {
    /// Plans a command from now on.
    pub(super) fn of(spec: &'a CommandSpec) -> Self {
        let (now, here) = (Timestamp::now(), TimeZone::system());
        let next = spec.trigger.known().map(|trigger| next(trigger, now, &here)).unwrap_or_default();
        Self { spec, clock: Clock::here(), next }
    }

    /// Draws it.
    pub(super) fn draw(&self, width: Option<usize>) -> String {
        let Self { spec, clock, next } = self;
        let mut card = Card::default();
        card.row("name", &spec.name);
        card.row("command", words::command(&spec.command));
        card.row("folder", &spec.command.folder);
        let variables: Vec<&str> = variables::names(&spec.command).collect();
        card.row_if("variables", (!variables.is_empty()).then(|| variables.join(" ")));
        card.row_if("input", spec.command.input.as_ref());
        card.row("runs", words::trigger_of_command(&spec.trigger));
        card.row("condition", words::condition(spec.condition.as_ref()));
        card.row_if("policy", spec.policy.as_ref().map(ToString::to_string));
        card.rows("next", next.iter().map(|at| format!("{} ({})", clock.local(*at), clock.distance(*at))));
        format!("{}nothing was added: this is a dry run\n", card.draw(width))
    }

    /// Returns its shape.
    pub(super) fn shape(&self) -> Shape<'_> {
        let Self { spec, clock, next } = self;
        Shape {
            name: &spec.name,
            command: Command::of(&spec.command),
            trigger: spec.trigger.to_string(),
            conditions: spec.condition.as_ref().map(ToString::to_string),
            policy: spec.policy.as_ref().map(ToString::to_string),
            next: next.iter().map(|at| clock.rfc3339(*at)).collect(),
        }
    }
}

/// Checks what can be checked without a broker.
pub(super) fn check(spec: &CommandSpec) -> Result<(), oncue::Error> {
    let (task, _) = spec.spec()?;
    task.check_command().map_err(Refused::from)?;
    Ok(())
}

/// Has the broker check what only it knows, such as taken names. None is started for a preview.
pub(super) fn check_with_broker(spec: &CommandSpec) -> Result<(), oncue::Error> {
    let Ok(broker) = Broker::connect_running() else { return Ok(()) };
    let change = CommandChange { task_id: String::new(), task: spec.clone() };
    rehearse::refused(&broker, &[change])?.into_iter().try_for_each(|(_, refusal)| Err(refusal))
}

/// Returns when a trigger fires next; empty if that does not depend on time.
fn next(trigger: &Trigger, now: Timestamp, here: &TimeZone) -> Vec<Wall> {
    let wall = |at: Timestamp| Wall(at.as_microsecond());
    if let Some(schedule) = trigger.schedule() {
        let text = schedule.strip_prefix("calendar ").unwrap_or(schedule);
        let Ok(schedule) = Schedule::parse(text) else { return Vec::new() };
        let Ok(zone) = schedule.zone_from(here, |name| TimeZone::get(name).ok()) else { return Vec::new() };
        return schedule.firings(now, &zone).take(TIMES).map(wall).collect();
    }
    let Some(period) = trigger.period() else { return Vec::new() };
    let times = if trigger.is_one_shot() { 1 } else { TIMES };
    std::iter::successors(Some(wall(now).after(period)), |at| Some(at.after(period))).take(times).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_times_follow_from_the_trigger() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (trigger, times) in [
            ("every 1h", &["13:00", "14:00", "15:00", "16:00", "17:00"][..]),
            ("once 20m", &["12:20"]),
            ("calendar *:0/30", &["12:30", "13:00", "13:30", "14:00", "14:30"]),
            ("cron 15 * * * *", &["12:15", "13:15", "14:15", "15:15", "16:15"]),
            ("startup", &[]),
        ] {
            let next = next(&trigger.parse().unwrap(), now, &TimeZone::UTC);
            let shown = |at: &Wall| Timestamp::from_microsecond(at.0).unwrap().strftime("%H:%M").to_string();
            assert_eq!(next.iter().map(shown).collect::<Vec<_>>(), times, "{trigger}");
        }
    }
}
