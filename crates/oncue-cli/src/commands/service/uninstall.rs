//! `oncue service uninstall`: no longer starts the broker at log-in.

use std::io::Write as _;

use clap::Args;
use oncue_broker::service::Service;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;

/// No longer start the broker when you log in
///
/// Removes only what oncue has installed, and the broker does not install it again. One that is
/// running continues. Tasks stay registered: they run while a program that uses oncue, or `oncue`
/// itself, has started a broker.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue service uninstall")]
pub(crate) struct Arguments {}

/// Removes the service.
pub(super) fn perform(_: &Arguments) -> Result<Exit, Failure> {
    let service = Service::here()?;
    let removed = service.uninstall()?;
    let mut screen = Screen::open();
    if removed.is_empty() {
        writeln!(screen, "oncue has installed nothing that starts the broker at log-in")?;
    }
    for file in &removed {
        writeln!(screen, "removed {}", file.display())?;
    }
    if let Some(starter) = service.starter() {
        writeln!(screen, "{} still starts the broker; oncue has not written it", starter.file.display())?;
    }
    Ok(Exit::Done)
}
