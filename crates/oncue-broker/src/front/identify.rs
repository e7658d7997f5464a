//! Finds the package of a connection's process.

use oncue_core::{Broker, ServerId};
use oncue_wire::{Caller, Refused};

use crate::caller::Process;
use crate::package::Packages;

/// What a caller is identified by.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Knows the packages of tasks and of task servers.
    pub(crate) core: &'a Broker,
    /// Knows the packages of programs.
    pub(crate) packages: &'a Packages,
}

/// Finds the package of a process: of a task server by its token, otherwise by the executable. `refused` says
/// why the package beside the executable was not added.
pub(super) fn identify(
    process: &Process,
    server: Option<ServerId>,
    refused: Option<&Refused>,
    known: Known<'_>,
) -> Caller {
    if let Some(family) = server.and_then(|server| known.core.package_of_server(server)) {
        return Caller::App(family.clone());
    }
    let executable = match process.executable() {
        Ok(executable) => executable,
        Err(error) => return gone(&format!(" ({error})")),
    };
    match known.packages.of_executable(&executable) {
        Some(family) => Caller::App(family.clone()),
        None => Caller::Tool {
            executable: executable.display().to_string(),
            refused: refused.cloned().map(Box::new),
        },
    }
}

/// The caller of a connection whose process has ended.
pub(super) fn gone(why: &str) -> Caller {
    Caller::Tool { executable: format!("a process that is gone{why}"), refused: None }
}
