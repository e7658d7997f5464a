//! The laws: what must hold for the effects of every step, and for the state after it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use oncue_core::{
    Activation, Answer, Blocker, CancellationReason, Cause, Effect, Effects, Firing, Guid, InstanceId,
    LedgerEntry, Notice, Outcome, PauseScope, Record, Refusal, ServerId, Stamp, TaskId, TaskState, TaskView,
};

use super::before::{Before, views};
use super::book::{Book, Run, Server, announced};
use crate::world::World;

/// The result of a step: the answer, if it was a request.
pub(crate) type Reply = Option<Result<Answer, Refusal>>;

/// Returns whether no part of the task's condition keeps it from running.
fn holds(view: &TaskView) -> bool {
    view.failing.is_empty()
}

fn grace_of(world: &World, before: &Before, task: TaskId) -> Duration {
    // A task that was removed in this step is no longer in the store.
    let own = match world.store.tasks().get(&task) {
        Some(stored) => stored.spec.policy.as_ref().and_then(|policy| policy.grace),
        None => before.graces.get(&task).copied(),
    };
    own.unwrap_or(world.broker.settings().grace)
}

/// Returns how many of the waiting firings are already in the ledger, joined to a run that is to begin again.
fn told_with(held: &Firing) -> u32 {
    held.begun.map_or(0, |begun| begun.firings - 1)
}

impl Book {
    /// Notes the effects of a step in their order, and checks each.
    pub(crate) fn note(&mut self, world: &World, before: &Before, effects: &Effects) -> Reply {
        self.step += 1;
        self.again.clear();
        for record in &effects.records {
            self.begins(world, before, record);
        }
        self.judge_health(world, effects);
        for effect in &effects.at_once {
            self.at_once(world, effects, effect);
        }
        let mut ended = Vec::new();
        for record in &effects.records {
            if let Record::Ended(entry) = record {
                self.ends(entry);
                ended.push(&**entry);
            }
        }
        let told: Vec<&LedgerEntry> = (effects.after.iter())
            .filter_map(|effect| match effect {
                Effect::Announce { notice: Notice::Ended(entry), .. } => Some(entry),
                _ => None,
            })
            .collect();
        assert_eq!(ended, told, "what ends is announced as it is recorded");
        self.lets_go(effects);
        self.after(effects)
    }

    fn begins(&mut self, world: &World, before: &Before, record: &Record) {
        match record {
            Record::PackageRemoved(family) => self.dismiss(family),
            Record::PackageAdded(package) => self.dismiss(&package.family),
            Record::TaskRegistered { task, .. } if !self.promised.contains(task) => self.new_id(task.0),
            Record::Held { firing: Some(Firing { begun: Some(begun), .. }), .. } => {
                self.waits_again(begun.run);
            }
            Record::RunBegan { instance, task, package, firing, .. } => {
                self.waits_again(*instance);
                self.run_id(*instance);
                self.reborn.remove(instance);
                let view = world.broker.view(world.now, *task);
                let class =
                    view.or_else(|| before.views.get(task).cloned()).and_then(|view| view.action.class());
                let run = Run {
                    task: *task,
                    package: package.clone(),
                    class: class.expect("what begins to run is registered"),
                    forced: firing.cause == Cause::Forced,
                    began: world.now.boot,
                    began_in_step: self.step,
                    server: None,
                    entered: false,
                    grace: grace_of(world, before, *task),
                    told: None,
                };
                self.runs.insert(*instance, run);
            }
            _ => {}
        }
    }

    fn dismiss(&mut self, family: &oncue_core::FamilyName) {
        let theirs = self.servers.values_mut().filter(|server| server.package == *family);
        theirs.filter(|server| server.is_known()).for_each(|server| server.done = Some(self.step));
    }

    fn at_once(&mut self, world: &World, effects: &Effects, effect: &Effect) {
        match effect {
            Effect::Launch { server, package, exe } => {
                let coming = self.servers.values().find(|known| {
                    known.exe == Some(*exe)
                        && known.package == *package
                        && known.offered.is_empty()
                        && known.done.is_none()
                });
                assert!(coming.is_none(), "one server of a kind is on its way at a time");
                self.admit(*server, package.clone(), Some(*exe));
            }
            Effect::Watch { .. } | Effect::Unwatch { .. } => {}
            Effect::Await { server, instance, package, .. } => {
                assert!(self.runs.contains_key(instance), "a run that waits is alive");
                let awaited = self.servers.get(server).expect("a server that is awaited is known");
                assert!(awaited.package == *package && awaited.done.is_none(), "it can serve the run");
            }
            Effect::Deliver { server, class, activation } => self.delivered(*server, *class, activation),
            Effect::TellCancel { server, instance, .. } => {
                let run = self.runs.get_mut(instance).expect("who is told to cancel is alive");
                assert_eq!(run.server, Some(*server), "the server of the run is told");
                assert_eq!(run.told, None, "a run is told once");
                let grace = self.machine.grace(world.now.boot, run.grace);
                run.told = Some((world.now.boot, grace));
            }
            Effect::Kill { server } => {
                self.may_kill(world, effects, *server);
                // A run that began in this step may have been assigned just before.
                self.done(*server, self.step + 1);
                if let Some(known) = self.servers.get_mut(server) {
                    known.killed = true;
                }
            }
            Effect::Start { .. }
            | Effect::Terminate { .. }
            | Effect::KillRest { .. }
            | Effect::Reply { .. }
            | Effect::Announce { .. }
            | Effect::NotifyUser(_)
            | Effect::LetSleep
            | Effect::LetSessionEnd
            | Effect::StartAtLogIn { .. }
            | Effect::Leave
            | Effect::HandOver => {
                panic!("nothing is told before it is recorded: {effect:?}");
            }
        }
    }

    fn delivered(&mut self, server: ServerId, class: Guid, activation: &Activation) {
        let run = self.runs.get_mut(&activation.instance).expect("what is delivered is alive");
        assert_eq!(run.server, None, "a run is delivered once");
        assert_eq!(run.told, None, "a cancelled run is not delivered");
        run.server = Some(server);
        let known = self.servers.get_mut(&server).expect("a server that is there gets the run");
        assert!(known.done.is_none(), "nothing is delivered to a server that has left");
        assert_eq!(known.package, run.package, "a server serves its own package");
        let mut objects = known.objects.iter_mut().rev();
        let object = objects
            .find(|object| object.class == class && !object.suspended && !(object.single && object.used))
            .expect("a class object of the server serves the run");
        object.used = true;
    }

    /// Checks that a server is killed only in these cases: the grace of its run has passed; it did not enter
    /// a run in time; it did not end after it closed its connection; it is starting and no longer needed; or
    /// it is idle while its package changes. The rest of its processes is killed if it failed.
    fn may_kill(&mut self, world: &World, effects: &Effects, id: ServerId) {
        if self.exited.is_some_and(|(exited, _)| exited == id) {
            return;
        }
        let now = world.now.boot;
        let server = self.servers.get(&id).expect("a server that is there is killed");
        assert!(!server.killed, "a server is killed once");
        let settings = world.broker.settings();
        let disobeyed = (self.runs.values())
            .filter(|run| run.server == Some(id))
            .any(|run| run.told.is_some_and(|(at, grace)| at.after(grace) <= now));
        let too_late = effects.records.iter().any(|record| match record {
            Record::Ended(entry) if entry.outcome == Outcome::NotActivated => {
                let run = self.runs.get(&entry.instance);
                run.is_some_and(|run| run.began.after(settings.activation_timeout) <= now && !run.entered)
            }
            _ => false,
        });
        // In a shortage, a run that was not entered in time waits again instead.
        let too_late =
            too_late || self.again.iter().any(|began| began.after(settings.activation_timeout) <= now);
        let lingers = server.disconnected.is_some_and(|at| at.after(settings.grace) <= now);
        let serviced = effects.records.iter().any(|record| match record {
            Record::PackageAdded(package) => package.family == server.package,
            Record::PackageRemoved(family) => *family == server.package,
            _ => false,
        });
        if disobeyed || too_late {
            self.felled.insert(id);
        }
        let idle = self.runs.values().all(|run| run.server != Some(id));
        let unneeded = self.is_unneeded(world, effects, server);
        assert!(
            disobeyed || too_late || lingers || unneeded || serviced && idle,
            "{id:?} is killed without need"
        );
    }

    /// Returns whether a server is starting and no run that began since waits for it after this step.
    fn is_unneeded(&self, world: &World, effects: &Effects, server: &Server) -> bool {
        let waits = |run: &Run| {
            let exe = world.broker.package(&run.package).and_then(|package| package.server_of(run.class));
            run.server.is_none() && run.package == server.package && exe == server.exe
        };
        let ends = |id: &InstanceId| {
            let ended = |r: &Record| matches!(r, Record::Ended(entry) if entry.instance == *id);
            effects.records.iter().any(ended)
        };
        // A run that begins in this step may begin after the kill; then it gets another server.
        let (came, kind) = (server.came_in_step, (&server.package, server.exe));
        let since = |run: &Run| (came..self.step).contains(&run.began_in_step);
        // A run that began when the server was started may wait for the end of a server that was killed then.
        let killed_then = (self.servers.values())
            .any(|other| (&other.package, other.exe) == kind && other.done.is_some_and(|done| done >= came));
        let elsewhere = |run: &Run| run.began_in_step == came && killed_then;
        let needed =
            self.runs.iter().any(|(id, run)| waits(run) && since(run) && !elsewhere(run) && !ends(id));
        server.exe.is_some() && server.offered.is_empty() && !needed
    }

    fn ends(&mut self, entry: &LedgerEntry) {
        let cancelled = matches!(entry.outcome, Outcome::Cancelled | Outcome::Killed);
        assert!(!cancelled || entry.reason.is_some(), "what was cancelled has a reason");
        match self.runs.remove(&entry.instance) {
            Some(run) => {
                assert_eq!(run.task, entry.task);
                let well = matches!(entry.outcome, Outcome::Completed | Outcome::Failed);
                assert!(!well || run.told.is_none(), "a run that was told to cancel is cancelled");
                self.over.push((entry.instance, run.server));
            }
            None => {
                self.run_id(entry.instance);
                self.reborn.remove(&entry.instance);
            }
        }
    }

    fn after(&mut self, effects: &Effects) -> Reply {
        let mut reply = None;
        for effect in &effects.after {
            match effect {
                Effect::Reply { answer, .. } => {
                    assert!(reply.is_none(), "one answer to one question");
                    reply = Some(answer.clone());
                }
                Effect::Announce { notice: Notice::TaskRemoved(task), .. } => {
                    self.promised.remove(task);
                    self.unregistered.push(*task);
                }
                Effect::Announce { .. }
                | Effect::LetSleep
                | Effect::LetSessionEnd
                | Effect::StartAtLogIn { .. }
                | Effect::Leave
                | Effect::HandOver => {}
                _ => panic!("what need not wait for the disk is done at once: {effect:?}"),
            }
        }
        match &reply {
            Some(Ok(Answer::Registered { task, .. })) => {
                self.promised.insert(*task);
            }
            Some(Ok(Answer::Fired(_))) => self.fired += 1,
            Some(Err(_)) => assert!(effects.records.is_empty(), "what is refused changes nothing"),
            _ => {}
        }
        reply
    }

    /// Checks what must hold between two steps.
    pub(crate) fn holds(&self, world: &World) {
        self.broker_equals_store(world);
        self.firings_are_accounted(world);
        self.machine_waits_for_a_reason(world);
        let mut busy = BTreeMap::new();
        for (id, run) in &self.runs {
            assert!(busy.insert(run.task, id).is_none(), "a task has one run at a time");
            let begins = run.began_in_step == self.step;
            assert!(
                !begins || world.store.tasks().contains_key(&run.task),
                "what begins to run is registered"
            );
            assert!(run.server.is_some() || self.has_hope(world, run), "a server is on its way for run {id}");
        }
        for view in views(world).values() {
            let waits = view.waiting.is_some() && view.instance.is_none();
            assert!(
                !waits || !view.failing.is_empty() || !view.blocked.is_empty(),
                "what is held has a reason: {view:?}"
            );
            assert_eq!(waits, view.held_since.is_some(), "what is held is held since then: {view:?}");
            let forced = waits && view.waiting.as_ref().is_some_and(|firing| firing.cause == Cause::Forced);
            assert!(!forced || holds(view), "conditions do not keep what is forced: {view:?}");
            let quarantined = view.strikes >= world.broker.settings().strikes;
            assert_eq!(quarantined, view.blocked.contains(&Blocker::Quarantined), "{view:?}");
            assert!(!quarantined || view.state == TaskState::Quarantined, "quarantine is visible: {view:?}");
            let alone = view.instance.is_none() && view.waiting.is_none();
            assert!(alone || view.retry.is_none(), "what runs or waits is not tried again: {view:?}");
        }
        for run in self.runs.values().filter(|run| self.is_denied(&run.package)) {
            assert!(run.told.is_some(), "what runs in a package that may not is told to cancel");
        }
    }

    /// Returns whether a server is starting that may register the class of a waiting run, or was starting
    /// when the run began.
    fn has_hope(&self, world: &World, run: &Run) -> bool {
        let exe = world.broker.package(&run.package).and_then(|package| package.server_of(run.class));
        self.servers.values().any(|server| match server.done {
            None => {
                server.exe == exe && server.package == run.package && !server.offered.contains(&run.class)
            }
            Some(step) => server.package == run.package && step > run.began_in_step,
        })
    }

    fn broker_equals_store(&self, world: &World) {
        let store = &world.store;
        assert!(self.runs.keys().eq(store.runs().keys()), "what is alive is stored as unended");
        assert!(
            self.promised.iter().eq(store.tasks().keys()),
            "what was promised is stored, and nothing else"
        );
        let views = views(world);
        assert!(views.keys().eq(store.tasks().keys()), "the broker and the store know the same tasks");
        for (id, stored) in store.tasks() {
            let view = &views[&id];
            let spec = &stored.spec;
            assert_eq!((&view.name, &view.action), (&spec.name, &spec.action));
            assert_eq!(
                (&view.trigger, &view.condition),
                (&spec.trigger, &spec.condition.as_deref().cloned())
            );
            assert_eq!(
                (&view.policy, &view.package),
                (&spec.policy.as_deref().cloned().unwrap_or_default(), &stored.package)
            );
            let due = stored.next_due.at().map(|due| world.wall_of(due));
            assert_eq!(view.next_due, due, "when {id} is due is stored");
            assert_eq!(view.waiting, stored.held, "what waits for {id} is stored");
            let since = stored.held_since.map(|since| world.wall_of(since));
            assert_eq!(view.held_since, since, "since when it waits for {id} is stored");
            let health = &stored.health;
            assert_eq!(view.strikes, health.strikes, "the crashes of {id} are stored");
            let retry = health.retry_at.map(|at| (health.attempt, world.wall_of(at)));
            assert_eq!(view.retry, retry, "the next attempt of {id} is stored");
            assert_eq!(view.strikes, self.strikes.get(&id).copied().unwrap_or(0), "crashes of {id} count");
            assert_eq!(view.paused, world.pause_of(PauseScope::Task(id)), "the pause of {id} is stored");
            assert_eq!(view.all_paused, world.pause_of(PauseScope::All), "the pause of all is stored");
            assert_eq!(view.last, stored.last, "how the last run of {id} ended is stored");
            let run = store.stored.runs.iter().find(|run| run.task == id).map(|run| run.instance);
            assert_eq!(view.instance, run, "the run of {id} is stored");
        }
        let paused = store.stored.pauses.iter().map(|(scope, _)| *scope);
        assert!(self.paused.iter().copied().eq(paused.collect::<BTreeSet<_>>()), "what is paused is stored");
        for package in world.broker.packages() {
            let said = self.access.get(&package.family).copied().unwrap_or_default();
            assert_eq!(world.broker.access(&package.family), said, "what the user said counts");
        }
        assert_eq!(store.access(), self.access, "what the user said is stored");
        assert!(world.broker.packages().eq(&store.stored.packages), "the packages are stored");
    }

    /// Every firing is in exactly one entry, or runs, or waits. Of the firings that one run answers, the
    /// first has the run's entry and the others are coalesced into it.
    fn firings_are_accounted(&self, world: &World) {
        let store = &world.store;
        let without_run =
            |outcome| matches!(outcome, Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced);
        let own = |entry: &LedgerEntry| if without_run(entry.outcome) { u64::from(entry.firings) } else { 1 };
        let ended: u64 = store.ledger.iter().map(own).sum();
        let alive = u64::try_from(store.runs().len()).expect("a number of runs");
        let waiting: u64 = store
            .tasks()
            .values()
            .filter_map(|task| task.held.as_ref())
            .map(|held| u64::from(held.count - told_with(held)))
            .sum();
        assert_eq!(self.fired, ended + alive + waiting, "every firing is in one entry, runs or waits");
        let mut joined: BTreeMap<String, u32> = BTreeMap::new();
        for entry in store.ledger.iter().filter(|entry| entry.outcome == Outcome::Coalesced) {
            let message = entry.message.as_deref().unwrap_or_default();
            let run = message.split_whitespace().find(|word| word.contains('-')).expect("it names the run");
            *joined.entry(run.to_owned()).or_default() += entry.firings;
        }
        let ended = store.ledger.iter().filter(|run| !without_run(run.outcome));
        let ended = ended.map(|run| (run.instance, run.firings));
        let alive = store.stored.runs.iter().map(|run| (run.instance, run.firing.count));
        let held = store.stored.tasks.iter().filter_map(|task| task.held.as_ref()?.begun);
        let held = held.map(|begun| (begun.run, begun.firings));
        for (run, firings) in ended.chain(alive).chain(held) {
            let others = joined.remove(&run.to_string()).unwrap_or(0);
            assert_eq!(firings, others + 1, "what one run answers is counted");
        }
        for given_up in store.ledger.iter().filter(|entry| entry.outcome == Outcome::Dropped) {
            joined.remove(&given_up.instance.to_string());
        }
        assert!(joined.is_empty(), "what is coalesced is answered: {joined:?}");
    }

    /// Checks that watching clients are told about every change.
    pub(crate) fn changes_are_announced(&mut self, world: &World, before: &Before, effects: &Effects) {
        let seen = |view: &TaskView| TaskView {
            progress: None,
            failing: Vec::new(),
            blocked: Vec::new(),
            all_paused: None,
            ..view.clone()
        };
        let told = || effects.after.iter().filter_map(announced);
        let changed = |id: TaskId| told().any(|(_, notice)| *notice == Notice::TaskChanged(id));
        for (id, view) in &views(world) {
            if before.views.get(id).map(seen) != Some(seen(view)) {
                assert!(changed(*id), "that {id} changed is announced");
            }
        }
        for (id, view) in &before.views {
            let gone = world.broker.view(world.now, *id).is_none();
            let removed = told().filter(|told| *told == (&view.package, &Notice::TaskRemoved(*id))).count();
            assert_eq!(usize::from(gone), removed, "a removal is announced once to who watches the package");
        }
        let leaves = effects.after.iter().any(|effect| matches!(effect, Effect::Leave));
        let idle = self.stopping && self.runs.is_empty();
        assert_eq!(leaves, idle && !self.left, "a stopping broker leaves when nothing runs, once");
        self.left = idle;
    }

    /// Checks what must hold when all deadlines up to now were handled.
    pub(crate) fn nothing_is_overdue(&self, world: &World) {
        let now = world.now;
        assert!(
            world.broker.next_deadline().is_none_or(|next| next > now.boot),
            "the next deadline is later"
        );
        for task in world.store.stored.tasks.iter() {
            let later = |at: Option<Stamp>| at.is_none_or(|at| world.wall_of(at) > now.wall);
            assert!(later(task.next_due.at()), "what is due has fired");
            assert!(later(task.health.retry_at), "what is due is tried again");
        }
        for scope in self.paused.iter() {
            let until = world.pause_of(*scope).and_then(|pause| pause.until);
            assert!(until.is_none_or(|until| until > now.wall), "a pause that is over has ended");
        }
        for run in self.runs.values() {
            let patience = world.broker.settings().activation_timeout;
            match run.told {
                Some((at, grace)) if at.after(grace) <= now.boot => {
                    let server = run.server.and_then(|id| self.servers.get(&id));
                    assert!(server.is_none_or(|server| server.killed), "who had his grace is killed");
                }
                Some(_) => {}
                None => {
                    assert!(run.entered || run.began.after(patience) > now.boot, "a run is entered in time");
                }
            }
        }
    }

    /// Checks that a run that asks for it is cancelled when its condition is lost.
    pub(crate) fn losses_cancel(&self, world: &World, before: &Before, effects: &Effects) {
        for effect in &effects.at_once {
            if let Effect::TellCancel { instance, reason, .. } = effect {
                if *reason == CancellationReason::EnergySaver {
                    let run = &self.runs[instance];
                    assert!(self.is_saved(world, &run.package), "who is always allowed is spared");
                    continue;
                }
                assert_eq!(
                    *reason,
                    CancellationReason::ConditionLoss,
                    "a fact cancels what lost its condition"
                );
                let held = before.views.get(&self.runs[instance].task).is_some_and(holds);
                assert!(held, "a condition that did not hold cannot be lost");
            }
        }
        for (id, view) in &views(world) {
            let policy = world.store.tasks()[id].spec.policy.as_deref();
            let lost = !holds(view) && before.views.get(id).is_some_and(holds);
            let wants = policy.is_some_and(|policy| policy.cancel_on_condition_loss);
            if lost && wants && view.instance.is_some_and(|instance| !self.runs[&instance].forced) {
                assert_eq!(view.state, TaskState::Cancelling, "the run of {id} lost its condition");
            }
        }
    }
}
