//! The verbs, one file each.

mod access;
mod add;
mod apply;
mod calendar;
mod cancel;
pub(crate) mod completions;
mod daemon;
mod demo;
mod doctor;
mod edit;
mod enable;
mod export;
mod history;
mod import;
mod list;
mod logs;
mod man;
mod next;
mod package;
mod pause;
mod progress;
mod release;
mod remove;
mod rename;
mod resume;
mod run;
mod service;
mod show;
mod signal;
mod simulate;
mod timeline;
mod watch;
mod why;

#[cfg(test)]
pub(crate) mod sample;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Demo(demo::Arguments),
    Add(add::Arguments),
    Edit(edit::Arguments),
    Enable(enable::Enable),
    Disable(enable::Disable),
    Rename(rename::Arguments),
    Export(export::Arguments),
    Apply(apply::Arguments),
    Import(import::Arguments),
    Progress(progress::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Watch(watch::Arguments),
    Why(why::Arguments),
    Run(run::Arguments),
    Cancel(cancel::Arguments),
    Release(release::Arguments),
    Pause(pause::Arguments),
    Resume(resume::Arguments),
    Remove(remove::Arguments),
    Next(next::Arguments),
    Timeline(timeline::Arguments),
    History(history::Arguments),
    Logs(logs::Arguments),
    Signal(signal::Arguments),
    Simulate(simulate::Arguments),
    Calendar(calendar::Arguments),
    Package(package::Arguments),
    Access(access::Arguments),
    Doctor(doctor::Arguments),
    Service(service::Arguments),
    Daemon(daemon::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Performs a verb.
pub(crate) fn perform(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Demo(arguments) => demo::perform(&arguments),
        Verb::Add(arguments) => add::perform(&arguments),
        Verb::Edit(arguments) => edit::perform(&arguments),
        Verb::Enable(arguments) => enable::enable(&arguments),
        Verb::Disable(arguments) => enable::disable(&arguments),
        Verb::Rename(arguments) => rename::perform(&arguments),
        Verb::Export(arguments) => export::perform(&arguments),
        Verb::Apply(arguments) => apply::perform(&arguments),
        Verb::Import(arguments) => import::perform(&arguments),
        Verb::Progress(arguments) => progress::perform(&arguments),
        Verb::List(arguments) => list::perform(&arguments),
        Verb::Show(arguments) => show::perform(&arguments),
        Verb::Watch(arguments) => watch::perform(&arguments),
        Verb::Why(arguments) => why::perform(&arguments),
        Verb::Run(arguments) => run::perform(&arguments),
        Verb::Cancel(arguments) => cancel::perform(&arguments),
        Verb::Release(arguments) => release::perform(&arguments),
        Verb::Pause(arguments) => pause::perform(&arguments),
        Verb::Resume(arguments) => resume::perform(&arguments),
        Verb::Remove(arguments) => remove::perform(&arguments),
        Verb::Signal(arguments) => signal::perform(&arguments),
        Verb::Simulate(arguments) => simulate::perform(&arguments),
        Verb::Next(arguments) => next::perform(&arguments),
        Verb::Timeline(arguments) => timeline::perform(&arguments),
        Verb::History(arguments) => history::perform(&arguments),
        Verb::Logs(arguments) => logs::perform(&arguments),
        Verb::Calendar(arguments) => calendar::perform(&arguments),
        Verb::Package(arguments) => package::perform(arguments),
        Verb::Access(arguments) => access::perform(&arguments),
        Verb::Doctor(arguments) => doctor::perform(&arguments),
        Verb::Service(arguments) => service::perform(&arguments),
        Verb::Daemon(arguments) => daemon::perform(&arguments),
        Verb::Completions(arguments) => completions::perform(&arguments),
        Verb::Man(arguments) => man::perform(&arguments),
    }
}
