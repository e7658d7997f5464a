//! Making a server's process, which takes for ever where its program's file system does not answer.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oncue_wire::names::TOKEN_VARIABLE;
use rustix::process::{Pid, Signal, kill_process_group};

use super::{arguments, unstarted};
use crate::errand::Errands;
use crate::package::Program;

/// How long a program may take to be loaded: a disk that sleeps needs some seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) child: Child,
    /// Its program and arguments, as a person reads them.
    pub(crate) program: String,
}

/// Starts a server in a process group of its own, in the package's folder, without descriptors.
///
/// # Errors
/// Why it could not be started, in words.
pub(super) async fn spawn(
    program: Program,
    folder: PathBuf,
    token: String,
    errands: &Errands,
) -> Result<Made, String> {
    let path = program.executable.clone();
    let shown = program.to_string();
    let make = move || {
        make(&program, &folder, &token).map_err(|error| unstarted::why(&program.executable, &folder, &error))
    };
    let child =
        errands.run(&path, PATIENCE, make, end).await.map_err(|unanswered| unanswered.to_string())??;
    Ok(Made { child, program: shown })
}

/// Set like this, and with nothing to be done between fork and exec, std starts the process by
/// posix_spawn(3), whose cost does not grow with the broker's memory.
fn make(program: &Program, folder: &Path, token: &str) -> io::Result<Child> {
    Command::new(&program.executable)
        .args(arguments::split(&program.arguments))
        .env(TOKEN_VARIABLE, token)
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
}

/// Ends a process that nobody waits for any more.
fn end(made: Result<Child, String>) {
    let Ok(mut child) = made else { return };
    // It has not been waited for, so its id is its own.
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let _ = child.wait();
}
