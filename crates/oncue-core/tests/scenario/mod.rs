//! Plays a scenario: reads its lines, advances time, and compares the results with the expected
//! ones.

mod ahead;
mod deed;
mod names;
mod say;

use std::panic::{self, AssertUnwindSafe};

use oncue_core::{Boot, Effects, Event, Moment, Record, Wall, parse_span, show_span};

use crate::world::{BEGIN, World, later};
use deed::Deed;
use names::Names;

/// A scenario that was played to its end.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// The text with the actual results.
    pub(crate) actual: String,
    /// The first wrong line, with the expected and the actual result.
    pub(crate) differs: Option<String>,
}

/// A line of the text.
enum Line<'t> {
    /// A comment or an empty line.
    Kept(&'t str),
    /// A deed and the expected groups of effects.
    Step { number: usize, deed: &'t str, expected: Vec<&'t str> },
}

/// The state of the broker between two lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    /// The machine sleeps: time passes, and deadlines are not handled.
    Asleep,
    /// The broker is gone.
    Crashed,
    /// The machine is off; the boot clock will restart.
    Off,
}

/// Plays a scenario. The error names the line that cannot be parsed.
pub(crate) fn play(text: &str) -> Result<Scenario, String> {
    let lines = read(text)?;
    let mut stage = Stage::new();
    let mut played = Vec::new();
    let mut differs = None;
    for line in &lines {
        let Line::Step { number, deed, expected } = line else {
            played.push(Vec::new());
            continue;
        };
        let came = panic::catch_unwind(AssertUnwindSafe(|| stage.play(deed)))
            .unwrap_or_else(|_| Err(format!("`{deed}` panicked, see above")))
            .map_err(|why| format!("{number}: {why}"))?;
        if came != *expected && differs.is_none() {
            let (expected, came) = (expected.join("\n    => "), came.join("\n    => "));
            differs =
                Some(format!("{number}: {deed}\n  expected\n    => {expected}\n  came\n    => {came}\n"));
        }
        played.push(came);
    }
    Ok(Scenario { actual: write(&lines, &played), differs })
}

fn read(text: &str) -> Result<Vec<Line<'_>>, String> {
    let mut lines: Vec<Line> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let (deed, group) = match line.split_once("=>") {
            Some((deed, group)) => (deed.trim_end(), Some(group.trim())),
            None => (line.trim_end(), None),
        };
        match (deed.is_empty() || deed.starts_with('#'), group, lines.last_mut()) {
            (true, None, _) => lines.push(Line::Kept(line)),
            (true, Some(group), Some(Line::Step { expected, .. })) => expected.push(group),
            (true, Some(_), _) => return Err(format!("{number}: `=>` without a deed")),
            (false, Some(_), _) if !deed.starts_with("at ") => {
                return Err(format!("{number}: only a line with `at` tells what comes of it"));
            }
            (false, group, _) => {
                lines.push(Line::Step { number, deed, expected: group.into_iter().collect() });
            }
        }
    }
    Ok(lines)
}

fn write(lines: &[Line], played: &[Vec<String>]) -> String {
    let checked = |line: &Line| match line {
        Line::Step { deed, .. } if deed.starts_with("at ") => deed.chars().count(),
        _ => 0,
    };
    let width = lines.iter().map(checked).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (line, groups) in lines.iter().zip(played) {
        let mut left = match line {
            Line::Kept(kept) => *kept,
            Line::Step { deed, .. } => deed,
        };
        if groups.is_empty() {
            text += &format!("{left}\n");
        }
        for group in groups {
            text += &format!("{left:width$}=> {group}\n");
            left = "";
        }
    }
    text
}

/// The world of a scenario, and the meaning of its words.
struct Stage {
    world: World,
    names: Names,
    power: Power,
    /// How far the wall clock was set ahead, in microseconds.
    ahead: i64,
    /// When the machine fell asleep.
    asleep_at: Boot,
    /// Registrations on their way to a store that will not accept them.
    lost: Vec<Record>,
}

impl Stage {
    fn new() -> Self {
        Self {
            world: World::new(deed::patient()),
            names: Names::default(),
            power: Power::On,
            ahead: 0,
            asleep_at: BEGIN.boot,
            lost: Vec::new(),
        }
    }

    /// Plays a line; returns the resulting groups of effects, or none if the line is a given.
    fn play(&mut self, line: &str) -> Result<Vec<String>, String> {
        let Some(rest) = line.strip_prefix("at ") else {
            let deed = deed::read(line, &self.names)?;
            return match self.perform(deed)? {
                groups if groups.iter().any(|group| group.contains("refuse:")) => {
                    let why = groups.concat().split("refuse: ").last().unwrap_or_default().to_string();
                    Err(format!("given, but refused: {why}"))
                }
                _ => Ok(Vec::new()),
            };
        };
        let (time, rest) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let span = parse_span(time).map_err(|error| error.to_string())?;
        let end = Wall(BEGIN.wall.after(span).0 + self.ahead);
        if end < self.world.now.wall {
            return Err("time goes forward".into());
        }
        let mut groups = self.wait(later(self.world.now, end.since(self.world.now.wall)));
        match rest.trim() {
            "" => {}
            rest => groups.extend(self.perform(deed::read(rest, &self.names)?)?),
        }
        if groups.is_empty() {
            groups.push("nothing".into());
        }
        Ok(groups)
    }

    /// Advances time; returns the effects of what was due on the way.
    fn wait(&mut self, end: Moment) -> Vec<String> {
        let mut groups = Vec::new();
        while self.power == Power::On
            && let Some(due) = self.world.next_deadline(end)
        {
            self.world.now = due;
            let effects = self.world.handle(Event::DeadlineReached);
            let time = if due == end { String::new() } else { self.time() + ": " };
            groups.extend(self.say(&effects).map(|group| time + &group));
            let next = self.world.broker.next_deadline();
            assert!(next.is_none_or(|next| next > due.boot), "the next deadline is later than the last");
        }
        self.world.now = end;
        groups
    }

    /// Performs a deed; returns at least one resulting group of effects.
    fn perform(&mut self, deed: Deed) -> Result<Vec<String>, String> {
        let mut groups = Vec::new();
        match deed {
            Deed::Event(event) => {
                self.must_be(Power::On)?;
                let effects = self.world.handle(event);
                groups.extend(self.say(&effects));
            }
            Deed::Unrecorded(event) => {
                self.must_be(Power::On)?;
                let Effects { at_once, .. } = self.world.handle_unrecorded(event);
                groups.extend(self.say(&Effects { at_once, ..Effects::default() }));
                self.power = Power::Crashed;
            }
            Deed::Unwritable(event) => {
                groups.extend(self.unwritable(event)?);
                groups.extend(self.fail("disk full"));
            }
            Deed::OnItsWay(event) => groups.extend(self.unwritable(event)?),
            Deed::StoreFails(why) => groups.extend(self.fail(&why)),
            Deed::Crash => self.power = Power::Crashed,
            Deed::PowerLoss => self.power = Power::Off,
            Deed::Sleep => {
                self.power = Power::Asleep;
                self.asleep_at = self.world.now.boot;
            }
            Deed::Start => groups = self.start(),
            Deed::SetClock(by) => {
                self.ahead += by;
                self.world.now.wall.0 += by;
            }
            Deed::Show(task) => groups.push(self.show(task)),
            Deed::Ahead(looking) => groups.push(self.look_ahead(&looking)),
            Deed::Deadline => groups.push(self.deadline()),
            Deed::Set(settings) => self.world = World::new(*settings),
        }
        if groups.is_empty() {
            groups.push("nothing".into());
        }
        Ok(groups)
    }

    /// Passes an event whose registrations the store will not accept. Clients have not been told about them
    /// yet.
    fn unwritable(&mut self, event: Event) -> Result<Option<String>, String> {
        self.must_be(Power::On)?;
        let (effects, lost) = self.world.handle_unwritable(event);
        for record in &lost {
            if let Record::TaskRegistered { task, spec, .. } = record {
                self.names.learn_task(*task, &spec.name);
            }
        }
        self.lost.extend(lost);
        let Effects { at_once, records, .. } = effects;
        Ok(self.say(&Effects { at_once, records, ..Effects::default() }))
    }

    /// The store fails, and the registrations on their way to it are lost.
    fn fail(&mut self, why: &str) -> Vec<String> {
        let lost = std::mem::take(&mut self.lost).into_iter().map(|record| Some(Box::new(record)));
        let lost: Vec<_> = if lost.len() == 0 { vec![None] } else { lost.collect() };
        let mut groups = Vec::new();
        for lost in lost {
            let effects = self.world.handle(Event::RecordFailed { lost, why: why.into() });
            groups.extend(self.say(&effects));
        }
        groups
    }

    /// The broker starts, or the machine wakes: what was due in the meantime happens now.
    fn start(&mut self) -> Vec<String> {
        let mut groups = Vec::new();
        if matches!(self.power, Power::Crashed | Power::Off) {
            let boot = if self.power == Power::Off { Boot(0) } else { self.world.now.boot };
            let (world, effects) = self.world.after_crash(Moment { boot, ..self.world.now });
            self.world = world;
            groups.extend(self.say(&effects));
        }
        if self.power == Power::Asleep {
            let slept = self.world.now.boot.since(self.asleep_at);
            let effects = self.world.handle(Event::Woke { slept });
            groups.extend(self.say(&effects));
        }
        self.power = Power::On;
        groups.extend(self.wait(self.world.now));
        groups
    }

    fn must_be(&self, power: Power) -> Result<(), String> {
        if self.power == power { Ok(()) } else { Err("the broker does not run now".into()) }
    }

    /// The time since the scenario began.
    fn time(&self) -> String {
        show_span(Wall(self.world.now.wall.0 - self.ahead).since(BEGIN.wall))
    }
}
