//! Registering and unregistering tasks. A registration is checked here and never again.

use alloc::boxed::Box;

use oncue_types::{
    Action, Answer, Changes, FamilyName, Guid, Moment, Notice, PauseScope, Refusal, Register, RegisterMode,
    RegisterResult, TaskId, TaskSpec, Watch, check_path,
};

use crate::broker::Broker;
use crate::due::{Due, When};
use crate::effect::{Effect, Effects};
use crate::record::Record;
use crate::run::Decider;
use crate::task::Former;
use crate::tasks::TaskKey;

impl Broker {
    pub(super) fn register(
        &mut self,
        now: Moment,
        asked: Register,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        self.open_for_new()?;
        let Register { package, spec, mode } = asked;
        self.check_alone(now, &package, &spec)?;
        self.check_chain(&spec, None)?;
        let is_same = |key: &TaskKey| self.tasks[*key].spec().group_id() == spec.group_id();
        let present = self.tasks.named(&package, &spec.name).find(is_same);
        match (mode, present) {
            (RegisterMode::Keep, Some(key)) => Ok(self.registered(key, RegisterResult::Kept)),
            (RegisterMode::Replace, Some(key)) => Ok(self.replace(now, key, spec, out)),
            (RegisterMode::New, Some(_)) => Err(Refusal::NameTaken { name: spec.name.as_ref().into() }),
            (RegisterMode::Always, _) | (_, None) => {
                self.room_for_more(&package, 1)?;
                let task = self.ids.task();
                self.enter_task(now, task, package, spec, out);
                Ok(Answer::Registered { task, how: RegisterResult::New })
            }
        }
    }

    fn registered(&self, key: TaskKey, how: RegisterResult) -> Answer {
        Answer::Registered { task: self.tasks[key].id(), how }
    }

    /// Checks what does not depend on other tasks.
    pub(super) fn check_alone(
        &self,
        now: Moment,
        package: &FamilyName,
        spec: &TaskSpec,
    ) -> Result<(), Refusal> {
        self.check_name("the task's name", &spec.name)?;
        if let Some(group) = &spec.group {
            self.check_name("the group's id", &group.id)?;
            if !group.name.is_empty() {
                self.check_name("the group's name", &group.name)?;
            }
        }
        if let Action::Class(class) = &spec.action {
            self.check_class(package, *class)?;
        }
        spec.check_command()?;
        // A trigger with no interval would fire without end, whatever the user has set.
        let least = match &spec.action {
            Action::Class(_) => self.settings.min_minutes,
            Action::Command(_) => 1,
        };
        let (min, max) = (least.max(1), self.settings.max_minutes);
        if let Some(minutes) = spec.trigger.minutes().filter(|minutes| !(min..=max).contains(minutes)) {
            return Err(Refusal::FreshnessOutOfRange { minutes, min, max });
        }
        if let Some(schedule) = spec.trigger.schedule() {
            self.time.check(now, schedule)?;
        }
        if let Some(Watch::Path { path, .. }) = spec.trigger.watch().map(|watch| &**watch) {
            check_path(path).map_err(|source| Refusal::Path { path: path.as_str().into(), source })?;
        }
        Ok(())
    }

    /// Checks that a package declares a class.
    pub(super) fn check_class(&self, package: &FamilyName, class: Guid) -> Result<(), Refusal> {
        let known = self.packages.get(package).ok_or_else(|| Refusal::UnknownPackage(package.clone()))?;
        match known.server_of(class) {
            Some(_) => Ok(()),
            None => Err(Refusal::ClassNotDeclared { class, package: package.clone() }),
        }
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

    /// Returns an error if there is no room for so many more tasks.
    pub(super) fn room_for_more(&self, package: &FamilyName, count: usize) -> Result<(), Refusal> {
        let limits = &self.settings.limits;
        if self.tasks.len() + count > limits.tasks {
            return Err(Refusal::TooMany { what: "tasks", limit: limits.tasks });
        }
        if self.tasks.count_of(package) + count > limits.tasks_per_package {
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
        let due = self.time.first_due(now, &spec);
        let key = self.tasks.insert(id, &package, spec.clone());
        out.records.push(Record::TaskRegistered {
            task: id,
            package,
            spec,
            at: now.wall,
            next_due: due.map(|when| self.time.stamp_due(now, when, when.boot(now))),
        });
        self.arm(now, key, due);
        self.look_out(key, None, out);
        self.tasks.announce_change(key, out);
        self.tell_followers(key, false, out);
    }

    /// Tells the tasks that follow a command that it is registered, or gone.
    fn tell_followers(&mut self, key: TaskKey, is_gone: bool, out: &mut Effects) {
        let spec = self.tasks[key].spec();
        if spec.action.command().is_some() {
            self.followers_lost(&spec.name.clone(), is_gone, out);
        }
    }

    /// Gives a task another trigger, condition or class. Its run continues; a held firing is judged again.
    pub(super) fn replace(&mut self, now: Moment, key: TaskKey, spec: TaskSpec, out: &mut Effects) -> Answer {
        let task = &self.tasks[key];
        let id = task.id();
        if *task.spec() == spec {
            self.trust_again(now, key, out);
            return Answer::Registered { task: id, how: RegisterResult::Kept };
        }
        let changes = Changes::between(task.spec(), &spec);
        let is_armed_anew = task.spec().live_trigger() != spec.live_trigger();
        // One that fires once and has fired is not armed again because it was disabled in the meantime.
        let is_over = task.due == Due::Never && task.spec().trigger == spec.trigger;
        let is_armed_anew = is_armed_anew && !is_over;
        let due = if is_armed_anew { self.time.first_due(now, &spec) } else { task.due };
        let former = Former { spec: task.spec().clone(), due: task.due, strikes: task.health().strikes };
        out.records.push(Record::TaskReplaced {
            task: id,
            package: self.tasks.package_of(task).clone(),
            spec: spec.clone(),
            at: now.wall,
            next_due: match is_armed_anew {
                true => due.map(|when| self.time.stamp_due(now, when, when.boot(now))),
                false => self.next_due(now, key),
            },
            former: Box::new(former),
        });
        self.respecify(now, key, spec, due, out);
        self.tasks.announce_change(key, out);
        self.limit_hold(key);
        if self.tasks[key].spec().live_trigger().is_none() {
            self.forget_attempts(now, key, out);
        }
        self.trust_again(now, key, out);
        Answer::Registered { task: id, how: RegisterResult::Replaced(changes) }
    }

    /// Gives a task this specification, and arms it for `due`.
    pub(super) fn respecify(
        &mut self,
        now: Moment,
        key: TaskKey,
        spec: TaskSpec,
        due: Due<When>,
        out: &mut Effects,
    ) {
        let task = &self.tasks[key];
        let before = task.watch().cloned();
        let at = self.timers.due(key).filter(|_| task.due == due);
        self.tasks.respecify(key, spec);
        match (due, at) {
            (Due::At(when), Some(at)) => self.arm_at(now, key, when, at),
            (due, _) => self.arm(now, key, due),
        }
        self.look_out(key, before.as_ref(), out);
    }

    pub(super) fn unregister(
        &mut self,
        now: Moment,
        id: TaskId,
        cancel: bool,
        out: &mut Effects,
    ) -> Result<Answer, Refusal> {
        let key = self.tasks.asked(id)?;
        let running = self.tasks[key].run().filter(|_| cancel);
        self.drop_waiting(now, key, "unregistered while it was waiting", out);
        if let Some(run) = running {
            self.cancel_run(now, run, Decider::Unregister, out);
        }
        // The end of its run may have ended the registration already.
        if self.tasks.get(key).is_some() {
            self.remove_task(key, out);
        }
        Ok(Answer::Done)
    }

    /// Ends a registration for good.
    pub(super) fn remove_task(&mut self, key: TaskKey, out: &mut Effects) {
        out.records.push(Record::TaskRemoved(self.tasks[key].id()));
        self.forget_task(key, out);
    }

    /// Forgets a task. If a run of it is alive, it continues.
    pub(super) fn forget_task(&mut self, key: TaskKey, out: &mut Effects) {
        self.timers.clear_task(key);
        self.tell_followers(key, true, out);
        self.forget_pause(PauseScope::Task(self.tasks[key].id()), out);
        let (task, package) = self.tasks.remove(key);
        self.machine.obstacles.forget_task(task.id());
        if let Some(run) = task.run() {
            self.runs[run].of = None;
        }
        out.announce(&package, Notice::TaskRemoved(task.id()));
        if task.watch().is_some() {
            self.circles.forget(task.id());
            out.at_once.push(Effect::Unwatch { task: task.id() });
        }
    }
}
