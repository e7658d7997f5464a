//! `cargo xtask test-system`: tests oncue with the real services of a Debian system.
//!
//! A guest is booted in namespaces, with systemd, logind and the system bus, on an overlay of this
//! system's root, so that nothing it does reaches the machine. This same program plays the
//! scenarios inside. Without `--only`, calendar expressions are also compared with systemd-analyze,
//! and ten thousand activations race with servers that leave. Ctrl-C, a failure or the end of this
//! process ends the guest.

mod account;
mod activations;
mod app;
mod browser;
pub(crate) mod calendar;
mod downloads;
mod failure;
mod guest;
mod inside;
mod interrupt;
mod login;
mod options;
mod scenario;
mod scenarios;
mod service;
mod shell;
mod stage;
mod uevent;
mod until;

use std::process::ExitCode;

use crate::build;
use failure::Failure;
use guest::{Furniture, Guest};

pub(crate) use app::{Part, play as app};
pub(crate) use inside::run as inside;
pub(crate) use options::Options;

/// Builds oncue, boots the guest, has the scenarios played there, and ends it.
pub(crate) fn run(options: &Options) -> ExitCode {
    match play(options) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("test-system: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn play(options: &Options) -> Result<ExitCode, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::NotRoot);
    }
    let (chosen, _) = scenario::chosen(options)?;
    if options.are_none() && calendar::run(&calendar::Options::default()) != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    eprintln!("test-system: building");
    let oncue = build::debug("oncue-cli")?;
    let interrupt = interrupt::Interrupt::listen()?;
    let downloads = downloads::make(&oncue)?;
    let furniture = Furniture { oncue: &oncue, downloads: downloads.path(), needs: scenario::needs(&chosen) };
    let mut guest = Guest::boot(&furniture, &interrupt)?;
    let played = guest.play(options, &interrupt)?;
    drop(guest);
    if options.are_none() {
        activations::run()?;
    }
    Ok(played)
}
