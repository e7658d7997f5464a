//! Watches a process with a pidfd until it ends, and reads its output meanwhile.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{Exit, ServerId};
use tokio::sync::{Semaphore, mpsc};

use super::output::Output;
use super::spawn::Watched;
use crate::inbox::Inbox;

/// How long to wait for the rest of the output, which a child of the ended process may keep open.
const DRAIN: Duration = Duration::from_millis(50);

/// The ended processes whose children may keep their pipes open.
static LEFT_OPEN: Semaphore = Semaphore::const_new(64);

/// Waits for the end of a process and tells the loop.
pub(super) async fn until_end(
    server: ServerId,
    mut process: Watched,
    output: Arc<Output>,
    inbox: mpsc::Sender<Inbox>,
) {
    let exit = tokio::select! {
        exit = ended(&mut process) => exit,
        () = output.read_all() => ended(&mut process).await,
    };
    // Its last output may still be in the pipes.
    let _ = tokio::time::timeout(DRAIN, output.read_all()).await;
    let exit = exit.unwrap_or_else(|error| {
        tracing::error!("waiting for a task server: {error}; assuming that it has ended");
        Exit::Code(-1)
    });
    // If the loop has ended, the report is not needed.
    let _ = inbox.send(Inbox::ProcessEnded(server, exit)).await;
    // A child of the process may still write; reading on keeps it from being ended by SIGPIPE. Each takes two
    // descriptors, so there is a limit.
    if let Ok(_place) = LEFT_OPEN.try_acquire() {
        output.read_all().await;
    }
}

async fn ended(process: &mut Watched) -> io::Result<Exit> {
    let _ = process.end.readable().await?;
    Ok(exit(process.child.wait()?))
}

fn exit(status: ExitStatus) -> Exit {
    match status.code() {
        Some(code) => Exit::Code(code),
        None => Exit::Signal(status.signal().unwrap_or_default()),
    }
}
