//! Why a verb failed: the facts, the way out, and the exit code.

use std::io;
use std::path::PathBuf;

use oncue_broker::{BrokerError, PackageProblem};

use crate::commands::calendar::CalendarFailure;
use crate::demo::DemoError;
use crate::draft::DraftError;
use crate::exit::Exit;
use crate::layout::LayoutError;
use crate::render::report::report;

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The broker refused or failed, or cannot be reached.
    #[error(transparent)]
    Broker(#[from] oncue::Error),
    /// The connection to the broker was lost while waiting for notices.
    #[error("the broker ended while waiting for {what}")]
    Gone {
        /// What was awaited.
        what: String,
    },
    /// No task has that name.
    #[error("no task is called `{named}`, and no task's id begins with that")]
    NoTask {
        /// As given by the user.
        named: String,
    },
    /// No task has this name, and it is too short for the start of an id.
    #[error(
        "no task is called `{named}`, and it is too short for an id: \
         a verb that changes something needs at least the first {least} characters"
    )]
    ShortId {
        /// As given by the user.
        named: String,
        /// The minimum number of characters.
        least: usize,
    },
    /// No group with tasks has this id or name.
    #[error("no group called `{named}` has any tasks")]
    NoGroup {
        /// As given by the user.
        named: String,
        /// The existing groups.
        groups: Vec<String>,
    },
    /// The name matches several tasks.
    #[error("`{named}` matches {} tasks", candidates.len())]
    AmbiguousTask {
        /// As given by the user.
        named: String,
        /// One line for each.
        candidates: Vec<String>,
    },
    /// No package has that name.
    #[error("no package is called `{named}`")]
    NoPackage {
        /// As given by the user.
        named: String,
    },
    /// The name matches several packages.
    #[error("`{named}` matches {} packages", candidates.len())]
    AmbiguousPackage {
        /// As given by the user.
        named: String,
        /// Their family names.
        candidates: Vec<String>,
    },
    /// The broker could not start or continue.
    #[error(transparent)]
    Daemon(#[from] BrokerError),
    /// The broker was told to stop but did not.
    #[error("the broker (pid {pid}) was told to stop but is still running after {seconds} s")]
    NotStopped {
        /// Its process id.
        pid: u32,
        /// How long the verb waited.
        seconds: u64,
    },
    /// A folder is not a package.
    #[error(transparent)]
    Package(PackageProblem),
    /// A package could not be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A crate could not be turned into a package.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The demonstration failed.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Listening for Ctrl-C failed.
    #[error("cannot listen for Ctrl-C")]
    Signals(#[source] io::Error),
    /// A calendar expression is invalid, or cannot be interpreted on this machine.
    #[error(transparent)]
    Calendar(#[from] CalendarFailure),
    /// There is no man page for this verb.
    #[error("there is no verb `{verb}`")]
    NoVerb {
        /// As given by the user.
        verb: String,
    },
    /// A file that a verb needs cannot be read.
    #[error("reading {}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("writing the answer")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Reports that a folder has no manifest.
    pub(crate) fn no_manifest(folder: PathBuf) -> Self {
        Self::Package(PackageProblem::NoManifest { folder, manifest: crate::check::MANIFEST.to_owned() })
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
            // The reader has closed the pipe and does not want more.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Daemon(_)
            | Self::NotStopped { .. }
            | Self::Signals(_)
            | Self::Unreadable { .. }
            | Self::Output(_) => Exit::Failed,
        }
    }

    /// Returns what to do about it.
    fn way_out(&self) -> Option<String> {
        Some(match self {
            Self::Broker(error) => return error.way_out().map(str::to_owned),
            Self::Gone { .. } => {
                "run `oncue doctor` to find out why, and `oncue history` to see how the firing ended".into()
            }
            Self::NoTask { .. } => {
                "see registered tasks with `oncue list`, and removed ones with `oncue history`".into()
            }
            Self::ShortId { .. } => "list names and ids with `oncue list`".into(),
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
            Self::NotStopped { pid, .. } => format!("wait for its runs to end, or kill it with `kill {pid}`"),
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
