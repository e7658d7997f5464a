//! Following what becomes of tasks: notices and Ctrl-C in one queue, and the end that is waited for.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use oncue::tools::{Broker, Entry, Notice, Watched};

use crate::failure::Failure;
use crate::signals;

/// How many happenings may wait; then whoever has more waits too.
const QUEUE: usize = 256;

/// One thing that happened while somebody waited.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The broker says so.
    Notice(Box<Notice>),
    /// The broker says nothing any more.
    Gone,
    /// The user wants an end.
    Interrupted,
    /// Nothing, up to the deadline.
    Nothing,
}

/// What happens, in order.
#[derive(Debug)]
pub(crate) struct Happenings {
    sender: SyncSender<Happening>,
    queue: Receiver<Happening>,
}

impl Happenings {
    /// Begins to hear of Ctrl-C, which does not end the process any more.
    pub(crate) fn of_signals() -> Result<Self, Failure> {
        let (sender, queue) = sync_channel(QUEUE);
        let heard = sender.clone();
        // When nobody waits any more, the process is about to end.
        signals::hear(move || drop(heard.send(Happening::Interrupted))).map_err(Failure::Signals)?;
        Ok(Self { sender, queue })
    }

    /// Begins to hear from the broker too; what is caused after this returns will be heard of.
    pub(crate) fn watch(&self, broker: &Broker) -> Result<(), Failure> {
        let watch = broker.watch(Watched::All)?;
        let sender = self.sender.clone();
        thread::spawn(move || {
            let last = std::iter::once(Happening::Gone);
            let all = watch.map(|notice| Happening::Notice(Box::new(notice))).chain(last);
            for happening in all {
                if sender.send(happening).is_err() {
                    return;
                }
            }
        });
        Ok(())
    }

    /// Waits for the next one, for ever or until the deadline.
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

/// Which end of a task's firings is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// That of this run.
    Run(String),
    /// That of the firing which waits for the end of this run.
    After(String),
    /// The next.
    Next,
}

/// What a notice means for who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The run was entered.
    Entered,
    /// It has this progress.
    Progress(u32),
    /// It has ended.
    Ended(Box<Entry>),
}

/// Waiting for the end of one firing of one task.
#[derive(Debug)]
pub(crate) struct Wait {
    task_id: String,
    awaited: Awaited,
}

impl Wait {
    /// Waits for that end of that task.
    pub(crate) fn of(task_id: &str, awaited: Awaited) -> Self {
        Self { task_id: task_id.to_owned(), awaited }
    }

    /// Returns what a notice means for the firing that is waited for, if anything.
    pub(crate) fn hear(&mut self, notice: Notice) -> Option<Step> {
        match notice {
            Notice::RunEntered { task_id, instance_id } if self.is(&task_id, &instance_id) => {
                Some(Step::Entered)
            }
            Notice::Progress(run) if self.is(&run.task_id, &run.instance_id) => {
                Some(Step::Progress(run.value))
            }
            // What joined another firing ends with that one's run, which is still to come.
            Notice::Ended(entry) if entry.task_id == self.task_id && entry.outcome != "coalesced" => {
                self.ended(entry)
            }
            _ => None,
        }
    }

    fn is(&self, task_id: &str, instance_id: &str) -> bool {
        let run = match &self.awaited {
            Awaited::Run(run) => run == instance_id,
            Awaited::After(run) => run != instance_id,
            Awaited::Next => true,
        };
        run && task_id == self.task_id
    }

    fn ended(&mut self, entry: Entry) -> Option<Step> {
        match &self.awaited {
            Awaited::Run(run) if *run != entry.instance_id => None,
            Awaited::After(run) if *run == entry.instance_id => {
                self.awaited = Awaited::Next;
                None
            }
            _ => Some(Step::Ended(Box::new(entry))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue::tools::Progress;

    fn ended(instance_id: &str) -> Notice {
        Notice::Ended(Entry {
            instance_id: instance_id.into(),
            task_id: "sync".into(),
            name: "sync".into(),
            package: "app".into(),
            fired_at: 0,
            started_at: None,
            ended_at: 1,
            outcome: "completed".into(),
            reason: None,
            progress: None,
            firings: 1,
            exit_status: None,
            message: None,
        })
    }

    fn progress(instance_id: &str) -> Notice {
        Notice::Progress(Progress { task_id: "sync".into(), instance_id: instance_id.into(), value: 10 })
    }

    fn is_end_of(step: Option<Step>, instance_id: &str) -> bool {
        matches!(step, Some(Step::Ended(entry)) if entry.instance_id == instance_id)
    }

    #[test]
    fn of_a_run_only_its_own_end_counts() {
        let mut wait = Wait::of("sync", Awaited::Run("2".into()));
        assert_eq!(wait.hear(progress("1")), None);
        assert_eq!(wait.hear(ended("1")), None);
        assert_eq!(wait.hear(progress("2")), Some(Step::Progress(10)));
        assert!(is_end_of(wait.hear(ended("2")), "2"));
    }

    #[test]
    fn a_firing_that_waits_for_a_run_ends_after_it() {
        let mut wait = Wait::of("sync", Awaited::After("1".into()));
        assert_eq!(wait.hear(progress("1")), None);
        assert_eq!(wait.hear(ended("1")), None);
        assert_eq!(wait.hear(progress("2")), Some(Step::Progress(10)));
        assert!(is_end_of(wait.hear(ended("2")), "2"));
    }

    #[test]
    fn a_firing_that_waits_for_a_run_may_be_dropped_before_that_ends() {
        let mut wait = Wait::of("sync", Awaited::After("1".into()));
        assert!(is_end_of(wait.hear(ended("2")), "2"));
    }

    #[test]
    fn what_joined_another_firing_has_not_ended_yet() {
        let mut wait = Wait::of("sync", Awaited::Next);
        let Notice::Ended(entry) = ended("1") else { unreachable!() };
        let joined = Entry { outcome: "coalesced".into(), ..entry };
        assert_eq!(wait.hear(Notice::Ended(joined)), None);
        assert!(is_end_of(wait.hear(ended("2")), "2"));
    }

    #[test]
    fn other_tasks_do_not_count() {
        let mut wait = Wait::of("other", Awaited::Next);
        assert_eq!(wait.hear(progress("1")), None);
        assert_eq!(wait.hear(ended("1")), None);
    }
}
