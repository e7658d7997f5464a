//! Plays a history: turns operations into events for the broker, and checks the laws after each.

use std::collections::BTreeMap;
use std::time::Duration;

use oncue_core::{
    Begun, CancellationReason, Effect, Effects, Event, Exit, Firing, InstanceId, Limits, Missed, Moment,
    Outcome, PauseScope, Record, Refusal, Request, RequestId, Settings, Stamp, StoredRun, StoredTask, TaskId,
    UsedUp, Wall,
};

use super::before::Before;
use super::book::Book;
use super::law::Reply;
use super::op::{Op, Registration};
use crate::world::{Store, World, later};

/// A broker, its world and its observer during a history.
pub(crate) struct Play {
    pub(super) world: World,
    pub(super) book: Book,
    /// Whether the broker dies in the next step.
    pub(super) dying: bool,
    pub(super) asked: u64,
    pub(super) peers: u64,
    pub(super) version: u16,
}

impl Play {
    /// Creates a broker that knows the packages and two plain tasks.
    pub(crate) fn new() -> Self {
        let limits = Limits { tasks_per_package: 6, ..Limits::default() };
        let settings = Settings { limits, strikes: 2, ..Settings::default() };
        let (world, book) = (World::new(settings), Book::default());
        let mut play = Self { world, book, dying: false, asked: 0, peers: 0, version: 0 };
        for package in 0..2 {
            play.add_package(package, 0, true);
        }
        for name in 0..2 {
            play.perform(&Op::Register(Registration::plain(name)));
        }
        play
    }

    /// Stops the broker. Every run must end, and then the broker must leave.
    pub(crate) fn finish(mut self) {
        self.dying = false;
        self.stop(CancellationReason::Terminating, None);
        for _ in 0..10 {
            self.wait(Duration::from_secs(60));
            let killed = self.book.servers.iter().filter(|(_, server)| server.killed).map(|(id, _)| *id);
            for id in killed.collect::<Vec<_>>() {
                self.server_goes(id, Exit::Signal(9));
            }
        }
        assert!(self.book.runs.is_empty(), "no run outlives the broker");
        assert!(self.world.store.stored.runs.is_empty(), "every run that began has ended");
    }

    /// Passes an event to the broker, and checks the laws.
    pub(super) fn step(&mut self, event: Event) -> Reply {
        if std::mem::take(&mut self.dying) {
            let effects = self.world.handle_unrecorded(event);
            self.note_lost_ids(&effects);
            self.die(self.world.now);
            return None;
        }
        let before = Before::of(&self.world);
        let due =
            if matches!(event, Event::DeadlineReached | Event::Woke { .. }) { self.fire_due() } else { 0 };
        let question = match &event {
            Event::Asked { request, .. } => Some(*request),
            _ => None,
        };
        let fact = matches!(event, Event::FactObserved { .. });
        self.book.released = match &event {
            Event::Asked { what: Request::Release { task }, .. } => Some(*task),
            _ => None,
        };
        self.book.taken_back = match &event {
            Event::RecordFailed { lost: Some(lost), .. } => match &**lost {
                Record::TaskReplaced { task, former, .. } => Some((*task, former.strikes)),
                _ => None,
            },
            _ => None,
        };
        let effects = self.world.handle(event);
        self.book.fired += due;
        let answered = effects.after.iter().find_map(|effect| match effect {
            Effect::Reply { request, .. } => Some(*request),
            _ => None,
        });
        assert_eq!(question, answered, "who asks is answered, and nobody else");
        let refused = |effect: &Effect| {
            matches!(effect, Effect::Reply { answer: Err(Refusal::StoreUnwritable { .. }), .. })
        };
        if effects.after.iter().any(refused) {
            let done = effects.at_once.len() + effects.records.len() + effects.after.len() - 1;
            assert_eq!(done, 0, "nothing is done about what the store refuses: {effects:?}");
        }
        let reply = self.book.note(&self.world, &before, &effects);
        self.book.remains_are_ended(&effects);
        self.book.changes_are_announced(&self.world, &before, &effects);
        if fact {
            self.book.losses_cancel(&self.world, &before, &effects);
        }
        self.book.holds(&self.world);
        self.would_recover();
        reply
    }

    /// Returns how many firings are due now according to the store: all that were missed, and the retries
    /// that were not replaced.
    fn fire_due(&self) -> u64 {
        let now = self.world.now.wall;
        let due = self.world.store.stored.tasks.iter().map(|task| {
            let passed_by = |at: Option<Stamp>| at.map(|at| self.world.wall_of(at)).filter(|at| *at <= now);
            let (due, retry) = (passed_by(task.next_due.at()), passed_by(task.health.retry_at));
            let taken = due.is_some_and(|due| retry >= Some(due) && !self.skips(task, due));
            due.map_or(0, |due| passed(task, now, due)) + u64::from(retry.is_some() && !taken)
        });
        due.sum()
    }

    /// Returns whether a task skips everything that was due.
    fn skips(&self, task: &StoredTask, due: Wall) -> bool {
        let now = self.world.now.wall;
        let policy = task.spec.policy.as_deref().cloned().unwrap_or_default();
        let one_shot = task.spec.trigger.is_one_shot();
        let period = task.spec.trigger.period().expect("the triggers of histories go by time");
        let slack = policy.slack.unwrap_or(if one_shot { Duration::ZERO } else { Settings::default().slack });
        let slack = if one_shot { slack } else { slack.min(period / 10) };
        let allowed = slack.max(Duration::from_secs(60));
        let late = |nth: u64| now.since(due.after(period * u32::try_from(nth).expect("histories are short")));
        let last = passed(task, now, due) - 1;
        policy.missed == Missed::Skip && late(0) > allowed && (one_shot || late(last) > allowed)
    }

    /// Notes the ids that the dying broker created, which its successor must not reuse.
    pub(super) fn note_lost_ids(&mut self, effects: &Effects) {
        for record in &effects.records {
            match record {
                Record::RunBegan { instance, .. } => self.book.run_id(*instance),
                Record::Ended(entry) if !self.world.store.runs().contains_key(&entry.instance) => {
                    self.book.ids.insert(entry.instance.0);
                }
                Record::TaskRegistered { task, .. } => drop(self.book.ids.insert(task.0)),
                _ => {}
            }
        }
    }

    /// The broker dies, alone or with the machine, and another one starts from the stored state.
    pub(super) fn die(&mut self, then: Moment) {
        let unended = ends(&self.world);
        let waiting: Vec<InstanceId> =
            self.world.store.runs().keys().filter(|id| !unended.contains_key(id)).copied().collect();
        let (world, effects) = self.world.after_crash(then);
        self.world = world;
        self.book.broker_died();
        self.book.begin_again(waiting);
        self.book.note(&self.world, &Before::of(&self.world), &effects);
        assert_eq!(ended(&effects), unended, "what was used up ends, once");
        self.book.holds(&self.world);
    }

    /// Checks that nothing promised would be lost if the broker died now. It is enough to check before and
    /// after every batch of records, because a batch is recorded as a whole.
    fn would_recover(&self) {
        let stored = &self.world.store;
        let (world, effects) = self.world.after_crash(self.world.now);
        assert_eq!(ended(&effects), ends(&self.world), "what was used up ends, once");
        for task in &self.book.promised {
            let over = stored.stored.runs.iter().any(|run| run.task == *task)
                && stored.tasks()[task].spec.trigger.is_one_shot();
            let there = world.broker.view(world.now, *task).is_some();
            assert!(there || over, "task {task}, which was promised, is registered");
        }
        assert!(
            world.broker.n_tasks() <= stored.tasks().len(),
            "nothing is registered that was not promised"
        );
        for (id, waits) in stored.tasks().keys().filter_map(|id| Some((id, unused(stored, *id)?))) {
            let view = world.broker.view(world.now, *id).expect("a held task is registered");
            let run = world.store.stored.runs.iter().find(|run| run.task == *id);
            let again = |run: &StoredRun| {
                let same = waits.begun.is_none_or(|begun| begun.run == run.instance);
                same && run.firing == Firing { begun: None, ..waits.clone() }
            };
            let survives = view.waiting.as_ref() == Some(&waits) || run.is_some_and(again);
            assert!(survives, "the firing that waits for {id} survives");
            let since = stored.tasks()[id].held_since.map(|since| world.wall_of(since));
            let same = since.is_none() || view.waiting.is_none() || view.held_since == since;
            assert!(same, "since when {id} is held survives");
        }
        for (id, view) in
            world.broker.task_ids(None).filter_map(|id| Some((id, world.broker.view(world.now, id)?)))
        {
            let health = stored.tasks()[&id].health;
            assert_eq!(view.strikes, health.strikes, "the crashes of {id} survive");
            let paused = [PauseScope::Task(id), PauseScope::All].map(|scope| self.world.pause_of(scope));
            assert_eq!([view.paused, view.all_paused], paused, "the pauses of {id} survive");
            assert_eq!(
                view.retry,
                health.retry_at.map(|at| (health.attempt, world.wall_of(at))),
                "the attempt of {id} survives"
            );
        }
        for (family, access) in &stored.stored.access {
            assert_eq!(world.broker.access(family), *access, "what the user allows {family} survives");
        }
        let (_, again) = world.after_crash(world.now);
        let twice = ended(&again).into_keys().find(|run| stored.runs().contains_key(run));
        assert_eq!(twice, None, "what has ended once does not end again");
    }

    pub(super) fn ask(&mut self, what: Request) -> Reply {
        self.asked += 1;
        self.step(Event::Asked { request: RequestId(self.asked), what })
    }

    /// Lets time pass and handles every deadline in between.
    pub(super) fn wait(&mut self, span: Duration) {
        let end = later(self.world.now, span);
        while let Some(due) = self.world.next_deadline(end) {
            self.world.now = due;
            let dying = self.dying;
            self.step(Event::DeadlineReached);
            if !dying {
                self.book.nothing_is_overdue(&self.world);
            }
        }
        self.world.now = end;
    }
}

/// Returns the runs whose firings are used up, and how each ends if the broker dies: only runs that were
/// entered are lost.
fn ends(world: &World) -> BTreeMap<InstanceId, (Outcome, Option<CancellationReason>)> {
    let end = |run: &StoredRun| match run.used_up? {
        UsedUp::Entered => Some((run.instance, (Outcome::Lost, None))),
        UsedUp::Cancelled(reason) => Some((run.instance, (Outcome::Cancelled, Some(reason)))),
    };
    world.store.stored.runs.iter().filter_map(end).collect()
}

/// Returns all firings of a task that are not used up, merged as a new broker fires them.
fn unused(stored: &Store, task: TaskId) -> Option<Firing> {
    let held = stored.tasks()[&task].held.clone();
    let mut runs = stored.stored.runs.iter().filter(|run| run.task == task && run.used_up.is_none());
    match (runs.next(), held) {
        (Some(run), held) => {
            let begun = Begun { run: run.instance, firings: run.firing.count };
            let first = Firing { begun: Some(begun), ..run.firing.clone() };
            Some(held.map_or(first.clone(), |later| first.and(&later)))
        }
        (None, held) => held,
    }
}

/// Returns how many firings a task missed that was due then.
fn passed(task: &StoredTask, now: Wall, due: Wall) -> u64 {
    let period = task.spec.trigger.period().expect("the triggers of histories go by time");
    if task.spec.trigger.is_one_shot() { 1 } else { now.since(due).as_secs() / period.as_secs() + 1 }
}

/// Returns the runs that a starting broker reports as ended, and how.
fn ended(effects: &Effects) -> BTreeMap<InstanceId, (Outcome, Option<CancellationReason>)> {
    let ended = |record: &Record| match record {
        Record::Ended(entry) if matches!(entry.outcome, Outcome::Lost | Outcome::Cancelled) => {
            Some((entry.instance, (entry.outcome, entry.reason)))
        }
        _ => None,
    };
    effects.records.iter().filter_map(ended).collect()
}
