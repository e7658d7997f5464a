//! Performs the steps of a plan. If the broker refuses one, those before it are undone.

use oncue::Cancel;
use oncue::tools::{Broker, CommandSpec, TaskId};

use super::plan::{Plan, Step};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::rehearse;
use crate::render::report::whole;

/// How a step is undone.
enum Undo<'a> {
    Remove(TaskId),
    Change(TaskId, &'a CommandSpec),
}

/// The broker has refused a step.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error("task `{name}`")]
    Impossible { name: String, source: oncue::Error },
    #[error("task `{name}`; nothing was changed")]
    Undone { name: String, source: oncue::Error },
    #[error("task `{name}`; and what was changed before could not be undone: {why}")]
    NotUndone { name: String, why: String, source: oncue::Error },
}

/// Checks whether the broker would refuse a step.
pub(super) fn rehearse(broker: &Broker, plan: &Plan) -> Result<(), Failure> {
    let steps = in_turn(&plan.steps).into_iter();
    let (names, changes): (Vec<_>, Vec<_>) = steps.filter_map(Step::change).unzip();
    let mut refused = rehearse::refused(broker, &changes)?.into_iter();
    let Some((place, source)) = refused.next() else { return Ok(()) };
    let name = |place: usize| names.get(place).copied().unwrap_or_default().to_owned();
    let (exit, way_out) = out_of(&source);
    let others =
        refused.map(|(place, source)| format!("task `{}`: {}", name(place), whole(&source))).collect();
    let failure = Failure::new(exit, StepError::Impossible { name: name(place), source });
    Err(with(failure, way_out).with_candidates(others))
}

/// Performs all steps.
pub(super) fn perform(broker: &Broker, plan: &Plan) -> Result<(), Failure> {
    let mut undo = Vec::new();
    for step in in_turn(&plan.steps) {
        let (name, done) = match step {
            Step::Keep { .. } => continue,
            Step::Add { spec, .. } => {
                let added = broker.add_command(spec);
                (&spec.name, added.map(|added| undo.push(Undo::Remove(added.task_id))))
            }
            Step::Change(change) => {
                let id = change.task.task_id;
                let changed = broker.change_command(id, &change.to);
                (&change.to.name, changed.map(|_| undo.push(Undo::Change(id, &change.from))))
            }
            // This cannot be undone, so it comes last.
            Step::Remove(_) => continue,
        };
        if let Err(source) = done {
            return Err(refused(name.clone(), source, undone(broker, undo)));
        }
    }
    for step in &plan.steps {
        if let Step::Remove(task) = step {
            broker.unregister(task.task_id, Cancel::No)?;
        }
    }
    Ok(())
}

/// Orders the steps so that a command exists before one that follows it is added. A circle is left for the
/// broker to refuse.
fn in_turn(steps: &[Step]) -> Vec<&Step> {
    let (mut ordered, mut left) = (Vec::new(), steps.iter().collect::<Vec<_>>());
    while !left.is_empty() {
        let added: Vec<&str> = left.iter().filter_map(|step| step.adds()).collect();
        let waits = |step: &&Step| step.follows().is_some_and(|other| added.contains(&other));
        let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        if now.is_empty() {
            ordered.extend(later);
            break;
        }
        ordered.extend(now);
        left = later;
    }
    ordered
}

fn undone(broker: &Broker, done: Vec<Undo<'_>>) -> Result<(), oncue::Error> {
    done.into_iter().rev().try_for_each(|undo| match undo {
        Undo::Remove(task) => broker.unregister(task, Cancel::Yes),
        Undo::Change(task, spec) => broker.change_command(task, spec).map(drop),
    })
}

fn refused(name: String, source: oncue::Error, undone: Result<(), oncue::Error>) -> Failure {
    let (exit, way_out) = out_of(&source);
    let error = match undone {
        Ok(()) => StepError::Undone { name, source },
        Err(error) => StepError::NotUndone { name, why: whole(&error), source },
    };
    with(Failure::new(exit, error), way_out)
}

fn out_of(source: &oncue::Error) -> (Exit, Option<String>) {
    (source.code().map_or(Exit::Failed, Exit::from), source.way_out().map(str::to_owned))
}

fn with(failure: Failure, way_out: Option<String>) -> Failure {
    match way_out {
        Some(way_out) => failure.with_way_out(way_out),
        None => failure,
    }
}
