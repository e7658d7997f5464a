//! Runs the programs that pack.

use std::io;
use std::process::Command;

use super::failure::Failure;

/// Runs a program of a Debian package; anything but success is a failure.
pub(super) fn run(command: &mut Command, package: &'static str) -> Result<Vec<u8>, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|source: io::Error| Failure::Tool { name, package, source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let command = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::Ended { command, status: output.status, said })
}
