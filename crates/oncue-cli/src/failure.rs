//! Why a verb could not do what it was asked: the facts, the way out, and the exit code.

use std::io;
use std::path::PathBuf;

use oncue_broker::{BrokerError, PackageProblem};

use crate::commands::calendar::CalendarFailure;
use crate::demo::DemoError;
use crate::draft::DraftError;
use crate::exit::Exit;
use crate::layout::LayoutError;
use crate::render::report::report;

/// Why a verb could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The broker refused, failed, or cannot be reached.
    #[error(transparent)]
    Broker(#[from] oncue::Error),
    /// The connection to the broker broke while notices were waited for.
    #[error("the broker ended while {what} was waited for")]
    Gone {
        /// What.
        what: String,
    },
    /// No task has that name.
    #[error("no task is called `{named}`, and no task's id begins with that")]
    NoTask {
        /// As the user wrote it.
        named: String,
    },
    /// No task has that name, and it is too short for the start of an id.
    #[error(
        "no task is called `{named}`, and it is too short for an id: \
         a verb that changes something needs at least the first {least} characters"
    )]
    ShortId {
        /// As the user wrote it.
        named: String,
        /// How many characters it takes.
        least: usize,
    },
    /// No task is in a group of that id or name.
    #[error("no task is in a group called `{named}`")]
    NoGroup {
        /// As the user wrote it.
        named: String,
        /// The groups that there are.
        groups: Vec<String>,
    },
    /// Several tasks may be meant.
    #[error("`{named}` may mean {} tasks", candidates.len())]
    AmbiguousTask {
        /// As the user wrote it.
        named: String,
        /// A line for each.
        candidates: Vec<String>,
    },
    /// No package has that name.
    #[error("no package is called `{named}`")]
    NoPackage {
        /// As the user wrote it.
        named: String,
    },
    /// Several packages may be meant.
    #[error("`{named}` may mean {} packages", candidates.len())]
    AmbiguousPackage {
        /// As the user wrote it.
        named: String,
        /// Their family names.
        candidates: Vec<String>,
    },
    /// The broker could not start or go on.
    #[error(transparent)]
    Daemon(#[from] BrokerError),
    /// The broker was told to stop and did not.
    #[error("the broker (pid {pid}) was told to stop and is still running after {seconds} s")]
    NotStopped {
        /// Its process id.
        pid: u32,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A folder is no package.
    #[error(transparent)]
    Package(PackageProblem),
    /// A package could not be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// No package could be made out of a crate.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The demonstration did not come to its end.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Ctrl-C could not be heard of.
    #[error("cannot listen for Ctrl-C")]
    Signals(#[source] io::Error),
    /// A text is no calendar expression, or cannot be understood here.
    #[error(transparent)]
    Calendar(#[from] CalendarFailure),
    /// There is no man page of that verb.
    #[error("there is no verb `{verb}`")]
    NoVerb {
        /// As the user wrote it.
        verb: String,
    },
    /// A file that a verb needs cannot be read.
    #[error("reading {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("writing the answer")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Says that a folder has no manifest.
    pub(crate) fn no_manifest(folder: PathBuf) -> Self {
        Self::Package(PackageProblem::NoManifest { folder })
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Broker(error) => match error.code() {
                Some(code) => code.into(),
                None if error.is_unreachable() => Exit::OutOfReach,
                None => Exit::Failed,
            },
            Self::Gone { .. } => Exit::OutOfReach,
            Self::NoTask { .. } | Self::ShortId { .. } | Self::NoGroup { .. } | Self::NoPackage { .. } => {
                Exit::NotFound
            }
            Self::AmbiguousTask { .. } | Self::AmbiguousPackage { .. } => Exit::Refused,
            Self::Daemon(BrokerError::Running { .. } | BrokerError::Config(_)) => Exit::Refused,
            Self::Package(_) => Exit::Refused,
            Self::Layout(error) => error.exit(),
            Self::Draft(error) => error.exit(),
            Self::Demo(error) => error.exit(),
            Self::Calendar(failure) => failure.exit(),
            Self::NoVerb { .. } => Exit::Usage,
            // Whoever closed the pipe has read enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Daemon(_)
            | Self::NotStopped { .. }
            | Self::Signals(_)
            | Self::Unreadable { .. }
            | Self::Output(_) => Exit::Failed,
        }
    }

    /// Returns what the user can do.
    fn way_out(&self) -> Option<String> {
        Some(match self {
            Self::Broker(error) => return error.way_out().map(str::to_owned),
            Self::Gone { .. } => "see `oncue doctor`; the ledger knows how it ended: `oncue history`".into(),
            Self::NoTask { .. } => {
                "see registered tasks with `oncue list`, and removed ones with `oncue history`".into()
            }
            Self::ShortId { .. } => "see names and ids: `oncue list`".into(),
            Self::NoGroup { groups, .. } if groups.is_empty() => {
                "no task is in any group; see all tasks with `oncue list`".into()
            }
            Self::NoGroup { .. } => "use the id or the name of one of the groups above".into(),
            Self::AmbiguousTask { .. } => {
                "use package/name, or at least the first 8 characters of its id".into()
            }
            Self::NoPackage { .. } => "see `oncue package list`".into(),
            Self::AmbiguousPackage { .. } => "use its full family name".into(),
            Self::Daemon(error) => error.way_out().into(),
            Self::NotStopped { pid, .. } => format!("wait for its runs to end, or end it with `kill {pid}`"),
            Self::Package(problem) => problem.way_out(),
            Self::Layout(error) => error.way_out(),
            Self::Draft(error) => error.way_out(),
            Self::Demo(error) => return error.way_out(),
            Self::Calendar(failure) => failure.way_out(),
            Self::NoVerb { .. } => "see `oncue help`".into(),
            Self::Signals(_) | Self::Unreadable { .. } | Self::Output(_) => return None,
        })
    }

    fn candidates(&self) -> &[String] {
        match self {
            Self::AmbiguousTask { candidates, .. } | Self::AmbiguousPackage { candidates, .. } => candidates,
            Self::NoGroup { groups, .. } => groups,
            _ => &[],
        }
    }

    /// Writes the facts and the way out to standard error.
    pub(crate) fn report(&self) {
        if matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return;
        }
        report(self, self.exit(), self.candidates(), self.way_out());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::report::whole;

    #[test]
    fn a_cause_that_is_named_already_is_not_named_twice() {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "it is gone");
        let quiet = Failure::Unreadable { path: "a".into(), source: gone() };
        assert_eq!(whole(&quiet), "reading a: it is gone");
        let system = BrokerError::System { what: "opening the log".into(), source: gone() };
        assert_eq!(whole(&Failure::from(system)), "opening the log: it is gone");
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(closed.exit(), Exit::Done);
        assert_eq!(Failure::Output(io::ErrorKind::StorageFull.into()).exit(), Exit::Failed);
    }
}
