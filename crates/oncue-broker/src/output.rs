//! The output of runs: what their processes write to standard output and standard error, kept in files.
//!
//! The loop reads it and passes it on; a thread of its own writes it. A run that writes nothing costs nothing
//! here: it has no file, and the thread does not hear of it.

mod archive;
mod keeper;
mod line;
mod pieces;
mod prune;
mod queue;
mod reading;
mod shorten;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use oncue_core::{Activation, FamilyName, InstanceId, LedgerEntry, TaskId};

use self::keeper::Keeper;
use self::queue::{Chunk, End, Queue, Room};
use crate::{clock, config};

pub use archive::{Archive, KeptRun, KeptTask};
pub use line::{Kind, Line};
pub use reading::Reading;

/// How long the end of the broker waits for what is left to write.
const PATIENCE: Duration = Duration::from_secs(1);

/// Keeps the output of runs.
#[derive(Clone, Debug)]
pub(crate) struct Outputs {
    /// `None` if nothing is to be kept.
    queue: Option<Arc<Queue>>,
}

/// The end of the thread that writes.
#[derive(Debug)]
pub(crate) struct Ending {
    queue: Arc<Queue>,
    ended: Receiver<()>,
}

/// A run, as its files need to know it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) instance: InstanceId,
    pub(crate) task: TaskId,
    pub(crate) name: Arc<str>,
    pub(crate) package: FamilyName,
}

/// One of the two streams that a process writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Run {
    /// A run that is passed to a process of this package.
    pub(crate) fn of(activation: &Activation, package: &FamilyName) -> Self {
        let Activation { instance, task, name, .. } = activation;
        Self { instance: *instance, task: *task, name: name.clone(), package: package.clone() }
    }
}

impl Outputs {
    /// Starts the thread, which also removes what is too much or too old.
    pub(crate) fn start(state: &Path, limits: config::Output) -> io::Result<(Self, Ending)> {
        Self::with(Room::default(), Archive::below(state), limits)
    }

    fn with(room: Room, archive: Archive, limits: config::Output) -> io::Result<(Self, Ending)> {
        let queue = Arc::new(Queue::with(room));
        let is_kept = limits.bytes() > 0;
        let (working, ended) = sync_channel(0);
        let worked = Arc::clone(&queue);
        let work = move || {
            // Dropped when the thread ends in any way.
            let _working = working;
            Keeper::new(archive, limits).work(&worked);
        };
        thread::Builder::new().name("output".into()).spawn(work)?;
        let kept = is_kept.then(|| Arc::clone(&queue));
        Ok((Self { queue: kept }, Ending { queue, ended }))
    }

    /// Keeps nothing.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { queue: None }
    }

    /// Keeps what was read from the process of a run.
    pub(crate) fn write(&self, run: &Run, stream: Stream, bytes: &Arc<[u8]>) {
        if let Some(queue) = &self.queue {
            let kind = match stream {
                Stream::Out => line::Kind::Out,
                Stream::Err => line::Kind::Err,
            };
            queue.write(run, Chunk { kind, at: clock::now().wall, bytes: Arc::clone(bytes) });
        }
    }

    /// Notes the end of a run that has written something.
    pub(crate) fn end(&self, run: &Run, entry: &LedgerEntry) {
        let Some(queue) = &self.queue else { return };
        let exit = entry.exit.map(|exit| format!(" ({exit})")).unwrap_or_default();
        let how = format!("{}{exit}", entry.outcome.name());
        queue.end(run, End { at: entry.ended_at, how, failed: entry.outcome.went_wrong() });
    }

    /// Notes the end of a run that an earlier broker began.
    pub(crate) fn lost(&self, entry: &LedgerEntry) {
        let LedgerEntry { instance, task, name, package, .. } = entry;
        let run = Run { instance: *instance, task: *task, name: name.clone(), package: package.clone() };
        self.end(&run, entry);
    }
}

impl Ending {
    /// Waits until everything is written, but not for a file system that does not answer.
    pub(crate) fn wait(self) {
        self.queue.close();
        // It never sends anything: the wait ends when the thread drops its end.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use oncue_core::Guid;

    pub(crate) const TASK: TaskId = TaskId(Guid::from_u128(1));

    /// A run of the task.
    pub(crate) fn run(number: u32) -> Run {
        Run {
            instance: InstanceId(Guid::from_u128(u128::from(number) << 96)),
            task: TASK,
            name: "sync".into(),
            package: FamilyName::new("App_x"),
        }
    }
}
