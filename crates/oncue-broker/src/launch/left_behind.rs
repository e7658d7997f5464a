//! What an earlier broker left behind when it was killed: its servers and what they had started. It is
//! ended before anything of the same package is started again.

use std::collections::{BTreeSet, HashSet};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use oncue_core::FamilyName;
use rustix::io::Errno;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, getpid, pidfd_open};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::fell;
use super::process::Process;
use super::trace::{Left, Traces};
use super::tree::{Orphans, Tree};

/// The packages of which something may be left.
#[derive(Clone, Debug)]
pub(crate) struct LeftBehind {
    packages: watch::Receiver<BTreeSet<FamilyName>>,
}

impl LeftBehind {
    /// Begins to end what the traces tell of. A server that lives has seen its broker go, and has `grace`
    /// to end by itself.
    pub(crate) fn end(traces: &Traces, grace: Duration) -> Self {
        let left = traces.left();
        let packages = left.iter().map(|left| left.trace.package().clone()).collect();
        let (sender, packages) = watch::channel(packages);
        if !left.is_empty() {
            tracing::info!(servers = left.len(), "ending what an earlier broker left behind");
            tokio::spawn(end_all(left, grace, sender));
        }
        Self { packages }
    }

    /// Waits until nothing is left of that package.
    pub(crate) async fn gone(&self, package: &FamilyName) {
        // Who ended it is done, too, if it has dropped its end.
        let _ = self.packages.clone().wait_for(|packages| !packages.contains(package)).await;
    }
}

async fn end_all(left: Vec<Left>, grace: Duration, packages: watch::Sender<BTreeSet<FamilyName>>) {
    let mut remaining: Vec<FamilyName> = left.iter().map(|left| left.trace.package().clone()).collect();
    let mut ending = JoinSet::new();
    for left in left {
        ending.spawn_blocking(move || {
            end_one(&left, grace);
            left.trace.package().clone()
        });
    }
    while let Some(ended) = ending.join_next().await {
        let Ok(package) = ended else { continue };
        if let Some(at) = remaining.iter().position(|known| *known == package) {
            remaining.swap_remove(at);
        }
        if !remaining.contains(&package) {
            packages.send_modify(|packages| drop(packages.remove(&package)));
        }
    }
}

fn end_one(left: &Left, grace: Duration) {
    if let Some((pid, started)) = left.process {
        wait_for_end(pid, started, grace);
    }
    let (root, started) = match left.process {
        Some((pid, started)) => (pid, Some(started)),
        // Only the token tells; no process has the number of this one but itself.
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
    match fell::fell(&tree) {
        Ok(()) => left.trace.forget(),
        Err(error) => tracing::error!("ending what an earlier broker left behind: {error}; giving up"),
    }
}

/// Waits until a process has ended, but not longer than so.
fn wait_for_end(pid: Pid, started: u64, within: Duration) {
    let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    if Process::look(pid).is_none_or(|found| found.started != started || found.ended) {
        return;
    }
    let until = Instant::now() + within;
    loop {
        let rest = until.saturating_duration_since(Instant::now());
        let rest = Timespec { tv_sec: rest.as_secs().cast_signed(), tv_nsec: rest.subsec_nanos().into() };
        // However the wait ends, what is there then is ended.
        match poll(&mut [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)], Some(&rest)) {
            Err(Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}
