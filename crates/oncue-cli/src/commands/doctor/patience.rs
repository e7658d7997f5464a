//! Looks at folders whose file system may not answer.
//!
//! A process cannot end while one of its threads waits in the kernel for such a file system. So a child
//! process looks first, and is left behind if it gets no answer.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::finding::Finding;
use crate::process;

/// How long a folder has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does work that touches a folder on a separate thread, which is abandoned if it hangs; that is a finding.
pub(super) fn look<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Finding> {
    let silent = || Finding {
        what: format!("the file system of {} does not answer", folder.display()),
        way_out: "remount it, or restart its server".into(),
    };
    let unable = |error| unable(folder, &error);
    if !answers(folder).map_err(unable)? {
        return Err(silent());
    }
    within_patience(work).map_err(unable)?.ok_or_else(silent)
}

/// Reports that the system refused the thread that should look at a folder.
pub(super) fn unable(folder: &Path, error: &io::Error) -> Finding {
    Finding {
        what: format!("cannot look at {}: starting a thread failed: {error}", folder.display()),
        way_out: process::NO_MORE.into(),
    }
}

/// Returns whether the folder's file system answers stat(1). If there is no such program, it counts as one
/// that does.
pub(super) fn answers(folder: &Path) -> io::Result<bool> {
    let mut stat = Command::new("stat");
    stat.arg("--").arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = stat.spawn() else { return Ok(true) };
    Ok(within_patience(move || child.wait())?.is_some())
}

/// Does the work on a separate thread, and waits for it, but not for long.
fn within_patience<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<Option<T>> {
    let (sender, done) = channel();
    // The receiver may have given up by then.
    start(move || drop(sender.send(work())))?;
    Ok(done.recv_timeout(PATIENCE).ok())
}

/// Starts a thread that may hang.
pub(super) fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("look".into()).spawn(work).map(drop)
}
