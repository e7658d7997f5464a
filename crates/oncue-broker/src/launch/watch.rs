//! One process, watched by its pidfd until it ends; its standard error is read all the while.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, ExitStatus};
use std::time::Duration;

use oncue_core::{Exit, ServerId};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;

use super::Ended;
use super::last_lines::LastLines;
use crate::descriptor;
use crate::event_loop::Inbox;

/// How long a process that has ended may keep its standard error open through a child of its own.
const DRAIN: Duration = Duration::from_millis(50);

/// Waits for the end of a process and tells the loop.
pub(super) async fn until_end(
    server: ServerId,
    mut child: Child,
    stderr: Option<ChildStderr>,
    inbox: mpsc::Sender<Inbox>,
) {
    let mut last = LastLines::default();
    let mut pipe = stderr.and_then(|stderr| pipe::Receiver::from_owned_fd(OwnedFd::from(stderr)).ok());
    let exit = tokio::select! {
        exit = ended(&mut child) => exit,
        () = read_all(&mut pipe, &mut last) => ended(&mut child).await,
    };
    // What it wrote last may still be in the pipe.
    let _ = tokio::time::timeout(DRAIN, read_all(&mut pipe, &mut last)).await;
    let exit = exit.unwrap_or_else(|error| {
        tracing::error!("waiting for a task server: {error}; taking it for ended");
        Exit::Code(-1)
    });
    let ended = Ended { server, exit, last_lines: last.text() };
    // When the loop is gone nobody needs to know any more.
    let _ = inbox.send(Inbox::ProcessEnded(ended)).await;
    // A child of the process may still write; reading on keeps it from being ended by SIGPIPE.
    read_all(&mut pipe, &mut last).await;
}

async fn ended(child: &mut Child) -> io::Result<Exit> {
    let pidfd = pidfd_open(Pid::from_child(child), PidfdFlags::NONBLOCK)?;
    let pidfd = descriptor::readable(pidfd)?;
    let _ = pidfd.readable().await?;
    Ok(exit(child.wait()?))
}

async fn read_all(pipe: &mut Option<pipe::Receiver>, last: &mut LastLines) {
    let Some(open) = pipe else { return std::future::ready(()).await };
    let mut bytes = [0_u8; 4_096];
    loop {
        match open.read(&mut bytes).await {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                tracing::debug!("task server: {}", String::from_utf8_lossy(&bytes[..count]).trim_end());
                last.push(&bytes[..count]);
            }
        }
    }
    *pipe = None;
}

fn exit(status: ExitStatus) -> Exit {
    match status.code() {
        Some(code) => Exit::Code(code),
        None => Exit::Signal(status.signal().unwrap_or_default()),
    }
}
