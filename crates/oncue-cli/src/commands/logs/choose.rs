//! Finds the task and the runs whose output is wanted: with the broker if there is one, and from the files.

use std::io;

use oncue::tools::{Broker, Entry, InstanceId, Of, TaskId};
use oncue::why::went_wrong;
use oncue_broker::output::{Archive, KeptRun, KeptTask};
use oncue_wire::PlaceError;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::ids::{FEWEST, short};
use crate::render::words::{happened, short_package};
use crate::which::{self, WhichError};

/// The task whose output is wanted.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: TaskId,
    pub(super) name: String,
    /// Its current run.
    pub(super) alive: Option<InstanceId>,
}

/// Which runs are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// The last run, whether it wrote something or not.
    Latest,
    /// This many of the last runs that wrote something.
    Last(u32),
    /// The last run that went wrong.
    Failed,
    /// The run whose id begins so.
    Run(&'a str),
}

/// The runs to show.
#[derive(Debug)]
pub(super) enum Choice {
    /// The output of these runs, in this order.
    Runs(Vec<KeptRun>),
    /// No output, for this reason.
    Nothing(String),
}

/// Why the runs cannot be chosen.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChooseError {
    /// The files cannot be read.
    #[error("reading {folder}")]
    Unreadable {
        /// The folder.
        folder: String,
        /// The cause.
        source: io::Error,
    },
    /// There is no such run.
    #[error("no run of {task} has an id that begins with `{named}`")]
    NoRun {
        /// The name of the task.
        task: String,
        /// As given by the user.
        named: String,
    },
    /// There are several such runs.
    #[error("the ids of {} runs of {task} begin with `{named}`", candidates.len())]
    AmbiguousRun {
        /// The name of the task.
        task: String,
        /// As given by the user.
        named: String,
        /// Their ids.
        candidates: Vec<String>,
    },
}

impl From<ChooseError> for Failure {
    fn from(error: ChooseError) -> Self {
        match &error {
            ChooseError::Unreadable { .. } => Self::new(Exit::Failed, error),
            ChooseError::NoRun { .. } => {
                Self::new(Exit::NotFound, error).with_way_out("see the ids with `oncue history`")
            }
            ChooseError::AmbiguousRun { candidates, .. } => {
                let candidates = candidates.clone();
                Self::new(Exit::Refused, error)
                    .with_candidates(candidates)
                    .with_way_out("give more of the id")
            }
        }
    }
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        let way_out = error.way_out();
        Self::new(Exit::Failed, error).with_way_out(way_out)
    }
}

fn unreadable(archive: &Archive) -> impl FnOnce(io::Error) -> ChooseError {
    let folder = archive.folder().display().to_string();
    |source| ChooseError::Unreadable { folder, source }
}

impl Found {
    /// Finds the task: among those that are registered, and then among those of which output is kept.
    pub(super) fn task(archive: &Archive, broker: Option<&Broker>, named: &str) -> Result<Self, Failure> {
        let unknown = match broker.map(|broker| which::task(broker, named)).transpose() {
            Ok(Some(task)) => return Ok(Self { id: task.task_id, name: task.name, alive: task.instance_id }),
            Ok(None) => None,
            Err(unknown @ WhichError::NoTask { .. }) => Some(unknown),
            Err(error) => return Err(error.into()),
        };
        let kept = archive.tasks().map_err(unreadable(archive))?;
        let latest = |task: &KeptTask| archive.runs(task.id).ok().and_then(|runs| runs.last().cloned());
        // The names of registered tasks are better suggestions than those of former ones.
        let KeptTask { id, name, .. } = only(kept, named, latest).map_err(|error| {
            let is_unknown = matches!(error, WhichError::NoTask { .. });
            unknown.filter(|_| is_unknown).unwrap_or(error)
        })?;
        Ok(Self { id, name, alive: None })
    }

    /// Chooses the runs.
    pub(super) fn choose(
        &self,
        archive: &Archive,
        broker: Option<&Broker>,
        wanted: Wanted<'_>,
    ) -> Result<Choice, Failure> {
        let mut runs = archive.runs(self.id).map_err(unreadable(archive))?;
        let ledger = || broker.into_iter().flat_map(|broker| broker.ledger(Of::Task(self.id)));
        match wanted {
            Wanted::Run(named) => return self.run_named(runs, ledger(), named),
            Wanted::Last(most) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                runs.drain(..runs.len().saturating_sub(most));
            }
            Wanted::Latest => {
                let last = match self.alive {
                    Some(run) => Some((run, "is running".to_owned())),
                    None => last_run(ledger())?.map(|entry| (entry.instance_id, happened(&entry.outcome))),
                };
                runs = match last {
                    Some((run, how)) => match self.of(&runs, run) {
                        Some(found) => vec![found],
                        None => return Ok(Choice::Nothing(self.silent(run, &how, runs.last()))),
                    },
                    None => runs.pop().into_iter().collect(),
                };
            }
            Wanted::Failed => {
                runs = match first(ledger(), |entry| went_wrong(&entry.outcome))? {
                    Some(Entry { instance_id: run, outcome, .. }) => match self.of(&runs, run) {
                        Some(found) => vec![found],
                        None => {
                            let before = runs.iter().rfind(|run| run.failed);
                            return Ok(Choice::Nothing(self.silent(run, &happened(&outcome), before)));
                        }
                    },
                    None => runs.into_iter().rfind(|run| run.failed).into_iter().collect(),
                };
                if runs.is_empty() {
                    let text = format!("no output of a failed run of {} is kept", clean(&self.name));
                    return Ok(Choice::Nothing(text));
                }
            }
        }
        if runs.is_empty() {
            return Ok(Choice::Nothing(format!("no output of {} is kept", clean(&self.name))));
        }
        Ok(Choice::Runs(runs))
    }

    fn of(&self, runs: &[KeptRun], run: InstanceId) -> Option<KeptRun> {
        runs.iter().find(|kept| kept.instance == run).cloned()
    }

    fn run_named(
        &self,
        runs: Vec<KeptRun>,
        mut ledger: impl Iterator<Item = Result<Entry, oncue::Error>>,
        named: &str,
    ) -> Result<Choice, Failure> {
        let begins = |id: InstanceId| id.to_string().starts_with(&named.to_ascii_lowercase());
        let found: Vec<KeptRun> = runs.into_iter().filter(|run| begins(run.instance)).collect();
        let name = || clean(&self.name).into_owned();
        match found.len() {
            0 => {
                if let Some(run) = self.alive.filter(|run| begins(*run)) {
                    return Ok(Choice::Nothing(self.silent(run, "is running", None)));
                }
                match first(&mut ledger, |entry| begins(entry.instance_id))? {
                    Some(entry) => {
                        let how = happened(&entry.outcome);
                        Ok(Choice::Nothing(self.silent(entry.instance_id, &how, None)))
                    }
                    None => Err(ChooseError::NoRun { task: name(), named: named.to_owned() }.into()),
                }
            }
            1 => Ok(Choice::Runs(found)),
            _ => {
                let candidates = found.iter().map(|run| run.instance.to_string()).collect();
                Err(ChooseError::AmbiguousRun { task: name(), named: named.to_owned(), candidates }.into())
            }
        }
    }

    /// Says that nothing of a run is kept, and which other run wrote something.
    fn silent(&self, run: InstanceId, how: &str, other: Option<&KeptRun>) -> String {
        let name = clean(&self.name);
        let mut text = format!("run {} of {name} {how}; no output of it is kept", short(run, FEWEST));
        if let Some(other) = other {
            text += &format!(
                "\nthe last one of which output is kept: `oncue logs {} --run {}`",
                self.id,
                short(other.instance, FEWEST)
            );
        }
        text
    }
}

/// Returns the last entry of a run, as opposed to a firing that was skipped or dropped.
pub(super) fn last_run(
    ledger: impl Iterator<Item = Result<Entry, oncue::Error>>,
) -> Result<Option<Entry>, oncue::Error> {
    first(ledger, |entry| entry.outcome.known().is_none_or(|outcome| outcome.is_of_run()))
}

/// Returns the first entry that is wanted.
fn first(
    mut ledger: impl Iterator<Item = Result<Entry, oncue::Error>>,
    wanted: impl Fn(&Entry) -> bool,
) -> Result<Option<Entry>, oncue::Error> {
    ledger.find(|entry| entry.as_ref().map_or(true, &wanted)).transpose()
}

/// Returns the task with this name, `package/name` or start of an id. A name takes precedence over an id, and
/// of several registrations of the same task the one that ran last is meant.
fn only<T: Ord>(
    tasks: Vec<KeptTask>,
    named: &str,
    latest: impl Fn(&KeptTask) -> Option<T>,
) -> Result<KeptTask, WhichError> {
    let names: Vec<String> = tasks.iter().map(|task| task.name.clone()).collect();
    let is_called = |task: &KeptTask| {
        let package = |package: &str| named == format!("{package}/{}", task.name);
        task.name == named || package(&task.package) || package(short_package(&task.package))
    };
    let id = named.to_ascii_lowercase();
    let has_id = |task: &KeptTask| !id.is_empty() && task.id.to_string().starts_with(&id);
    let (called, others): (Vec<_>, Vec<_>) = tasks.into_iter().partition(is_called);
    let mut found = if called.is_empty() { others.into_iter().filter(has_id).collect() } else { called };
    found.sort_by_cached_key(|task| latest(task));
    let Some(last) = found.pop() else {
        return Err(which::no_task(names.iter().map(String::as_str), named));
    };
    found.retain(|task| (&task.package, &task.name) != (&last.package, &last.name));
    if found.is_empty() {
        return Ok(last);
    }
    let line = |task: &KeptTask| format!("{}  {}/{}", task.id, task.package, task.name);
    let candidates = found.iter().chain([&last]).map(line).collect();
    Err(WhichError::AmbiguousTask { named: named.to_owned(), candidates })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::guid;

    fn task(number: u32, package: &str, name: &str) -> KeptTask {
        KeptTask { id: TaskId(guid(number)), package: package.into(), name: name.into() }
    }

    #[test]
    fn a_task_is_found_in_the_files_as_the_broker_finds_it() {
        let tasks = [
            task(0x1f2e_3d4c, "Mail_x", "sync"),
            task(0x2f2e_3d4c, "Mail_x", "sync"),
            task(0x3f2e_3d4c, "Mail_x", "clean"),
            task(0x4f2e_3d4c, "Clock_x", "clean"),
        ];
        // The one registered first ran last.
        let found = |named: &str| only(tasks.to_vec(), named, |task| Some(std::cmp::Reverse(task.id)));
        for named in ["sync", "Mail/sync", "Mail_x/sync", "1f2e"] {
            assert_eq!(found(named).unwrap(), tasks[0], "{named}");
        }
        assert_eq!(found("Clock/clean").unwrap(), tasks[3]);
        assert!(
            matches!(found("clean"), Err(WhichError::AmbiguousTask { candidates, .. }) if candidates.len() == 2)
        );
        for named in ["", "Mail", "9f2e"] {
            assert!(matches!(found(named), Err(WhichError::NoTask { .. })), "{named}");
        }
    }
}
