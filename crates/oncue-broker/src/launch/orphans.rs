//! Processes that a server leaves behind become children of the broker, which reaps them.

use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, waitpid};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::process::own_children;
use crate::inbox::Inbox;

/// Makes this process the parent of its orphaned descendants, and tells the loop whenever a child
/// has ended. The broker is always a separate process, even if embedded, so no children of other
/// code are among them.
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
        // Servers of a program whose place this one has taken in the same process may have ended already.
        let _ = inbox.send(Inbox::ChildEnded).await;
        while ends.recv().await.is_some() {
            if inbox.send(Inbox::ChildEnded).await.is_err() {
                return;
            }
        }
    });
}

/// Reaps all ended children except servers, whose ends are watched.
pub(super) fn reap(is_server: impl Fn(Pid) -> bool) {
    for child in own_children() {
        if !is_server(child) {
            // Children that are still running, or already gone, need nothing.
            let _ = waitpid(Some(child), WaitOptions::NOHANG);
        }
    }
}
