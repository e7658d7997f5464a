//! Looking ahead: what a broker would do from now on, played on a clock that does not wait.
//!
//! [`look_ahead`] moves a real [`Broker`] from deadline to deadline and answers its effects as a machine would on
//! which nothing changes and nothing goes wrong: facts stay as they are, processes start at once, and runs take as
//! long as they usually do and succeed. So it makes no decision of its own, and cannot disagree with the broker.

mod outlook;
mod present;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use oncue_types::{
    Boot, ClassObject, ClassUse, Exit, FamilyName, Firing, InstanceId, Moment, Request, RequestId, ServerId,
    TaskId, Wall,
};

use crate::broker::Broker;
use crate::effect::{Effect, Effects};
use crate::event::Event;
use crate::record::Record;

pub use outlook::{Behind, Clash, Coming, ComingRun, Outlook, Wait};
pub use present::{Alive, Present};

use outlook::Tally;

/// How far to look ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// Until when.
    pub until: Wall,
    /// How many runs of each task are described; further ones are only counted.
    pub runs_per_task: usize,
    /// How many steps are played at most: events, and records that they lead to.
    pub steps: u64,
}

/// Plays what a broker does from `now` to the horizon. `broker` must be new: with its settings, calendar and
/// facts, but without tasks. `usual` returns how long a run of a task usually takes; a run of unknown length
/// takes no time.
pub fn look_ahead(
    broker: Broker,
    now: Moment,
    present: Present,
    horizon: Horizon,
    usual: impl FnMut(TaskId) -> Option<Duration>,
) -> Outlook {
    let alive = present.running.iter().map(|alive| (alive.task, alive.entered)).collect();
    let mut player = Player {
        broker,
        now,
        ends: BTreeMap::new(),
        alive,
        heard: VecDeque::new(),
        tally: Tally::new(horizon.runs_per_task),
        usual,
        played: 0,
        begun: 0,
    };
    let effects = player.broker.continue_from(now, present);
    player.perform(effects);
    player.listen();
    let is_cut = !player.play(horizon);
    let reached = if is_cut { player.now.wall } else { horizon.until };
    player.tally.finish(player.broker, player.now, reached, is_cut)
}

/// A machine on which nothing changes and nothing goes wrong.
struct Player<F> {
    broker: Broker,
    now: Moment,
    /// When runs end, in the order in which they began.
    ends: BTreeMap<(Boot, u64), End>,
    /// The tasks that ran already, and since when, until their runs have been taken over.
    alive: BTreeMap<TaskId, Option<Wall>>,
    /// What the broker is about to be told.
    heard: VecDeque<Event>,
    tally: Tally,
    usual: F,
    /// How many steps were played.
    played: u64,
    /// How many runs have begun.
    begun: u64,
}

/// How a run is going to end.
struct End {
    server: ServerId,
    how: How,
}

/// What tells the broker that a run has ended.
enum How {
    /// The command's process exits.
    Exits(i32),
    /// The task server reports it.
    Reports(InstanceId),
}

impl<F: FnMut(TaskId) -> Option<Duration>> Player<F> {
    /// Plays until the horizon; returns whether it was reached.
    fn play(&mut self, horizon: Horizon) -> bool {
        let until = self.now.boot_at(horizon.until);
        loop {
            let end = self.ends.first_key_value().map(|(key, _)| *key);
            let due = self.broker.next_deadline();
            let ends_first = end.is_some_and(|(at, _)| due.is_none_or(|due| at <= due));
            let Some(at) = (if ends_first { end.map(|(at, _)| at) } else { due }) else { return true };
            if at > until {
                return true;
            }
            if self.played >= horizon.steps {
                return false;
            }
            self.advance(at);
            match end.filter(|_| ends_first).and_then(|key| self.ends.remove(&key)) {
                Some(end) => self.heard.push_back(end.event()),
                None => {
                    self.tally.wakes(self.now.wall);
                    self.heard.push_back(Event::DeadlineReached);
                }
            }
            self.listen();
        }
    }

    fn advance(&mut self, to: Boot) {
        let to = to.max(self.now.boot);
        self.now = Moment { wall: self.now.wall_at(to), boot: to };
    }

    /// Tells the broker what has happened, until nothing is left to tell.
    fn listen(&mut self) {
        while let Some(event) = self.heard.pop_front() {
            self.played += 1;
            let effects = self.broker.handle(self.now, event);
            self.perform(effects);
        }
    }

    fn perform(&mut self, mut effects: Effects) {
        // One deadline can fire any number of tasks.
        self.played += effects.records.len() as u64;
        for record in &effects.records {
            self.note(record);
        }
        for effect in effects.at_once.drain(..) {
            self.answer(effect);
        }
        self.broker.reuse(effects);
    }

    /// Notes what a record says about the runs to come.
    fn note(&mut self, record: &Record) {
        match record {
            Record::RunBegan { task, firing, .. } => self.begins(*task, firing),
            Record::Held { task, firing: Some(firing), .. } => {
                if !self.tally.waits(*task)
                    && let Some(view) = self.broker.view(self.now, *task)
                {
                    let wait = Wait { since: firing.at, blocked: view.blocked, failing: view.failing };
                    self.tally.begins_to_wait(*task, wait);
                }
            }
            Record::Held { task, firing: None, .. } => self.tally.waits_no_more(*task),
            Record::Ended(entry) => self.tally.ended(entry),
            Record::PackageAdded(_)
            | Record::PackageRemoved(_)
            | Record::TaskRegistered { .. }
            | Record::TaskReplaced { .. }
            | Record::TaskRemoved(_)
            | Record::UsedUp { .. }
            | Record::Health { .. }
            | Record::AccessSet { .. }
            | Record::Paused { .. }
            | Record::Resumed(_)
            | Record::SessionBegan(_)
            | Record::Clocks(_) => {}
        }
    }

    fn begins(&mut self, task: TaskId, firing: &Firing) {
        let running = self.alive.get(&task).copied();
        let usual = self.usual_of(task);
        self.tally.run_begins(
            task,
            ComingRun {
                due: firing.at,
                at: running.flatten().unwrap_or(self.now.wall),
                usual,
                cause: firing.cause,
                firings: firing.count,
                is_running: running.is_some(),
                wait: None,
            },
        );
    }

    /// Does what the broker asks for, as far as anything comes of it.
    fn answer(&mut self, effect: Effect) {
        match effect {
            Effect::Start { server, command, activation, .. } => {
                self.heard.push_back(Event::ServerStarted { server, program: String::new() });
                let status = command.success.iter().next().map_or(0, i32::from);
                self.will_end(activation.task, End { server, how: How::Exits(status) });
            }
            Effect::Launch { server, package, exe } => self.launch(server, &package, exe),
            Effect::Deliver { server, activation, .. } => {
                self.heard.push_back(Event::RunEntered { server, instance: activation.instance });
                self.will_end(activation.task, End { server, how: How::Reports(activation.instance) });
            }
            Effect::TellCancel { server, instance, .. } => {
                self.heard.push_back(End { server, how: How::Reports(instance) }.event());
            }
            Effect::Terminate { server } => self.heard.push_back(killed(server, SIGTERM)),
            Effect::Kill { server } => self.heard.push_back(killed(server, SIGKILL)),
            Effect::KillRest { .. }
            | Effect::Await { .. }
            | Effect::Watch { .. }
            | Effect::Unwatch { .. }
            | Effect::Reply { .. }
            | Effect::Announce { .. }
            | Effect::NotifyUser(_)
            | Effect::LetSleep
            | Effect::LetSessionEnd
            | Effect::StartAtLogIn { .. }
            | Effect::Leave
            | Effect::HandOver => {}
        }
    }

    /// Starts a task server, which registers all its classes and stays.
    fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) {
        self.heard.push_back(Event::ServerStarted { server, program: String::new() });
        let declared = self.broker.package(package).and_then(|known| known.servers.get(exe));
        let classes: Vec<_> = declared.map(|exe| exe.classes.clone()).unwrap_or_default();
        for class in classes {
            let object = ClassObject { class, class_use: ClassUse::Multiple, suspended: false };
            let what = Request::RegisterClass { server, package: package.clone(), object };
            self.heard.push_back(Event::Asked { request: RequestId(0), what });
        }
    }

    /// Plans the end of a run. One that ran already takes what is left of its usual time.
    fn will_end(&mut self, task: TaskId, end: End) {
        let usual = self.usual_of(task).unwrap_or_default();
        let done = self.alive.remove(&task).flatten().map(|entered| self.now.wall.since(entered));
        let at = self.now.boot.after(usual.saturating_sub(done.unwrap_or_default()));
        self.ends.insert((at, self.begun), end);
        self.begun += 1;
    }

    fn usual_of(&mut self, task: TaskId) -> Option<Duration> {
        let usual = &mut self.usual;
        self.tally.usual_of(task, || usual(task))
    }
}

impl End {
    fn event(self) -> Event {
        let Self { server, how } = self;
        match how {
            How::Exits(status) => {
                Event::ServerExited { server, exit: Exit::Code(status), last_lines: "".into() }
            }
            How::Reports(instance) => Event::RunCompleted { server, instance, result: Ok(()) },
        }
    }
}

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

fn killed(server: ServerId, signal: i32) -> Event {
    Event::ServerExited { server, exit: Exit::Signal(signal), last_lines: "".into() }
}
