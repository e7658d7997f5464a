//! Read-only views of tasks for clients, and the search for the tasks that a person names.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use oncue_types::{FamilyName, InstanceId, Moment, PauseScope, ServerId, TaskId, TaskState, TaskView};

use crate::broker::Broker;
use crate::run::RunState;
use crate::tasks::Phase;

impl Broker {
    /// Returns how many tasks are registered.
    #[must_use]
    pub fn n_tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Returns the tasks, ordered by id; `after` continues an earlier listing.
    pub fn task_ids(&self, after: Option<TaskId>) -> impl Iterator<Item = TaskId> {
        self.tasks.ids(after)
    }

    /// Returns the package of a task, also of one that is no longer registered while its run finishes.
    #[must_use]
    pub fn package_of(&self, id: TaskId) -> Option<&FamilyName> {
        let orphan = || self.runs.iter().find(|run| run.task == id).map(|run| &run.package);
        self.tasks.key(id).map(|key| self.tasks.package_of(&self.tasks[key])).or_else(orphan)
    }

    /// Returns the package of a task server.
    #[must_use]
    pub fn package_of_server(&self, server: ServerId) -> Option<&FamilyName> {
        self.servers.get(server).map(|known| &known.package)
    }

    /// Returns the server that has, or will get, a run that is alive.
    #[must_use]
    pub fn server_of_run(&self, instance: InstanceId) -> Option<ServerId> {
        self.runs[self.runs.key(instance)?].server
    }

    /// Returns how many tasks a package has.
    #[must_use]
    pub fn n_tasks_of(&self, package: &FamilyName) -> usize {
        self.tasks.count_of(package)
    }

    /// Returns why nothing can be recorded, if nothing can.
    #[must_use]
    pub fn unwritable(&self) -> Option<&str> {
        self.store.unwritable()
    }

    /// Returns the tasks of a package, ordered by name.
    pub fn tasks_of<'b>(&'b self, package: &'b FamilyName) -> impl Iterator<Item = TaskId> + 'b {
        self.tasks.of_package(package).map(|key| self.tasks[key].id())
    }

    /// Returns the tasks of a package with this name.
    pub fn tasks_named<'b>(
        &'b self,
        package: &'b FamilyName,
        name: &'b Arc<str>,
    ) -> impl Iterator<Item = TaskId> + 'b {
        self.tasks.named(package, name).map(|key| self.tasks[key].id())
    }

    /// Returns the tasks that a person may mean: by name, by `package/name`, or by the start of the id.
    ///
    /// An exact name has priority over the start of an id. A package can be named by its family name, or by
    /// the part of it before the underscore.
    #[must_use]
    pub fn find(&self, named: &str) -> Vec<TaskId> {
        let by_name = self.tasks.find(|package, name| {
            name == named || named.strip_suffix(name).is_some_and(|head| is_package(head, package))
        });
        if !by_name.is_empty() || named.is_empty() {
            return by_name;
        }
        let wanted = named.to_ascii_lowercase();
        self.tasks.ids(None).filter(|id| id.to_string().starts_with(&wanted)).collect()
    }

    /// Returns the current state of a task.
    #[must_use]
    pub fn view(&self, now: Moment, id: TaskId) -> Option<TaskView> {
        let key = self.tasks.key(id)?;
        let task = &self.tasks[key];
        let spec = task.spec();
        let run = task.run().map(|run| &self.runs[run]);
        let state = match (task.phase(), run.map(|run| run.state)) {
            (Phase::Armed | Phase::Held(_), _) if self.is_quarantined(task) => TaskState::Quarantined,
            (Phase::Armed, _) => TaskState::Armed,
            (Phase::Held(_), _) => TaskState::Held,
            (Phase::Active { .. }, Some(RunState::Waiting | RunState::Delivered)) => TaskState::Activating,
            (Phase::Active { .. }, Some(RunState::Running)) => TaskState::Running,
            (Phase::Active { .. }, Some(RunState::Cancelling { .. } | RunState::Killing { .. }) | None) => {
                TaskState::Cancelling
            }
        };
        let window = task.due.at().zip(self.timers.window(key));
        let next_due = window.map(|(when, (at, _))| when.wall(now).min(now.wall_at(at)));
        Some(TaskView {
            id,
            name: spec.name.clone(),
            package: self.tasks.package_of(task).clone(),
            group: spec.group.as_deref().cloned(),
            action: spec.action.clone(),
            trigger: spec.trigger.clone(),
            condition: spec.condition.as_deref().cloned(),
            policy: spec.policy.as_deref().cloned().unwrap_or_default(),
            state,
            next_due,
            next_by: next_due.zip(window).map(|(due, (_, (_, wait)))| due.after(wait)),
            waiting: task.waiting().cloned(),
            failing: self.failing(now, task),
            blocked: self.stops(task).collect(),
            paused: self.pauses.view(now, PauseScope::Task(id)),
            all_paused: self.all_paused(now),
            trouble: task.trouble.as_deref().map(Into::into),
            held_since: task.held().map(|waiting| now.wall_at(waiting.since)),
            strikes: task.health().strikes,
            retry: task.health().retry_at.map(|at| (task.health().attempt, now.wall_at(at))),
            instance: run.map(|run| run.instance),
            fired_at: run.map(|run| run.firing.at),
            started_at: run.and_then(|run| run.started_at),
            progress: run.and_then(|run| run.progress),
            note: run.and_then(|run| run.note.clone()),
            last: task.last,
        })
    }
}

fn is_package(head: &str, package: &FamilyName) -> bool {
    let short = package.as_str().split('_').next().unwrap_or_default();
    head.strip_suffix('/').is_some_and(|head| head == package.as_str() || head == short)
}
