//! The exit codes that scripts can rely on. This is the only list of them.

use std::process::ExitCode;

use oncue_wire::Code;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[cfg_attr(
    all(windows, not(test)),
    expect(dead_code, reason = "there is no broker, and nothing to interrupt")
)]
pub(crate) enum Exit {
    /// The request succeeded, or there was nothing to do.
    Done = 0,
    /// The request failed, or the awaited run did not complete.
    Failed = 1,
    /// The command line is invalid. clap also exits with this code.
    Usage = 2,
    /// The broker refused, or the user declined, or `run --wait` stopped waiting because only a
    /// person can let the task run.
    Refused = 3,
    /// The task or package does not exist.
    NotFound = 4,
    /// No broker answers, and none could be started.
    OutOfReach = 5,
    /// Ctrl-C, as shells report it: 128 plus the number of the signal.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, with its meaning.
    pub(crate) const MEANINGS: [(Self, &str); 7] = [
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Usage, "usage"),
        (Self::Refused, "refused"),
        (Self::NotFound, "not found"),
        (Self::OutOfReach, "broker unreachable"),
        (Self::Interrupted, "interrupted"),
    ];
}

/// Returns the end of the help: examples, and the list of exit codes.
pub(crate) fn help() -> String {
    let codes = Exit::MEANINGS.map(|(exit, meaning)| format!("{} {meaning}", exit as u8));
    let examples = if cfg!(windows) {
        "  oncue package new --publisher CN=Contoso\n  oncue package check ."
    } else {
        "  oncue add backup --every 1h --when 'internet and ac' -- restic backup /home/me\n  oncue list\n  \
         oncue why backup\n  oncue logs backup"
    };
    format!("Examples:\n{examples}\n\nExit codes: {}.", codes.join(", "))
}

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match code {
            Code::UnknownTask | Code::UnknownPackage => Self::NotFound,
            Code::AmbiguousTask
            | Code::TaskExists
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
}
