//! The laws of chains and queues.

use std::collections::BTreeMap;
use std::sync::Arc;

use oncue_core::{
    Answer, Blocker, Effect, Effects, InstanceId, LedgerEntry, Outcome, Record, Refusal, ServerId, Stamp,
    TaskId, TaskSpec,
};

use crate::world::World;

/// The answer to a request.
pub(crate) type Reply = Option<Result<Answer, Refusal>>;

/// What an observer of the effects notes.
#[derive(Default)]
pub(crate) struct Book {
    /// The runs that are alive, each with the queue in which it began.
    runs: BTreeMap<InstanceId, (TaskId, Option<Arc<str>>)>,
    /// The processes of commands.
    processes: BTreeMap<ServerId, Process>,
    /// How often each task was fired.
    fired: BTreeMap<TaskId, u64>,
}

/// The process of a command.
#[derive(Clone, Copy, Default)]
pub(crate) struct Process {
    pub(crate) is_started: bool,
    is_killed: bool,
}

fn queue_of(spec: &TaskSpec) -> Option<Arc<str>> {
    spec.policy.as_ref()?.queue.clone()
}

fn is_disabled(spec: &TaskSpec) -> bool {
    spec.policy.as_ref().is_some_and(|policy| policy.disabled)
}

impl Book {
    /// Returns one of the processes to which this applies.
    pub(crate) fn pick(&self, which: u8, is_so: impl Fn(&Process) -> bool) -> Option<ServerId> {
        let fitting: Vec<ServerId> =
            self.processes.iter().filter(|(_, process)| is_so(process)).map(|(id, _)| *id).collect();
        (!fitting.is_empty()).then(|| fitting[usize::from(which) % fitting.len()])
    }

    pub(crate) fn starts(&mut self, server: ServerId) {
        self.processes.entry(server).or_default().is_started = true;
    }

    pub(crate) fn forget(&mut self, server: ServerId) {
        self.processes.remove(&server);
    }

    /// Returns the processes that the broker has killed, and that have not ended yet.
    pub(crate) fn killed(&self) -> Vec<ServerId> {
        self.processes.iter().filter(|(_, process)| process.is_killed).map(|(id, _)| *id).collect()
    }

    /// Notes that the broker died. Its runs are lost, or begin again with the next one.
    pub(crate) fn broker_died(&mut self) {
        self.runs.clear();
        self.processes.clear();
    }

    /// Notes that the retries that are due now fire.
    pub(crate) fn retries_are_due(&mut self, world: &World) {
        let now = world.now.wall;
        let is_due = |at: Option<Stamp>| at.is_some_and(|at| world.wall_of(at) <= now);
        for task in world.store.stored.tasks.iter().filter(|task| is_due(task.health.retry_at)) {
            *self.fired.entry(task.id).or_default() += 1;
        }
    }

    /// Notes the effects of a step. `fires` is the task that was fired by a request.
    pub(crate) fn note(&mut self, world: &World, effects: &Effects, fires: Option<TaskId>) -> Reply {
        for record in &effects.records {
            match record {
                Record::RunBegan { instance, task, .. } => self.begins(world, *instance, *task),
                Record::Ended(entry) => self.ends(world, entry),
                _ => {}
            }
        }
        let mut reply = None;
        for effect in effects.at_once.iter().chain(&effects.after) {
            match effect {
                Effect::Start { server, .. } => {
                    assert!(self.processes.insert(*server, Process::default()).is_none(), "a server is new");
                }
                Effect::Kill { server } => {
                    if let Some(process) = self.processes.get_mut(server) {
                        process.is_killed = true;
                    }
                }
                Effect::Reply { answer, .. } => reply = Some(answer.clone()),
                _ => {}
            }
        }
        if let (Some(task), Some(Ok(Answer::Fired(_)))) = (fires, &reply) {
            *self.fired.entry(task).or_default() += 1;
        }
        reply
    }

    fn begins(&mut self, world: &World, instance: InstanceId, task: TaskId) {
        let stored = world.store.tasks();
        let queue = stored.get(&task).and_then(|task| queue_of(&task.spec));
        for (other, (of, busy)) in &self.runs {
            assert_ne!(*of, task, "a task has one run at a time: {instance} beside {other}");
            assert!(
                queue.is_none() || *busy != queue,
                "one task of {queue:?} runs: {instance} beside {other}"
            );
        }
        self.runs.insert(instance, (task, queue));
    }

    /// Notes the end of a run: what follows it is fired once, unless the run is retried.
    fn ends(&mut self, world: &World, entry: &LedgerEntry) {
        self.runs.remove(&entry.instance);
        let stored = world.store.tasks();
        let is_retried = stored.get(&entry.task).is_some_and(|task| task.health.retry_at.is_some());
        if is_retried || !entry.outcome.is_of_run() {
            return;
        }
        // A run has the name that its task had when it ended.
        for (id, follower) in &stored {
            let follows = follower.spec.trigger.follows();
            let fires = follows.is_some_and(|(task, end)| **task == *entry.name && end.includes(entry));
            if fires && !is_disabled(&follower.spec) {
                *self.fired.entry(*id).or_default() += 1;
            }
        }
    }

    /// Checks what must hold between two steps.
    pub(crate) fn holds(&self, world: &World) {
        for (id, fired) in &self.fired {
            assert_eq!(*fired, accounted(world, *id), "the firings of {id}");
        }
        for id in world.broker.task_ids(None) {
            let view = world.broker.view(world.now, id).expect("a task that is listed exists");
            let waits = view.waiting.is_some() && view.instance.is_none();
            assert!(!waits || !view.blocked.is_empty(), "what waits has a reason: {view:?}");
            let is_behind = view.blocked.iter().any(|blocker| matches!(blocker, Blocker::Queue(_)));
            let queue = world.store.tasks().get(&id).and_then(|task| queue_of(&task.spec));
            let is_busy = self.runs.values().any(|(_, busy)| *busy == queue);
            assert!(!is_behind || is_busy, "nothing waits for a queue in which nothing runs: {view:?}");
            let run = world.store.stored.runs.iter().find(|run| run.task == id).map(|run| run.instance);
            assert_eq!(view.instance, run, "the run of {id} is stored");
        }
    }

    /// Checks that nothing waits.
    pub(crate) fn nothing_waits(&self, world: &World) {
        assert!(self.runs.is_empty(), "no run is left");
        let waiting = world.store.stored.tasks.iter().find(|task| task.held.is_some());
        assert!(waiting.is_none(), "nothing waits for ever: {waiting:?}");
    }
}

/// Returns how many firings of a task have ended, run or wait.
fn accounted(world: &World, id: TaskId) -> u64 {
    let without_run = |outcome| matches!(outcome, Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced);
    let own = |entry: &LedgerEntry| if without_run(entry.outcome) { u64::from(entry.firings) } else { 1 };
    let ended: u64 = world.store.ledger.iter().filter(|entry| entry.task == id).map(own).sum();
    let alive = world.store.stored.runs.iter().filter(|run| run.task == id).count();
    let held = world.store.tasks().get(&id).and_then(|task| task.held.as_ref());
    let told = held.and_then(|held| held.begun).map_or(0, |begun| begun.firings - 1);
    ended + u64::try_from(alive).expect("few runs") + held.map_or(0, |held| u64::from(held.count - told))
}
