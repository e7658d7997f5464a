//! `oncue service install`: makes the broker start at log-in.

use std::io::{self, Write as _};

use clap::Args;
use oncue_broker::is_running;
use oncue_broker::service::{Installer, Means, Program, Role, Service};
use oncue_wire::Place;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// Make the broker start when you log in
///
/// If no broker is running, the service is started at once. Files that oncue has not written are
/// never replaced.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue service install")]
pub(crate) struct Arguments {}

/// The path of this program is unknown.
#[derive(Debug, thiserror::Error)]
#[error("finding the path of this program")]
struct NoPath(#[source] io::Error);

/// Installs the service.
pub(super) fn perform(_: &Arguments) -> Result<Exit, Failure> {
    let service = Service::here()?;
    let program =
        Program::of_this_process(Role::Daemon).map_err(|error| Failure::new(Exit::Failed, NoPath(error)))?;
    let installed = service.install(&program, Installer::User)?;
    let mut screen = Screen::open();
    writeln!(screen, "{} starts {} when you log in", super::name(installed.means), program.path().display())?;
    for file in &installed.files {
        writeln!(screen, "  {}", file.display())?;
    }
    if let Some(error) = installed.unread {
        return Err(error.into());
    }
    if installed.means != Means::Units {
        return Ok(Exit::Done);
    }
    if Place::find().is_ok_and(|place| is_running(&place).unwrap_or(false)) {
        writeln!(
            screen,
            "the broker that is running stays; to let the service take its place now:\n  \
             oncue daemon --stop && systemctl --user start oncue.socket oncue.service"
        )?;
    } else {
        service.start()?;
    }
    Ok(Exit::Done)
}
