//! Why a verb failed, and what the user is told: the facts, the way out, and the exit code.
//!
//! Operations know only their own errors. This module turns the errors of operations that several
//! verbs share into failures; an error of a single verb is turned into one beside that verb.

use std::error::Error;
use std::io;

use crate::check::CheckError;
use crate::exit::Exit;
#[cfg(not(windows))]
use crate::follow::FollowError;
use crate::layout::LayoutError;
use crate::render::report::report;
#[cfg(not(windows))]
use crate::which::{NotACommand, WhichError};

/// Why a verb failed.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Box<dyn Error>,
    exit: Exit,
    /// What the user may have meant, one line each.
    candidates: Vec<String>,
    way_out: Option<String>,
}

impl Failure {
    /// Creates a failure without a way out.
    pub(crate) fn new(exit: Exit, error: impl Error + 'static) -> Self {
        Self { error: Box::new(error), exit, candidates: Vec::new(), way_out: None }
    }

    /// Adds what to do about it.
    pub(crate) fn with_way_out(self, way_out: impl Into<String>) -> Self {
        Self { way_out: Some(way_out.into()), ..self }
    }

    /// Adds what the user may have meant.
    pub(crate) fn with_candidates(self, candidates: Vec<String>) -> Self {
        Self { candidates, ..self }
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Writes the facts and the way out to standard error.
    pub(crate) fn report(&self) {
        if self.exit != Exit::Done {
            report(&*self.error, self.exit, &self.candidates, self.way_out.as_deref());
        }
    }
}

/// The answer could not be written.
#[derive(Debug, thiserror::Error)]
#[error("writing the answer")]
struct Output(#[source] io::Error);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // The reader has closed the pipe and does not want more.
        let is_enough = error.kind() == io::ErrorKind::BrokenPipe;
        Self::new(if is_enough { Exit::Done } else { Exit::Failed }, Output(error))
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        let (exit, way_out) = (refused_or_failed(error.is_refusal()), error.way_out());
        Self::new(exit, error).with_way_out(way_out)
    }
}

impl From<LayoutError> for Failure {
    fn from(error: LayoutError) -> Self {
        let (exit, way_out) = (refused_or_failed(error.is_refusal()), error.way_out());
        Self::new(exit, error).with_way_out(way_out)
    }
}

/// Returns the exit code of a refusal or a fault.
pub(crate) fn refused_or_failed(is_refusal: bool) -> Exit {
    if is_refusal { Exit::Refused } else { Exit::Failed }
}

#[cfg(not(windows))]
impl From<oncue::Error> for Failure {
    fn from(error: oncue::Error) -> Self {
        let exit = match error.code() {
            Some(code) => code.into(),
            None if error.is_unreachable() => Exit::OutOfReach,
            None => Exit::Failed,
        };
        let way_out = error.way_out().map(str::to_owned);
        Self { way_out, ..Self::new(exit, error) }
    }
}

#[cfg(not(windows))]
impl From<FollowError> for Failure {
    fn from(error: FollowError) -> Self {
        let exit = match error {
            FollowError::Broker(error) => return error.into(),
            FollowError::Gone => Exit::OutOfReach,
            FollowError::Signals(_) | FollowError::Files(_) | FollowError::Thread(_) => Exit::Failed,
        };
        let way_out = error.way_out();
        Self { way_out: way_out.map(str::to_owned), ..Self::new(exit, error) }
    }
}

#[cfg(not(windows))]
impl From<WhichError> for Failure {
    fn from(error: WhichError) -> Self {
        let exit = match error {
            WhichError::Broker(error) => return error.into(),
            WhichError::NoTask { .. } | WhichError::ShortId { .. } | WhichError::NoPackage { .. } => {
                Exit::NotFound
            }
            WhichError::AmbiguousTask { .. } | WhichError::AmbiguousPackage { .. } => Exit::Refused,
        };
        let (candidates, way_out) = (error.candidates().to_vec(), error.way_out());
        Self { candidates, way_out, ..Self::new(exit, error) }
    }
}

#[cfg(not(windows))]
impl From<NotACommand> for Failure {
    fn from(error: NotACommand) -> Self {
        Self::new(Exit::Refused, error).with_way_out("change it in its app, pause it, or remove it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::report::whole;

    #[test]
    fn a_cause_is_named_once() {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "it is gone");
        let check = Failure::from(CheckError::Unreadable { path: "a".into(), source: gone() });
        assert_eq!(whole(&*check.error), "reading a: it is gone");
        assert_eq!(whole(&*Failure::from(gone()).error), "writing the answer: it is gone");
    }

    #[test]
    fn a_closed_pipe_is_not_a_failure() {
        let of = |kind: io::ErrorKind| Failure::from(io::Error::from(kind)).exit();
        assert_eq!(of(io::ErrorKind::BrokenPipe), Exit::Done);
        assert_eq!(of(io::ErrorKind::StorageFull), Exit::Failed);
    }
}
