//! The changes that applying files would make.

use std::collections::BTreeMap;

use oncue::tools::{Broker, CommandChange, CommandSpec, TaskInfo, Trigger};
use serde::Serialize;

use super::super::edit::spec_of;
use super::super::export::commands;
use crate::declared::{Declared, Difference, Mistakes, Part, between, parts};
use crate::failure::Failure;
use crate::render::clean::clean;

/// All steps, those that remove tasks last.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

/// The change to a task.
#[derive(Debug)]
pub(super) enum Step {
    Add { spec: Box<CommandSpec>, parts: Vec<Part> },
    Change(Box<Change>),
    Keep { name: String },
    Remove(Box<TaskInfo>),
}

/// A task that is as no file says.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) task: TaskInfo,
    pub(super) from: CommandSpec,
    pub(super) to: CommandSpec,
    parts: [Vec<Part>; 2],
}

/// The result of applying files.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct Shape<'a> {
    dry_run: bool,
    tasks: Vec<TaskShape<'a>>,
}

/// The result for one task.
#[derive(Debug, Serialize)]
struct TaskShape<'a> {
    name: &'a str,
    what: &'static str,
    changes: Vec<ChangeShape<'a>>,
}

/// A key that has another value.
#[derive(Debug, Serialize)]
struct ChangeShape<'a> {
    key: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    hidden: bool,
}

impl Plan {
    /// Compares the tasks with those of the broker, and checks everything.
    pub(super) fn of(broker: &Broker, tasks: &[Declared], prune: bool, force: bool) -> Result<Self, Failure> {
        let present = commands(broker)?.into_iter().map(|task| (task.name.clone(), task));
        let mut present: BTreeMap<String, TaskInfo> = present.collect();
        let (mut steps, mut mistakes) = (Vec::new(), Vec::new());
        for task in tasks {
            let former = present.remove(&task.name);
            let from = former.as_ref().map(spec_of).transpose()?;
            let spec = task.spec(from.as_ref()).and_then(|spec| {
                let is_same = from.as_ref().is_some_and(|from| from.command == spec.command);
                if !is_same && !force {
                    task.check_start(&spec)?;
                }
                Ok(spec)
            });
            match spec {
                Ok(spec) => steps.push(Step::of(former.zip(from), spec)?),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if prune {
            steps.extend(present.into_values().map(|task| Step::Remove(Box::new(task))));
        }
        Ok(Mistakes::unless(mistakes, Self { steps })?)
    }

    /// Returns how many tasks would be removed.
    pub(super) fn removed(&self) -> usize {
        self.count("removed")
    }

    fn count(&self, what: &str) -> usize {
        self.steps.iter().filter(|step| step.what() == what).count()
    }

    /// Says what differs.
    pub(super) fn draw(&self) -> String {
        let mut drawn = String::new();
        for step in &self.steps {
            let mark = match step {
                Step::Keep { .. } => continue,
                Step::Add { .. } => '+',
                Step::Change(_) => '~',
                Step::Remove(_) => '-',
            };
            drawn.push_str(&format!("{mark} {}\n", clean(step.name())));
            for difference in step.differences() {
                let text = line(difference, matches!(step, Step::Add { .. })).replace('\n', "\n        ");
                let lines: Vec<_> = text.lines().map(clean).collect();
                drawn.push_str(&format!("    {}\n", lines.join("\n")));
            }
        }
        drawn
    }

    /// Says how many tasks are concerned.
    pub(super) fn counts(&self) -> String {
        let of = |what| format!("{} {what}", self.count(what));
        ["added", "changed", "removed", "unchanged"].map(of).join(", ")
    }

    /// Returns its shape.
    pub(super) fn shape(&self, dry_run: bool) -> Shape<'_> {
        Shape { dry_run, tasks: self.steps.iter().map(TaskShape::of).collect() }
    }
}

impl Step {
    fn of(former: Option<(TaskInfo, CommandSpec)>, to: CommandSpec) -> Result<Self, Failure> {
        let new = parts(&to)?;
        let Some((task, from)) = former else { return Ok(Self::Add { spec: Box::new(to), parts: new }) };
        let old = parts(&from)?;
        if old == new {
            return Ok(Self::Keep { name: to.name });
        }
        Ok(Self::Change(Box::new(Change { task, from, to, parts: [old, new] })))
    }

    fn name(&self) -> &str {
        match self {
            Self::Add { spec, .. } => &spec.name,
            Self::Change(change) => &change.to.name,
            Self::Keep { name } => name,
            Self::Remove(task) => &task.name,
        }
    }

    /// Returns the name of the task and the change to it, if it adds or changes one.
    pub(super) fn change(&self) -> Option<(&str, CommandChange)> {
        match self {
            Self::Add { spec, .. } => {
                Some((&spec.name, CommandChange { task_id: String::new(), task: (**spec).clone() }))
            }
            Self::Change(change) => {
                let Change { task, to, .. } = &**change;
                Some((&to.name, CommandChange { task_id: task.task_id.to_string(), task: to.clone() }))
            }
            Self::Keep { .. } | Self::Remove(_) => None,
        }
    }

    /// Returns the name of the task that it adds, if it adds one.
    pub(super) fn adds(&self) -> Option<&str> {
        match self {
            Self::Add { spec, .. } => Some(&spec.name),
            Self::Change(_) | Self::Keep { .. } | Self::Remove(_) => None,
        }
    }

    /// Returns the name of the command that the task will follow, if it follows one.
    pub(super) fn follows(&self) -> Option<&str> {
        let spec = match self {
            Self::Add { spec, .. } => spec,
            Self::Change(change) => &change.to,
            Self::Keep { .. } | Self::Remove(_) => return None,
        };
        let Some(Trigger::After { task, .. }) = spec.trigger.known() else { return None };
        Some(task)
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Add { .. } => "added",
            Self::Change(_) => "changed",
            Self::Keep { .. } => "unchanged",
            Self::Remove(_) => "removed",
        }
    }

    fn differences(&self) -> Vec<Difference<'_>> {
        match self {
            Self::Add { parts, .. } => between(&[], parts),
            Self::Change(change) => {
                let [old, new] = &change.parts;
                between(old, new)
            }
            Self::Keep { .. } | Self::Remove(_) => Vec::new(),
        }
    }
}

/// Returns a value as it may be shown.
fn shown(part: &Part) -> &str {
    if part.is_secret { "(not shown)" } else { &part.value }
}

fn line(difference: Difference<'_>, is_new: bool) -> String {
    match difference {
        Difference::Added(part) if is_new => format!("{} = {}", part.key, shown(part)),
        Difference::Added(part) => format!("+ {} = {}", part.key, shown(part)),
        Difference::Removed(part) => format!("- {} = {}", part.key, shown(part)),
        Difference::Changed { new, .. } if new.is_secret => format!("{}: another value (not shown)", new.key),
        Difference::Changed { old, new } => format!("{} = {} → {}", new.key, old.value, new.value),
    }
}

impl<'a> TaskShape<'a> {
    fn of(step: &'a Step) -> Self {
        let changes = step.differences().into_iter().map(ChangeShape::of).collect();
        Self { name: step.name(), what: step.what(), changes }
    }
}

impl<'a> ChangeShape<'a> {
    fn of(difference: Difference<'a>) -> Self {
        let (old, new) = match difference {
            Difference::Added(part) => (None, Some(part)),
            Difference::Removed(part) => (Some(part), None),
            Difference::Changed { old, new } => (Some(old), Some(new)),
        };
        let part = old.or(new);
        let hidden = part.is_some_and(|part| part.is_secret);
        let value = |part: Option<&'a Part>| part.filter(|part| !part.is_secret).map(|part| &*part.value);
        Self { key: part.map_or("", |part| &part.key), old: value(old), new: value(new), hidden }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::documented::{assert_documented, value};

    #[test]
    fn the_shape_is_as_documented() {
        let spec = CommandSpec { name: "a".into(), ..CommandSpec::default() };
        let parts = vec![Part::new("every", "\"1h\"")];
        let plan = Plan { steps: vec![Step::Add { spec: Box::new(spec), parts }] };
        let shape = value(&plan.shape(true));
        assert_documented("What applying files did", &shape);
        assert_documented("An applied task", &shape["tasks"][0]);
        assert_documented("A changed key", &shape["tasks"][0]["changes"][0]);
    }

    #[test]
    fn a_value_that_may_be_secret_is_not_shown() {
        let [old, new] = ["x", "y"].map(|value| Part::variable("TOKEN", value));
        let changed = Difference::Changed { old: &old, new: &new };
        assert_eq!(line(changed, false), "env.TOKEN: another value (not shown)");
        assert_eq!(line(Difference::Added(&new), true), "env.TOKEN = (not shown)");
        let path = Part::variable("PATH", "/bin");
        assert_eq!(line(Difference::Removed(&path), false), "- env.PATH = \"/bin\"");
    }
}
