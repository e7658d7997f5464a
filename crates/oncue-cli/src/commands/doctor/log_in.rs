//! Whether the broker starts when the user logs in.

use std::env;
use std::path::PathBuf;

use oncue_broker::service::{Folders, Starter};
use oncue_wire::Place;
use oncue_wire::names::HOME_VARIABLE;

use super::finding::Finding;

/// What happens at log-in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum LogIn {
    /// This unit or entry starts the broker at log-in.
    Starts(Starter),
    /// Nothing starts it at log-in; programs and `oncue` start it when they need it.
    #[default]
    Nothing,
    /// The broker is never started at log-in, because `ONCUE_HOME` is set, for tests and
    /// demonstrations.
    OwnHome,
}

/// Finds what starts the broker at log-in.
pub(super) fn look() -> LogIn {
    if Place::is_own_home() {
        return LogIn::OwnHome;
    }
    Folders::here().and_then(|folders| folders.starter()).map_or(LogIn::Nothing, LogIn::Starts)
}

impl LogIn {
    /// Describes what happens at log-in.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Starts(starter) => format!("started by {}", starter.file.display()),
            Self::Nothing => "not started at log-in, only when a program or `oncue` needs it".into(),
            Self::OwnHome => format!("never started at log-in, because {HOME_VARIABLE} is set"),
        }
    }

    /// Returns a finding if tasks are registered but no broker will start.
    pub(super) fn finding(&self, tasks: usize) -> Option<Finding> {
        if tasks == 0 {
            return None;
        }
        let (what, way_out) = match self {
            Self::OwnHome => return None,
            Self::Nothing => (
                "nothing starts the broker when you log in: tasks wait until you start a program that uses oncue, \
                 or `oncue` itself"
                    .into(),
                "oncue service install".into(),
            ),
            Self::Starts(Starter { file, program }) => {
                let program = program.as_ref().filter(|program| !program.exists())?;
                let own = env::current_exe().unwrap_or_else(|_| PathBuf::from("oncue"));
                (
                    format!("{} starts {} at log-in, which does not exist", file.display(), program.display()),
                    format!("run `oncue service install` to start {} instead", own.display()),
                )
            }
        };
        Some(Finding { what, way_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_wrong_only_where_tasks_wait() {
        assert_eq!(LogIn::Nothing.finding(0), None);
        assert!(LogIn::Nothing.finding(1).is_some());
        assert_eq!(LogIn::OwnHome.finding(1), None);
    }

    #[test]
    fn a_program_that_is_gone_starts_nothing() {
        let own = env::current_exe().unwrap();
        let starts = |program: PathBuf| LogIn::Starts(Starter { file: "a".into(), program: Some(program) });
        assert_eq!(starts(own.clone()).finding(1), None);
        let found = starts(own.join("gone")).finding(1).unwrap();
        assert!(found.what.contains("gone at log-in") && found.way_out.contains("oncue service install"));
    }
}
