//! Runs commands in the guest.

use std::process::{Command, Output};

use super::failure::Failure;

/// Runs a command and returns its output; anything but success is a failure.
pub(super) fn run(words: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(words[0]);
    output(command.args(&words[1..]))
}

/// The same for a prepared command.
pub(super) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = shown(command);
    let Output { status, stdout, stderr } =
        command.output().map_err(Failure::system(format!("`{shown}`")))?;
    let stdout = String::from_utf8_lossy(&stdout).trim().to_owned();
    if status.success() {
        return Ok(stdout);
    }
    let said = format!("{stdout}{}", String::from_utf8_lossy(&stderr).trim());
    Err(Failure::Command { command: shown, status, said })
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
