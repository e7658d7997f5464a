//! Ten thousand activations of servers that leave after each completion: none is lost, and none
//! runs twice. The test is `idle_exit` of oncue-cli, with more of them and in release mode.

use std::process::Command;

use super::Failure;

const ACTIVATIONS: u32 = 10_000;
const TEST: [&str; 8] =
    ["test", "--release", "--locked", "--package", "oncue-cli", "--test", "servers", "idle_exit"];

/// Builds the test and runs it.
pub(super) fn run() -> Result<(), Failure> {
    eprintln!("test-system: {ACTIVATIONS} activations");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut test = Command::new(cargo);
    test.args(TEST).current_dir(crate::workspace_root());
    let played = test.env("ONCUE_TEST_ACTIVATIONS", ACTIVATIONS.to_string()).status();
    let command = format!("cargo {}", TEST.join(" "));
    match played {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Command { command, status, said: "see above".into() }),
        Err(source) => Err(Failure::System { what: command, source }),
    }
}
