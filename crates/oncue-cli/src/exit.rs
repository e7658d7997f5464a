//! The exit codes: what a script can rely on. This file is their one list.

use std::process::ExitCode;

use oncue_wire::Code;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[cfg_attr(
    all(windows, not(test)),
    expect(dead_code, reason = "there is no broker, and nothing to be interrupted")
)]
pub(crate) enum Exit {
    /// What was asked for was done, or was so already.
    Done = 0,
    /// It was tried and did not work, or the run that was waited for did not complete.
    Failed = 1,
    /// The command line makes no sense. clap ends with this one too.
    Usage = 2,
    /// It was refused, by the broker or by the user who was asked; or `run --wait` stopped waiting
    /// because only a person can let the task run.
    Refused = 3,
    /// There is no such task or package.
    NotFound = 4,
    /// No broker answers, and none could be started.
    OutOfReach = 5,
    /// Ctrl-C, as shells report it: 128 and the signal's number.
    Interrupted = 130,
}

/// What the help says about them.
pub(crate) const HELP: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 not found, \
                               5 broker unreachable, 130 interrupted.";

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match code {
            Code::UnknownTask | Code::UnknownPackage => Self::NotFound,
            Code::AmbiguousTask
            | Code::NoIdentity
            | Code::ClassNotDeclared
            | Code::InvalidArgument
            | Code::NotEnoughQuota
            | Code::NotActive
            | Code::Downgrade
            | Code::PackageExists
            | Code::BadPackage
            | Code::AccessDenied
            | Code::StoreUnwritable
            | Code::Stopping
            | Code::NotSupported
            | Code::UnknownMethod => Self::Refused,
            Code::Fault => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_not_found_and_a_no_is_a_refusal() {
        assert_eq!(Exit::from(Code::UnknownTask), Exit::NotFound);
        assert_eq!(Exit::from(Code::UnknownPackage), Exit::NotFound);
        assert_eq!(Exit::from(Code::NotActive), Exit::Refused);
        assert_eq!(Exit::from(Code::Fault), Exit::Failed);
    }

    #[test]
    fn the_help_names_every_code() {
        for exit in [Exit::Done, Exit::Failed, Exit::Usage, Exit::Refused, Exit::NotFound, Exit::OutOfReach] {
            assert!(HELP.contains(&format!("{} ", exit as u8)), "{exit:?}");
        }
        assert!(HELP.contains(&format!("{} interrupted", Exit::Interrupted as u8)));
    }
}
