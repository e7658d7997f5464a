//! What a server has left behind: it becomes the broker's child, and the broker takes note of its end.

use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, waitpid};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::process::own_children;
use crate::event_loop::Inbox;

/// Makes this process the parent of all its descendants that lose theirs, and tells the loop whenever
/// a child has ended. The broker is a process of its own, embedded or not: nobody else's are among them.
pub(crate) fn adopt(inbox: mpsc::Sender<Inbox>) {
    if let Err(error) = set_child_subreaper(Some(getpid())) {
        tracing::warn!(
            "becoming a subreaper: {error}; processes that leave a task server's process tree may escape"
        );
    }
    let mut ends = match signal(SignalKind::child()) {
        Ok(ends) => ends,
        Err(error) => {
            tracing::warn!("listening for ends of child processes: {error}; some stay in the process table");
            return;
        }
    };
    tokio::spawn(async move {
        while ends.recv().await.is_some() {
            if inbox.send(Inbox::ChildEnded).await.is_err() {
                return;
            }
        }
    });
}

/// Takes note of the end of every child that is not one of the servers, whose ends are watched.
pub(super) fn reap(is_server: impl Fn(Pid) -> bool) {
    for child in own_children() {
        if !is_server(child) {
            // One that lives on is none of our business, and one that is gone neither.
            let _ = waitpid(Some(child), WaitOptions::NOHANG);
        }
    }
}
