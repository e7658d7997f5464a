//! The command line as a whole. The arguments of each verb are in its own file.

use clap::{Parser, Subcommand};

use crate::commands::{
    access, calendar, cancel, completions, daemon, demo, doctor, history, list, man, package, release,
    remove, run, show, signal, simulate, why,
};
use crate::exit;

/// View, control and debug background tasks.
///
/// A program registers a task once. The broker then runs the task on its cue, even when the program
/// is closed.
#[derive(Debug, Parser)]
#[command(name = "oncue", version, max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_help = exit::HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Demo(demo::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Why(why::Arguments),
    Run(run::Arguments),
    Cancel(cancel::Arguments),
    Release(release::Arguments),
    Remove(remove::Arguments),
    History(history::Arguments),
    Signal(signal::Arguments),
    Simulate(simulate::Arguments),
    Calendar(calendar::Arguments),
    Package(package::Arguments),
    Access(access::Arguments),
    Doctor(doctor::Arguments),
    Daemon(daemon::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
}

#[cfg(test)]
mod named;
