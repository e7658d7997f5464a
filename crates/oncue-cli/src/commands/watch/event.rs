//! Events that reach the live view, and effects that it has.

use oncue::tools::{BrokerInfo, Entry, Fired, InstanceId, Resumed, TaskId, TaskInfo, Wall};
use oncue::why::Why;
use oncue_broker::output::Kind;
use ratatui_core::layout::Size;

use super::key::Key;
use crate::exit::Exit;
use crate::kept::Kept;

/// Something happened.
#[derive(Debug)]
pub(super) enum Event {
    /// The user pressed a key.
    Key(Key),
    /// The terminal has another size.
    Resized(Size),
    /// The broker said something.
    News(News),
    /// The process continues after it was stopped.
    Continued,
    /// The process is asked to end, or the terminal is gone.
    Terminated,
    /// A thread has panicked.
    Panicked,
}

/// What became known about the broker and its tasks.
#[derive(Debug)]
pub(super) enum News {
    /// The broker answers, and these are its tasks and the last entries of the ledger, latest first.
    Everything { about: Box<BrokerInfo>, tasks: Vec<TaskInfo>, entries: Vec<Entry> },
    /// Some of it has changed.
    Changed(Changed),
    /// The broker does not answer, for this reason.
    Gone(String),
    /// What the user asked for has been done.
    Done(Done),
    /// What the user asked for was refused, or failed.
    Refused(String),
    /// Why a task runs or does not run.
    Explained(Box<Explained>),
    /// What a run has written since the last time.
    Written(InstanceId, Vec<OutputLine>),
}

/// Changes since the last time.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The broker.
    pub(super) about: Option<Box<BrokerInfo>>,
    /// Tasks that are new or differ.
    pub(super) tasks: Vec<TaskInfo>,
    /// Tasks that are no longer registered.
    pub(super) removed: Vec<TaskId>,
    /// Firings that have ended, oldest first.
    pub(super) ended: Vec<Entry>,
}

/// A request that the broker has carried out.
#[derive(Debug)]
pub(super) enum Done {
    Fired(Box<Fired>),
    Cancelled(TaskId),
    Paused(TaskId),
    Resumed(TaskId),
    AllPaused,
    AllResumed(Resumed),
}

/// Why a task runs or does not run, and where the output of its last runs is.
#[derive(Debug)]
pub(super) struct Explained {
    pub(super) why: Why,
    pub(super) kept: Kept,
}

/// A line that a run has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputLine {
    pub(super) at: Wall,
    pub(super) kind: Kind,
    pub(super) continues: bool,
    pub(super) text: String,
}

/// What the live view wants to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Ask the broker.
    Ask(Request),
    /// Begin to read what a run has written and writes.
    Read(TaskId, InstanceId),
    /// Read no longer.
    StopReading,
    /// Stop the process, as Ctrl-Z does elsewhere.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// End.
    Leave(Exit),
}

/// A request to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Fire a task; with its conditions.
    Fire(TaskId),
    /// Cancel a task's run, or drop its held firing.
    Cancel(TaskId),
    Pause(TaskId),
    Resume(TaskId),
    PauseAll,
    ResumeAll,
    /// Say why a task runs or does not run.
    Explain(TaskId),
}
