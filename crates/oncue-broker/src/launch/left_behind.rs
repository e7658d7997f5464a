//! Ends what a killed broker left behind: its servers, and what they started. This happens before
//! anything of the same package is started again; other packages do not wait.

use std::collections::{BTreeSet, HashSet};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use oncue_core::{FamilyName, TaskId};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, getpid, kill_process_group, pidfd_open};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::fell;
use super::process::Process;
use super::trace::{Left, Traces};
use super::tree::{Orphans, Tree};

/// How long a server may take to end by itself: it has noticed that its broker is gone, and gives
/// its runs this long.
const GRACE: Duration = Duration::from_secs(5);

/// The packages that may still have such processes.
#[derive(Clone, Debug)]
pub(super) struct LeftBehind {
    packages: watch::Receiver<BTreeSet<FamilyName>>,
}

impl LeftBehind {
    /// Starts to end the servers named by the traces.
    pub(super) fn end(traces: &Traces) -> Self {
        let left = traces.left();
        let (sender, packages) =
            watch::channel(left.iter().map(|left| left.trace.package().clone()).collect());
        if !left.is_empty() {
            tracing::info!(servers = left.len(), "an earlier broker was killed; ending what it left behind");
            tokio::spawn(end_all(left, sender));
        }
        Self { packages }
    }

    /// Waits until nothing of this package is left.
    pub(super) async fn gone(&self, package: &FamilyName) {
        // An error means that the sender was dropped, so everything has been ended.
        let _ = self.packages.clone().wait_for(|packages| !packages.contains(package)).await;
    }
}

async fn end_all(left: Vec<Left>, packages: watch::Sender<BTreeSet<FamilyName>>) {
    let mut remaining: Vec<FamilyName> = left.iter().map(|left| left.trace.package().clone()).collect();
    let mut ending = JoinSet::new();
    for left in left {
        ending.spawn_blocking(move || {
            end_one(&left);
            left.trace.package().clone()
        });
    }
    while let Some(ended) = ending.join_next().await {
        let Ok(package) = ended else { continue };
        if let Some(at) = remaining.iter().position(|known| *known == package) {
            remaining.swap_remove(at);
        }
        if !remaining.contains(&package) {
            packages.send_if_modified(|packages| packages.remove(&package));
        }
    }
}

fn end_one(left: &Left) {
    let (root, started) = match left.process {
        Some((pid, started)) => (pid, Some(started)),
        // Only the token identifies them; no process descends from this broker.
        None => (getpid(), None),
    };
    let tree = Tree {
        root,
        started,
        token: Some(left.token.clone()),
        broker: getpid(),
        others: HashSet::new(),
        orphans: Orphans::Anywhere,
    };
    if is_command(left.trace.package())
        && let Some((pid, started)) = left.process
        && Process::look(pid).is_some_and(|found| found.started == started && !found.ended)
    {
        // Unlike a task server, it does not notice that its broker is gone. An error means that it has ended.
        let _ = kill_process_group(pid, Signal::TERM);
    }
    // Once the server has ended, some of what it started could no longer be recognised.
    let known = tree.members(&Process::all(), &HashSet::new());
    if let Some((pid, started)) = left.process {
        wait_for_end(pid, started);
    }
    let known = known.iter().map(|process| (process.pid, process.started)).collect();
    match fell::fell(&tree, known) {
        Ok(()) => left.trace.forget(),
        Err(error) => tracing::error!("ending what an earlier broker left behind: {error}; giving up"),
    }
}

/// Returns the name under which the processes of a command's task are recorded: only they are waited for
/// before it is started again.
pub(super) fn command_of(task: TaskId) -> FamilyName {
    FamilyName::new(&format!("{}/{task}", FamilyName::COMMANDS))
}

fn is_command(whose: &FamilyName) -> bool {
    whose.as_str().strip_prefix(FamilyName::COMMANDS).is_some_and(|rest| rest.starts_with('/'))
}

/// Waits until this process has ended, or its grace is over.
fn wait_for_end(pid: Pid, started: u64) {
    let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    if Process::look(pid).is_none_or(|found| found.started != started || found.ended) {
        return;
    }
    let until = Instant::now() + GRACE;
    loop {
        let rest = until.saturating_duration_since(Instant::now());
        let rest = Timespec { tv_sec: rest.as_secs().cast_signed(), tv_nsec: rest.subsec_nanos().into() };
        // Whatever ends the wait, the process is then looked for again and killed.
        match poll(&mut [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)], Some(&rest)) {
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}
