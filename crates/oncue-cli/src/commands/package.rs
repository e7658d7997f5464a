//! `oncue package`: the apps that the broker may start.

pub(crate) mod add;
pub(crate) mod check;
pub(crate) mod layout;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod remove;
pub(crate) mod show;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Manage packages: the apps whose tasks the broker runs
#[derive(Debug, Args)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = "Example, in the folder of a crate:\n  \
    oncue package new --publisher CN=Contoso\n  \
    oncue package add \"$(oncue package layout --release)\"")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::Arguments),
    Add(add::Arguments),
    Remove(remove::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Check(check::Arguments),
    Layout(layout::Arguments),
}

/// Performs a verb of `package`.
pub(super) fn perform(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.verb {
        Verb::New(arguments) => new::perform(arguments),
        Verb::Add(arguments) => add::perform(&arguments),
        Verb::Remove(arguments) => remove::perform(&arguments),
        Verb::List(arguments) => list::perform(&arguments),
        Verb::Show(arguments) => show::perform(&arguments),
        Verb::Check(arguments) => check::perform(&arguments),
        Verb::Layout(arguments) => layout::perform(arguments),
    }
}
