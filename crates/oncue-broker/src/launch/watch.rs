//! Watches a process with a pidfd until it ends, and reads its standard error meanwhile.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{Exit, ServerId};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::sync::mpsc;

use super::Ended;
use super::output::Output;
use crate::descriptor;
use crate::event_loop::Inbox;

/// How long to wait for standard error, which a child of the ended process may keep open.
const DRAIN: Duration = Duration::from_millis(50);

/// Waits for the end of a process and tells the loop.
pub(super) async fn until_end(
    server: ServerId,
    mut child: Child,
    output: Arc<Output>,
    inbox: mpsc::Sender<Inbox>,
) {
    let exit = tokio::select! {
        exit = ended(&mut child) => exit,
        () = output.read_all() => ended(&mut child).await,
    };
    // Its last output may still be in the pipe.
    let _ = tokio::time::timeout(DRAIN, output.read_all()).await;
    let exit = exit.unwrap_or_else(|error| {
        tracing::error!("waiting for a task server: {error}; assuming that it has ended");
        Exit::Code(-1)
    });
    // If the loop is gone, nobody needs to know.
    let _ = inbox.send(Inbox::ProcessEnded(Ended { server, exit })).await;
    // A child of the process may still write; reading on keeps it from being ended by SIGPIPE.
    output.read_all().await;
}

async fn ended(child: &mut Child) -> io::Result<Exit> {
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::NONBLOCK)?;
    let pidfd = descriptor::readable(pidfd)?;
    let _ = pidfd.readable().await?;
    Ok(exit(child.wait()?))
}

fn exit(status: ExitStatus) -> Exit {
    match status.code() {
        Some(code) => Exit::Code(code),
        None => Exit::Signal(status.signal().unwrap_or_default()),
    }
}
