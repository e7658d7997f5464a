//! Short names for ids, in order of appearance: `sync`, `sync#2`; its runs `sync`, `sync/2`.

use oncue_core::{InstanceId, TaskId};

/// The names given so far, which are never reused.
#[derive(Default)]
pub(crate) struct Names {
    tasks: Vec<(String, TaskId)>,
    /// Each run with its task's name and its number among the task's runs.
    runs: Vec<(String, usize, InstanceId)>,
}

impl Names {
    pub(crate) fn task(&self, name: &str) -> Result<TaskId, String> {
        let found = self.tasks.iter().find(|(known, _)| known == name);
        found.map(|(_, id)| *id).ok_or_else(|| format!("nobody is called `{name}`"))
    }

    /// Finds a run: `sync/2` by its number, `sync` as the latest one.
    pub(crate) fn run(&self, name: &str) -> Result<InstanceId, String> {
        let (task, number) = match name.split_once('/') {
            Some((task, number)) => (task, number.parse::<usize>().ok()),
            None => (name, None),
        };
        let mut runs =
            self.runs.iter().rev().filter(|(of, at, _)| of == task && number.is_none_or(|n| n == *at));
        runs.next().map(|(_, _, id)| *id).ok_or_else(|| format!("no run is called `{name}`"))
    }

    /// Names a task, if it is new.
    pub(crate) fn learn_task(&mut self, id: TaskId, name: &str) {
        if self.tasks.iter().all(|(_, known)| *known != id) {
            let same = self.tasks.iter().filter(|(known, _)| known.split('#').next() == Some(name)).count();
            let name = if same == 0 { name.into() } else { format!("{name}#{}", same + 1) };
            self.tasks.push((name, id));
        }
    }

    /// Names a run, if it is new.
    pub(crate) fn learn_run(&mut self, id: InstanceId, task: TaskId) {
        if self.runs.iter().all(|(_, _, known)| *known != id) {
            let task = self.of_task(task);
            let number = self.runs.iter().filter(|(of, _, _)| *of == task).count() + 1;
            self.runs.push((task, number, id));
        }
    }

    pub(crate) fn of_task(&self, id: TaskId) -> String {
        let found = self.tasks.iter().find(|(_, known)| *known == id);
        found.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// Returns the run's name, or `None` for the id of a firing without a run.
    pub(crate) fn of_run(&self, id: InstanceId) -> Option<String> {
        let (task, number, _) = self.runs.iter().find(|(_, _, known)| *known == id)?;
        Some(if *number == 1 { task.clone() } else { format!("{task}/{number}") })
    }

    /// Replaces ids by names.
    pub(crate) fn in_words(&self, text: &str) -> String {
        let mut text = text.to_string();
        for (name, id) in &self.tasks {
            text = text.replace(&id.to_string(), name);
        }
        for (_, _, id) in &self.runs {
            text = text.replace(&id.to_string(), &self.of_run(*id).unwrap_or_default());
        }
        for number in 0..10 {
            text = text.replace(&super::deed::class_id(number).to_string(), &number.to_string());
        }
        text
    }
}
