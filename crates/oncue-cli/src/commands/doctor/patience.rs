//! Looks at folders whose file system may not answer.
//!
//! A process cannot end while one of its threads waits in the kernel for such a file system. So a child
//! process looks first, and is left behind if it gets no answer.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::finding::Finding;

/// How long a folder has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does work that touches a folder on a separate thread, which is abandoned if it hangs; that is a finding.
pub(super) fn look<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Finding> {
    let looked = if answers(folder) { within_patience(work) } else { None };
    looked.ok_or_else(|| Finding {
        what: format!("the file system of {} does not answer", folder.display()),
        way_out: "remount it, or restart its server".into(),
    })
}

/// Returns whether the folder's file system answers stat(1). If there is no such program, it counts as one
/// that does.
pub(super) fn answers(folder: &Path) -> bool {
    let mut stat = Command::new("stat");
    stat.arg("--").arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = stat.spawn() else { return true };
    within_patience(move || child.wait()).is_some()
}

/// Waits for a thread that does the work, but not for long.
fn within_patience<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, done) = channel();
    // Who waits may have given up by then.
    thread::spawn(move || drop(sender.send(work())));
    done.recv_timeout(PATIENCE).ok()
}
