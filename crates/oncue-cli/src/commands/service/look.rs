//! The state of the service and of the running broker.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use oncue::tools::{Broker, BrokerInfo};
use oncue_broker::is_running;
use oncue_broker::service::{Installer, Linger, NameOnBus, Service, ServiceError, Starter, name_on_bus};
use oncue_wire::Place;

/// The state of both.
#[derive(Debug)]
pub(super) struct Look {
    /// The way in which the broker starts at log-in.
    pub(super) starter: Option<Starter>,
    /// Who has installed that, if it was oncue.
    pub(super) installer: Option<Installer>,
    /// Whether the user has removed it, so that the broker does not install it.
    pub(super) declined: bool,
    /// The state of the program that it starts.
    pub(super) program: Option<Program>,
    /// The broker that runs.
    pub(super) broker: Option<BrokerInfo>,
    /// The state of its program.
    pub(super) running: Option<State>,
    pub(super) linger: Linger,
    /// The state of the broker's name on the session bus.
    pub(super) bus: NameOnBus,
}

/// A program, and its state.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) state: State,
}

/// The state of a program's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is there.
    There,
    /// It is there, but the broker runs an older file.
    Replaced,
    /// It is gone.
    Gone,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Replaced => "replaced",
            Self::Gone => "gone",
        }
    }
}

impl Look {
    /// Looks around, without starting a broker.
    pub(super) fn around() -> Result<Self, crate::failure::Failure> {
        let service = match Service::here() {
            Ok(service) => Some(service),
            Err(ServiceError::OwnHome) => None,
            Err(error) => return Err(error.into()),
        };
        let starter = service.as_ref().and_then(Service::starter);
        let installer = service.as_ref().and_then(Service::installer);
        let declined = service.as_ref().is_some_and(Service::is_declined);
        let program = starter.as_ref().and_then(|starter| starter.program.clone());
        let program = program.map(|path| {
            let state = if path.exists() { State::There } else { State::Gone };
            Program { path, state }
        });
        let place = Place::find().ok();
        let runs = place.is_some_and(|place| is_running(&place).unwrap_or(false));
        let broker = if runs { Broker::connect_running().ok() } else { None };
        let broker = broker.map(|broker| broker.about()).transpose()?;
        let running = broker.as_ref().map(|broker| state(broker.pid, &broker.executable));
        Ok(Self {
            starter,
            installer,
            declined,
            program,
            broker,
            running,
            linger: Linger::look(),
            bus: name_on_bus(),
        })
    }
}

/// Compares the file that a process runs with the one that is there now.
fn state(pid: u32, executable: &str) -> State {
    const DELETED: &str = " (deleted)";
    let id = |path: &Path| fs::metadata(path).map(|known| (known.dev(), known.ino())).ok();
    let runs = id(Path::new(&format!("/proc/{pid}/exe")));
    match id(Path::new(executable.strip_suffix(DELETED).unwrap_or(executable))) {
        None => State::Gone,
        Some(file) if runs.is_none_or(|runs| runs == file) => State::There,
        Some(_) => State::Replaced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_or_removed_is_told_from_one_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let own = std::process::id();
        let path = std::env::current_exe().unwrap();
        assert_eq!(state(own, &path.display().to_string()), State::There);
        let other = folder.path().join("oncue");
        assert_eq!(state(own, &other.display().to_string()), State::Gone);
        fs::write(&other, "").unwrap();
        assert_eq!(state(own, &format!("{} (deleted)", other.display())), State::Replaced);
    }
}
