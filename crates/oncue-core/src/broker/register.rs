//! Registering and unregistering tasks: everything is checked here, nothing later.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::broker::Broker;
use crate::changes::Changes;
use crate::due::{Due, When};
use crate::effect::{Answer, Effects, Notice, RegisterResult};
use crate::event::{Register, RegisterMode};
use crate::id::TaskId;
use crate::moment::Moment;
use crate::package::FamilyName;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::run::Decider;
use crate::task::{Former, Health, Phase, Task, TaskSpec};
use crate::timers::Timer;
use crate::trigger::{Trigger, Wake, Watch, check_path};

impl Broker {
    pub(super) fn register(
        &mut self,
        now: Moment,
        asked: Register,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let Register { package, spec, mode } = asked;
        self.check(now, &package, &spec)?;
        let is_same =
            |id: &TaskId| self.tasks.get(id).is_some_and(|task| task.spec.group_id() == spec.group_id());
        let present = self.tasks_named(&package, &spec.name).find(is_same);
        match (mode, present) {
            (RegisterMode::Keep, Some(task)) => Ok(Answer::Registered { task, how: RegisterResult::Kept }),
            (RegisterMode::Replace, Some(task)) => Ok(self.replace(now, task, spec, out)),
            (RegisterMode::Always, _) | (_, None) => {
                self.room_for_one_more(&package)?;
                let task = self.ids.task();
                self.enter_task(now, task, package, spec, out);
                Ok(Answer::Registered { task, how: RegisterResult::New })
            }
        }
    }

    fn check(&self, now: Moment, package: &FamilyName, spec: &TaskSpec) -> Result<(), Refusal> {
        let known = self.packages.get(package).ok_or_else(|| Refusal::UnknownPackage(package.clone()))?;
        self.check_name("the task's name", &spec.name)?;
        if let Some(group) = &spec.group {
            self.check_name("the group's id", &group.id)?;
            if !group.name.is_empty() {
                self.check_name("the group's name", &group.name)?;
            }
        }
        if known.server_of(spec.class).is_none() {
            return Err(Refusal::ClassNotDeclared { class: spec.class, package: package.clone() });
        }
        if let Some(policy) = &spec.policy {
            policy.check()?;
        }
        // A trigger without a span would fire without end, whatever the user has set.
        let (min, max) = (self.settings.min_minutes.max(1), self.settings.max_minutes);
        match &spec.trigger {
            Trigger::Time { minutes, .. } | Trigger::Maintenance { minutes, .. }
                if !(min..=max).contains(minutes) =>
            {
                Err(Refusal::FreshnessOutOfRange { minutes: *minutes, min, max })
            }
            Trigger::Calendar(schedule) => self.check_schedule(now, schedule),
            Trigger::Watch(watch) => match &**watch {
                Watch::Path { path, .. } => {
                    check_path(path).map_err(|source| Refusal::Path { path: path.as_str().into(), source })
                }
                Watch::Device { .. } | Watch::Bus { .. } | Watch::Push => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn check_schedule(&self, now: Moment, schedule: &Arc<str>) -> Result<(), Refusal> {
        let comes = || match self.calendar.next(schedule, now.wall) {
            Some(_) => Ok(()),
            None => Err("it does not occur again".into()),
        };
        let checked = self.calendar.check(schedule).and_then(|()| comes());
        checked.map_err(|why| Refusal::Schedule { schedule: schedule.as_ref().into(), why })
    }

    fn check_name(&self, what: &'static str, name: &str) -> Result<(), Refusal> {
        let (length, limit) = (name.chars().count(), self.settings.limits.name_length);
        if length == 0 {
            return Err(Refusal::NameEmpty { what });
        }
        if length > limit {
            return Err(Refusal::NameTooLong { what, length, limit });
        }
        match name.chars().position(char::is_control) {
            Some(at) => Err(Refusal::NameUnprintable { what, at }),
            None => Ok(()),
        }
    }

    fn room_for_one_more(&self, package: &FamilyName) -> Result<(), Refusal> {
        let limits = &self.settings.limits;
        if self.tasks.len() >= limits.tasks {
            return Err(Refusal::TooMany { what: "tasks", limit: limits.tasks });
        }
        if self.counts.get(package).copied().unwrap_or(0) >= limits.tasks_per_package {
            return Err(Refusal::TooMany { what: "tasks of one package", limit: limits.tasks_per_package });
        }
        Ok(())
    }

    fn enter_task(
        &mut self,
        now: Moment,
        id: TaskId,
        package: FamilyName,
        spec: TaskSpec,
        out: &mut Effects,
    ) {
        let due = self.first_due(now, &spec.trigger);
        out.records.push(Record::TaskRegistered {
            task: id,
            package: package.clone(),
            spec: spec.clone(),
            at: now.wall,
            next_due: due.map(|when| self.stamp_due(now, when, when.boot(now))),
        });
        out.announce(&package, Notice::TaskChanged(id));
        self.insert_task(Task {
            id,
            package,
            spec,
            phase: Phase::Armed,
            due,
            last: None,
            health: Health::default(),
        });
        self.arm(now, id, due);
        self.look_out(id, None, out);
    }

    /// Gives a task another trigger, condition or class; what runs goes on, what is held is judged anew.
    fn replace(&mut self, now: Moment, id: TaskId, spec: TaskSpec, out: &mut Effects) -> Answer {
        let kept = Answer::Registered { task: id, how: RegisterResult::Kept };
        let Some(task) = self.tasks.get(&id) else {
            return kept;
        };
        if task.spec == spec {
            self.trust_again(now, id, out);
            return kept;
        }
        let changes = Changes::between(&task.spec, &spec);
        let due = if changes.trigger { self.first_due(now, &spec.trigger) } else { task.due };
        let former = Former { spec: task.spec.clone(), due: task.due, strikes: task.health.strikes };
        out.records.push(Record::TaskReplaced {
            task: id,
            package: task.package.clone(),
            spec: spec.clone(),
            at: now.wall,
            next_due: match changes.trigger {
                true => due.map(|when| self.stamp_due(now, when, when.boot(now))),
                false => self.next_due(now, task),
            },
            former: Box::new(former),
        });
        out.announce(&task.package, Notice::TaskChanged(id));
        self.respecify(now, id, spec, due, out);
        self.limit_hold(id);
        self.trust_again(now, id, out);
        Answer::Registered { task: id, how: RegisterResult::Replaced(changes) }
    }

    /// Lets a task be what `spec` says, due next at `due`.
    pub(super) fn respecify(
        &mut self,
        now: Moment,
        id: TaskId,
        spec: TaskSpec,
        due: Due<When>,
        out: &mut Effects,
    ) {
        let before = self.unwake(id);
        let mut at = None;
        if let Some(task) = self.tasks.get_mut(&id) {
            task.spec = spec;
            at = self.timers.get(Timer::Due(id)).filter(|_| task.due == due);
        }
        self.wake_up(id);
        match (due, at) {
            (Due::At(when), Some(at)) => self.arm_at(now, id, when, at),
            (due, _) => self.arm(now, id, due),
        }
        self.look_out(id, before.as_ref(), out);
    }

    /// Ends a registration, also while nothing can be recorded: it only takes away.
    pub(super) fn unregister(
        &mut self,
        now: Moment,
        id: TaskId,
        cancel: bool,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let task = self.tasks.get(&id).ok_or(Refusal::UnknownTask(id))?;
        let running = task.instance().filter(|_| cancel);
        self.drop_waiting(now, id, "unregistered while it was waiting", out);
        if let Some(instance) = running {
            self.cancel_run(now, instance, Decider::Unregister, out);
        }
        self.remove_task(id, out);
        Ok(Answer::Done)
    }

    /// Removes a registration for good, if the end of its run has not done so already.
    pub(super) fn remove_task(&mut self, id: TaskId, out: &mut Effects) {
        if self.tasks.contains_key(&id) {
            out.records.push(Record::TaskRemoved(id));
            self.forget_task(id, out);
        }
    }

    pub(super) fn forget_task(&mut self, id: TaskId, out: &mut Effects) {
        self.timers.clear(Timer::Due(id));
        self.unhold(id);
        self.timers.clear(Timer::Retry(id));
        let before = self.unwake(id);
        self.spent.remove(&id);
        if let Some(task) = self.tasks.remove(&id) {
            if let Some(count) = self.counts.get_mut(&task.package) {
                *count -= 1;
            }
            out.announce(&task.package, Notice::TaskRemoved(id));
            self.names.remove(&(task.package, task.spec.name, id));
        }
        self.look_out(id, before.as_ref(), out);
    }

    pub(super) fn insert_task(&mut self, task: Task) {
        *self.counts.entry(task.package.clone()).or_default() += 1;
        self.names.insert((task.package.clone(), task.spec.name.clone(), task.id));
        let id = task.id;
        self.tasks.insert(id, task);
        self.wake_up(id);
    }

    /// Lets a task be found by what may wake it.
    fn wake_up(&mut self, id: TaskId) {
        if let Some(wake) = self.tasks.get(&id).and_then(|task| Wake::of(&task.spec.trigger)) {
            self.wakes.entry(wake).or_default().insert(id);
        }
    }

    /// Lets a task no longer be found so; returns what a source looks out for, for it.
    fn unwake(&mut self, id: TaskId) -> Option<Arc<Watch>> {
        let trigger = &self.tasks.get(&id)?.spec.trigger;
        if let Some(wake) = Wake::of(trigger)
            && let Some(theirs) = self.wakes.get_mut(&wake)
        {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.wakes.remove(&wake);
            }
        }
        match trigger {
            Trigger::Watch(watch) => Some(watch.clone()),
            _ => None,
        }
    }
}
