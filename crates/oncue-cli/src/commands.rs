//! The verbs, one file each.

pub(crate) mod access;
pub(crate) mod calendar;
pub(crate) mod cancel;
pub(crate) mod completions;
pub(crate) mod daemon;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod package;
pub(crate) mod release;
pub(crate) mod remove;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod signal;
pub(crate) mod simulate;
pub(crate) mod why;

#[cfg(test)]
pub(crate) mod sample;

use crate::arguments::Verb;
use crate::exit::Exit;
use crate::failure::Failure;

/// Performs a verb.
pub(crate) fn perform(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Demo(arguments) => demo::perform(&arguments),
        Verb::List(arguments) => list::perform(&arguments),
        Verb::Show(arguments) => show::perform(&arguments),
        Verb::Why(arguments) => why::perform(&arguments),
        Verb::Run(arguments) => run::perform(&arguments),
        Verb::Cancel(arguments) => cancel::perform(&arguments),
        Verb::Release(arguments) => release::perform(&arguments),
        Verb::Remove(arguments) => remove::perform(&arguments),
        Verb::Signal(arguments) => signal::perform(&arguments),
        Verb::Simulate(arguments) => simulate::perform(&arguments),
        Verb::History(arguments) => history::perform(&arguments),
        Verb::Calendar(arguments) => calendar::perform(&arguments),
        Verb::Package(arguments) => package::perform(arguments),
        Verb::Access(arguments) => access::perform(&arguments),
        Verb::Doctor(arguments) => doctor::perform(&arguments),
        Verb::Daemon(arguments) => daemon::perform(&arguments),
        Verb::Completions(arguments) => completions::perform(&arguments),
        Verb::Man(arguments) => man::perform(&arguments),
    }
}
