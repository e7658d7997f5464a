//! Starts programs so that none is left behind: dropping one kills it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::failure::Failure;

/// Nothing that makes progress takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Creates a command that reads nothing and is killed with its handle.
pub(super) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Starts a command.
pub(super) fn start(command: &mut Command) -> Result<Child, Failure> {
    command.spawn().map_err(|source| Failure::Start { program: name(command), source })
}

/// Runs a command until it ends, successfully or not.
pub(super) async fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    status_within(command, PATIENCE).await
}

/// Like `status`, with a limit.
pub(super) async fn status_within(command: &mut Command, limit: Duration) -> Result<ExitStatus, Failure> {
    let mut child = start(command)?;
    match timeout(limit, child.wait()).await {
        Ok(ended) => ended.map_err(|source| Failure::Start { program: name(command), source }),
        Err(_) => Err(Failure::TooLong { what: name(command), seconds: limit.as_secs() }),
    }
}

/// Runs a command, which must succeed.
pub(super) async fn succeed(command: &mut Command) -> Result<(), Failure> {
    match status(command).await? {
        status if status.success() => Ok(()),
        status => Err(Failure::Ended { what: whole(command), status }),
    }
}

/// Runs a command, which must succeed, and returns its standard output.
pub(super) async fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let child = start(command.stdout(Stdio::piped()))?;
    let ended = timeout(PATIENCE, child.wait_with_output()).await;
    let ended = ended.map_err(|_| Failure::TooLong { what: whole(command), seconds: PATIENCE.as_secs() })?;
    let output = ended.map_err(|source| Failure::Start { program: name(command), source })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure::Ended { what: whole(command), status: output.status })
    }
}

fn name(command: &Command) -> String {
    command.as_std().get_program().to_string_lossy().into_owned()
}

fn whole(command: &Command) -> String {
    let arguments = command.as_std().get_args().map(|argument| argument.to_string_lossy());
    let words: Vec<_> = [name(command).into()].into_iter().chain(arguments).collect();
    words.join(" ")
}
