//! `oncue service`: whether a broker starts when the user logs in.

mod files;
mod install;
mod look;
mod status;
mod uninstall;

use clap::{Args, Subcommand};
use oncue_broker::service::{Means, ServiceError};

use crate::exit::Exit;
use crate::failure::{Failure, refused_or_failed};

/// Start the broker when you log in
///
/// With a systemd user manager, the broker becomes a service of yours, which also starts when a
/// program connects to it. Otherwise, and inside a sandbox, the desktop starts it at log-in.
///
/// The broker installs this by itself when the first task is registered and removes it with the
/// last one, unless config.toml says `install = "never"` in the section `service`.
#[derive(Debug, Args)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(
    after_help = "Examples:\n  oncue service status\n  oncue service install\n  oncue service uninstall"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Status(status::Arguments),
    Install(install::Arguments),
    Uninstall(uninstall::Arguments),
    #[command(hide = true)]
    Files(files::Arguments),
}

/// Performs a verb of `service`.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::Status(arguments) => status::perform(arguments),
        Verb::Install(arguments) => install::perform(arguments),
        Verb::Uninstall(arguments) => uninstall::perform(arguments),
        Verb::Files(arguments) => files::perform(arguments),
    }
}

/// Names what starts the broker.
fn name(means: Means) -> &'static str {
    match means {
        Means::Units => "the systemd user manager",
        Means::Autostart => "an autostart entry of the desktop",
        Means::Portal => "the desktop, through the Background portal",
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let (exit, way_out) = (refused_or_failed(error.is_refusal()), error.way_out());
        Self::new(exit, error).with_way_out(way_out)
    }
}
