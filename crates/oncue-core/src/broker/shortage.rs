//! Why no process is started for a while although no program is at fault: the broker has no descriptors,
//! processes or memory left, or a program's file system does not answer. Tasks that need a process wait and
//! are retried, later each time.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::time::Duration;

use oncue_types::{
    Action, Begun, Blocker, Boot, FamilyName, Firing, Guid, Moment, ServerId, TaskId, show_span,
};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::run::{RunKey, RunState};
use crate::tasks::{Task, TaskKey};
use crate::timers::Timer;

/// How long nothing is started after the first failure; doubled after each further one.
const FIRST: Duration = Duration::from_secs(1);
/// The maximum of that time.
const LONGEST: Duration = Duration::from_secs(60);

/// What keeps servers from being started.
#[derive(Debug, Default)]
pub(super) struct Obstacles {
    /// The broker is short of something, and cannot start any server.
    shortage: Option<Obstacle>,
    /// The file systems of these programs do not answer; only they cannot be started.
    out_of_reach: BTreeMap<Whose, Obstacle>,
}

/// Whose programs are out of reach together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// The task servers of this package.
    Package(FamilyName),
    /// The command of this task.
    Command(TaskId),
}

/// A reason, from when it was observed until a server has come up again.
#[derive(Debug, Default)]
struct Obstacle {
    /// The reason, as text.
    why: String,
    /// How often the broker has backed off because of it.
    times: u32,
    /// When it was last observed.
    seen: Boot,
    /// Until when nothing is started.
    until: Option<Boot>,
}

impl Obstacle {
    fn see(&mut self, now: Moment, why: String) {
        (self.why, self.seen) = (why, now.boot);
        self.back_off(now);
    }

    /// Blocks starts for a while.
    fn back_off(&mut self, now: Moment) {
        if self.until.is_none() {
            let wait = FIRST.saturating_mul(1 << self.times.min(6)).min(LONGEST);
            self.times = self.times.saturating_add(1);
            self.until = Some(now.boot.after(wait));
        }
    }
}

impl Obstacles {
    fn all(&self) -> impl Iterator<Item = &Obstacle> {
        self.shortage.iter().chain(self.out_of_reach.values())
    }

    /// Forgets a removed package.
    pub(super) fn forget(&mut self, package: &FamilyName) {
        self.out_of_reach.remove(&Whose::Package(package.clone()));
    }

    /// Forgets a removed task.
    pub(super) fn forget_task(&mut self, task: TaskId) {
        self.out_of_reach.remove(&Whose::Command(task));
    }

    /// Ends the waits that are over.
    fn try_again(&mut self, now: Moment) {
        for obstacle in self.shortage.iter_mut().chain(self.out_of_reach.values_mut()) {
            obstacle.until.take_if(|until| *until <= now.boot);
        }
    }

    /// Notes that a server of this package has come up: the shortage is over, and the package is within
    /// reach.
    pub(super) fn server_came_up(&mut self, package: &FamilyName) {
        self.came_up(&Whose::Package(package.clone()));
    }

    /// Notes that the command of this task was started.
    pub(super) fn task_came_up(&mut self, task: TaskId) {
        self.came_up(&Whose::Command(task));
    }

    fn came_up(&mut self, whose: &Whose) {
        self.shortage.take_if(|shortage| shortage.until.is_none());
        if self.out_of_reach.get(whose).is_some_and(|obstacle| obstacle.until.is_none()) {
            self.out_of_reach.remove(whose);
        }
    }
}

impl Broker {
    /// Handles a shortage of the broker. Tasks that need a server that is not up wait, including those for
    /// which `server` was to be started.
    pub(super) fn short(&mut self, now: Moment, server: Option<ServerId>, why: String, out: &mut Effects) {
        self.machine.obstacles.shortage.get_or_insert_default().see(now, why);
        self.wait_for_obstacles();
        if let Some(server) = server {
            self.not_started(now, server, out);
        }
    }

    /// Handles a file system that does not answer. Tasks that need a server of the package that is not up
    /// wait, including those for which `server` was to be started.
    pub(super) fn out_of_reach(&mut self, now: Moment, server: ServerId, why: String, out: &mut Effects) {
        let Some(known) = self.servers.get(server) else { return };
        let whose = match self.command_of(server) {
            Some(run) => Whose::Command(self.runs[run].task),
            None => Whose::Package(known.package.clone()),
        };
        self.machine.obstacles.out_of_reach.entry(whose).or_default().see(now, why);
        self.wait_for_obstacles();
        self.not_started(now, server, out);
    }

    /// Handles that the process of a run's server was not created in the time that the server has to come up.
    /// If it appears later, it is killed.
    pub(super) fn not_made_in_time(&mut self, now: Moment, run: RunKey, server: ServerId, out: &mut Effects) {
        let instance = self.runs[run].instance;
        let limit = show_span(self.settings.activation_timeout);
        let why = format!("its program was not loaded within {limit}");
        self.had_its_time(server, out);
        self.out_of_reach(now, server, why.clone(), out);
        // A run whose task was unregistered cannot wait again.
        if let Some(run) = self.runs.key(instance).filter(|run| self.runs[*run].of.is_none()) {
            self.end_not_activated(now, run, why, out);
        }
    }

    fn not_started(&mut self, now: Moment, server: ServerId, out: &mut Effects) {
        self.timers.clear(Timer::Exit(server));
        for run in self.part_with(server).into_iter().flat_map(|gone| gone.runs) {
            if let Some(task) = self.may_wait_again(run) {
                self.wait_again(now, run, task, out);
            }
        }
    }

    fn wait_for_obstacles(&mut self) {
        match self.machine.obstacles.all().filter_map(|obstacle| obstacle.until).min() {
            Some(until) => self.timers.set(Timer::Obstacle, until),
            None => self.timers.clear(Timer::Obstacle),
        }
    }

    /// Tries again to start servers.
    pub(super) fn try_starting(&mut self, now: Moment, out: &mut Effects) {
        self.machine.obstacles.try_again(now);
        self.wait_for_obstacles();
        self.judge_held(now, out);
    }

    /// Judges the tasks of a class that waited because no server could be started, now that one of its
    /// objects is registered.
    pub(super) fn judge_served(&mut self, now: Moment, class: Guid, out: &mut Effects) {
        if self.machine.obstacles.all().all(|obstacle| obstacle.until.is_none()) {
            return;
        }
        let mut held = self.tasks.held();
        held.retain(|key| self.tasks[*key].spec().action.class() == Some(class));
        for key in held {
            self.judge(now, key, out);
        }
    }

    /// Returns what keeps a process from being started for a task that needs one.
    pub(super) fn obstacles_for(&self, task: &Task) -> impl Iterator<Item = Blocker> {
        let obstacles = &self.machine.obstacles;
        let package = self.tasks.package_of(task);
        let why = |obstacle: &Obstacle| obstacle.until.map(|_| obstacle.why.clone());
        let shortage = obstacles.shortage.as_ref().and_then(why).map(Blocker::Shortage);
        let reach = |whose| obstacles.out_of_reach.get(&whose).and_then(why).map(Blocker::OutOfReach);
        let (reach, needs_process) = match &task.spec().action {
            Action::Class(class) => {
                (reach(Whose::Package(package.clone())), !self.servers.serves(package, *class))
            }
            Action::Command(_) => (reach(Whose::Command(task.id())), true),
        };
        [shortage, reach].into_iter().flatten().filter(move |_| needs_process)
    }

    /// Makes a run wait again if a shortage may have kept its server from coming up, or the broker from
    /// hearing it. Returns whether it waits.
    pub(super) fn was_short(&mut self, now: Moment, run: RunKey, out: &mut Effects) -> bool {
        let waits = self.runs[run].state == RunState::Waiting;
        let Some(shortage) = self.machine.obstacles.shortage.as_mut().filter(|_| waits) else { return false };
        if now.boot.since(shortage.seen) > self.settings.activation_timeout {
            return false;
        }
        shortage.back_off(now);
        self.wait_for_obstacles();
        match self.may_wait_again(run) {
            Some(task) => {
                self.wait_again(now, run, task, out);
                true
            }
            None => false,
        }
    }

    /// Returns the task of a run that has no server yet, if it is still registered.
    fn may_wait_again(&self, run: RunKey) -> Option<TaskKey> {
        let run = &self.runs[run];
        run.of.filter(|_| run.state == RunState::Waiting)
    }

    /// Makes the firing of a run that has no server wait again.
    fn wait_again(&mut self, now: Moment, run: RunKey, task: TaskKey, out: &mut Effects) {
        let later = self.tasks.finish(task);
        self.unassign(now, run);
        self.timers.clear_run(run);
        let run = self.runs.remove(run);
        self.leave_queue(now, run.instance, out);
        let begun = Some(Begun { run: run.instance, firings: run.firing.count });
        let firing = Firing { begun, ..run.firing };
        let firing = match later {
            Some(later) => firing.and(&later),
            None => firing,
        };
        self.start_or_hold(now, task, firing, out);
    }
}
