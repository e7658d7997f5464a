//! Follows what happens to tasks: puts notices and Ctrl-C into one queue, and waits for the end.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Instant;

use oncue::Outcome;
use oncue::tools::{Broker, Entry, InstanceId, Notice, TaskId, Watched};
use tokio::signal::unix::SignalKind;

use crate::changes::Changes;
use crate::process;
use crate::signals;

/// How many events can be queued; when the queue is full, senders wait.
const QUEUE: usize = 256;

/// Why tasks cannot be followed, or no longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    /// The broker refused or failed, or cannot be reached.
    #[error(transparent)]
    Broker(#[from] oncue::Error),
    /// The connection to the broker was lost.
    #[error("the broker ended while waiting for the end of the run")]
    Gone,
    /// Ctrl-C cannot be received.
    #[error("cannot listen for Ctrl-C")]
    Signals(#[source] io::Error),
    /// A folder cannot be watched.
    #[error("cannot watch the files of output")]
    Files(#[source] io::Error),
    /// The system refused another thread.
    #[error("cannot start a thread that listens to the broker")]
    Thread(#[source] io::Error),
}

impl FollowError {
    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> Option<&str> {
        match self {
            Self::Broker(error) => error.way_out(),
            Self::Gone => {
                Some("run `oncue doctor` to find out why, and `oncue history` to see how the firing ended")
            }
            Self::Thread(_) => Some(process::NO_MORE),
            Self::Files(_) => Some("raise fs.inotify.max_user_instances, or run it again without `--follow`"),
            Self::Signals(_) => None,
        }
    }
}

/// An event that arrived while waiting.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A notice from the broker.
    Notice(Box<Notice>),
    /// The connection to the broker was lost.
    Gone,
    /// Something in a watched folder has changed.
    Changed,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// The process was asked to end, or the terminal is gone.
    Terminated,
    /// The user typed a line; empty at the end of input.
    Answered(String),
    /// Nothing happened before the deadline.
    Nothing,
}

/// Receives events in order.
#[derive(Debug)]
pub(crate) struct Happenings {
    sender: SyncSender<Happening>,
    queue: Receiver<Happening>,
}

impl Happenings {
    /// Starts to listen for Ctrl-C, which no longer ends the process.
    pub(crate) fn of_signals() -> Result<Self, FollowError> {
        let (sender, queue) = sync_channel(QUEUE);
        let heard = sender.clone();
        // If the receiver is gone, the process is about to end.
        let hear = move |kind| {
            let is_ctrl_c = kind == SignalKind::interrupt();
            drop(heard.send(if is_ctrl_c { Happening::Interrupted } else { Happening::Terminated }));
        };
        signals::hear_each(&signals::ENDS, hear).map_err(FollowError::Signals)?;
        Ok(Self { sender, queue })
    }

    /// Starts to receive notices from the broker, too. After this returns, no notice is missed.
    pub(crate) fn watch(&self, broker: &Broker) -> Result<(), FollowError> {
        let watch = broker.watch(Watched::All)?;
        let sender = self.sender.clone();
        let forward = move || {
            let last = std::iter::once(Happening::Gone);
            let all = watch.map(|notice| Happening::Notice(Box::new(notice))).chain(last);
            for happening in all {
                if sender.send(happening).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("notices".into()).spawn(forward).map_err(FollowError::Thread)?;
        Ok(())
    }

    /// Starts to watch a folder, which need not exist yet, below one that need not exist either.
    pub(crate) fn watch_folder(&self, above: &Path, folder: &Path) -> Result<(), FollowError> {
        let changes = Changes::of(above, folder).map_err(FollowError::Files)?;
        let sender = self.sender.clone();
        let forward = move || {
            for () in changes {
                // If the queue is full, what is in it makes the receiver look, too.
                if let Err(TrySendError::Disconnected(_)) = sender.try_send(Happening::Changed) {
                    return;
                }
            }
        };
        thread::Builder::new().name("changes".into()).spawn(forward).map_err(FollowError::Thread)?;
        Ok(())
    }

    /// Starts to read one line that the user types.
    pub(crate) fn read_line(&self) -> Result<(), FollowError> {
        let sender = self.sender.clone();
        let read = move || {
            let mut line = String::new();
            // What cannot be read counts as an empty line.
            let _ = io::stdin().read_line(&mut line);
            // If the receiver is gone, the answer no longer matters.
            drop(sender.send(Happening::Answered(line)));
        };
        thread::Builder::new().name("answer".into()).spawn(read).map_err(FollowError::Thread)?;
        Ok(())
    }

    /// Waits for the next event, until the deadline if there is one.
    pub(crate) fn next(&self, deadline: Option<Instant>) -> Happening {
        let Some(deadline) = deadline else {
            return self.queue.recv().unwrap_or(Happening::Gone);
        };
        match self.queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(happening) => happening,
            Err(RecvTimeoutError::Timeout) => Happening::Nothing,
            Err(RecvTimeoutError::Disconnected) => Happening::Gone,
        }
    }
}

/// Which end of a task's firings to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The end of this run.
    Run(InstanceId),
    /// The end of the firing that waits for this run to end.
    After(InstanceId),
    /// The next end.
    Next,
}

/// What a notice means for the awaited firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The run was entered.
    Entered,
    /// It has this progress.
    Progress(u32),
    /// It has ended.
    Ended(Box<Entry>),
}

/// Waits for the end of one firing of one task.
#[derive(Debug)]
pub(crate) struct Wait {
    task: TaskId,
    awaited: Awaited,
}

impl Wait {
    /// Waits for this end of this task.
    pub(crate) fn of(task: TaskId, awaited: Awaited) -> Self {
        Self { task, awaited }
    }

    /// Returns what a notice means for the awaited firing, if anything.
    pub(crate) fn hear(&mut self, notice: Notice) -> Option<Step> {
        match notice {
            Notice::RunEntered { task_id, instance_id } => {
                self.is(task_id, instance_id).then_some(Step::Entered)
            }
            Notice::Progress { task_id, instance_id, value } => {
                self.is(task_id, instance_id).then_some(Step::Progress(value))
            }
            Notice::Ended(entry) => self.ended(entry),
            Notice::TaskChanged(_) | Notice::TaskRemoved(_) => None,
            // A notice that was added later says nothing about a run.
            _ => None,
        }
    }

    fn is(&self, task: TaskId, instance: InstanceId) -> bool {
        let run = match self.awaited {
            Awaited::Run(run) => run == instance,
            Awaited::After(run) => run != instance,
            Awaited::Next => true,
        };
        run && task == self.task
    }

    fn ended(&mut self, entry: Entry) -> Option<Step> {
        // A firing that joined another one ends with that one's run, which has not ended yet.
        if entry.task_id != self.task || entry.outcome == Outcome::Coalesced {
            return None;
        }
        match self.awaited {
            Awaited::Run(run) if run != entry.instance_id => None,
            Awaited::After(run) if run == entry.instance_id => {
                self.awaited = Awaited::Next;
                None
            }
            Awaited::Run(_) | Awaited::After(_) | Awaited::Next => Some(Step::Ended(Box::new(entry))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{entry, guid};

    const SYNC: TaskId = TaskId(guid(1));

    fn run(number: u32) -> InstanceId {
        InstanceId(guid(number))
    }

    fn ended(number: u32) -> Notice {
        Notice::Ended(Entry { task_id: SYNC, ..entry(number) })
    }

    fn progress(number: u32) -> Notice {
        Notice::Progress { task_id: SYNC, instance_id: run(number), value: 10 }
    }

    fn is_end_of(step: Option<Step>, number: u32) -> bool {
        matches!(step, Some(Step::Ended(entry)) if entry.instance_id == run(number))
    }

    #[test]
    fn of_a_run_only_its_own_end_counts() {
        let mut wait = Wait::of(SYNC, Awaited::Run(run(2)));
        assert_eq!(wait.hear(progress(1)), None);
        assert_eq!(wait.hear(ended(1)), None);
        assert_eq!(wait.hear(progress(2)), Some(Step::Progress(10)));
        assert!(is_end_of(wait.hear(ended(2)), 2));
    }

    #[test]
    fn a_firing_that_waits_for_a_run_ends_after_it() {
        let mut wait = Wait::of(SYNC, Awaited::After(run(1)));
        assert_eq!(wait.hear(progress(1)), None);
        assert_eq!(wait.hear(ended(1)), None);
        assert_eq!(wait.hear(progress(2)), Some(Step::Progress(10)));
        assert!(is_end_of(wait.hear(ended(2)), 2));
    }

    #[test]
    fn a_firing_that_waits_for_a_run_may_be_dropped_before_that_ends() {
        let mut wait = Wait::of(SYNC, Awaited::After(run(1)));
        assert!(is_end_of(wait.hear(ended(2)), 2));
    }

    #[test]
    fn what_joined_another_firing_has_not_ended_yet() {
        let mut wait = Wait::of(SYNC, Awaited::Next);
        let Notice::Ended(entry) = ended(1) else { unreachable!() };
        let joined = Entry { outcome: Outcome::Coalesced.into(), ..entry };
        assert_eq!(wait.hear(Notice::Ended(joined)), None);
        assert!(is_end_of(wait.hear(ended(2)), 2));
    }

    #[test]
    fn other_tasks_do_not_count() {
        let mut wait = Wait::of(TaskId(guid(9)), Awaited::Next);
        assert_eq!(wait.hear(progress(1)), None);
        assert_eq!(wait.hear(ended(1)), None);
    }
}
