//! Looks at folders whose file system may not answer.

use std::path::Path;
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
    let (sender, looked) = channel();
    // Who waits may have given up by then.
    thread::spawn(move || drop(sender.send(work())));
    looked.recv_timeout(PATIENCE).map_err(|_| Finding {
        what: format!("the file system of {} does not answer", folder.display()),
        way_out: "remount it, or restart its server".into(),
    })
}
