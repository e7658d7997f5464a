//! Watches events of tasks, over a separate connection.

use oncue_types::{InstanceId, TaskId};
use oncue_wire::{Entry, Member as _, Signal, Watched, ask};
use zbus::message::{Message, Type as Kind};

use crate::broker::question::{self, Question};
use crate::broker::socket::{Socket, send_now};
use crate::broker::unreachable::Unreachable;
use crate::error::Error;

/// An event of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A task was registered, replaced, held or armed, or began a run.
    TaskChanged(TaskId),
    /// A task is no longer registered.
    TaskRemoved(TaskId),
    /// A run was entered.
    RunEntered {
        /// The task.
        task_id: TaskId,
        /// The run.
        instance_id: InstanceId,
    },
    /// A run has a new progress value.
    Progress {
        /// The task.
        task_id: TaskId,
        /// The run.
        instance_id: InstanceId,
        /// The value.
        value: u32,
    },
    /// A firing has ended.
    Ended(Entry),
}

/// The notices as they arrive. It ends when the connection to the broker is lost.
#[derive(Debug)]
pub struct Watch {
    /// Notices that are not read wait here and in the broker.
    socket: Socket,
}

impl Watch {
    pub(crate) fn open(mut socket: Socket, whose: Watched) -> Result<Self, Error> {
        let question = Question::of(&ask::Watch { whose }).message()?;
        let bytes = question.data();
        if send_now(socket.stream(), bytes) < bytes.len() {
            return Err(Unreachable::Broke.into());
        }
        let serial = question.primary_header().serial_num();
        loop {
            let message = socket.receive()?;
            if message.header().reply_serial() == Some(serial) {
                question::read::<()>(ask::Watch::NAME, &message)?;
                return Ok(Self { socket });
            }
        }
    }
}

impl Iterator for Watch {
    type Item = Notice;

    /// Waits for the next notice.
    fn next(&mut self) -> Option<Notice> {
        loop {
            let message = self.socket.receive().ok()?;
            if let Some(notice) = notice(&message) {
                return Some(notice);
            }
        }
    }
}

/// Reads a signal. Signals that this version does not know are ignored.
fn notice(message: &Message) -> Option<Notice> {
    if message.message_type() != Kind::Signal {
        return None;
    }
    Some(match Signal::read(message).ok()?? {
        Signal::TaskChanged(changed) => Notice::TaskChanged(*changed.task_id.known()?),
        Signal::TaskRemoved(removed) => Notice::TaskRemoved(*removed.task_id.known()?),
        Signal::RunEntered(entered) => Notice::RunEntered {
            task_id: *entered.task_id.known()?,
            instance_id: *entered.instance_id.known()?,
        },
        Signal::Progress(progress) => Notice::Progress {
            task_id: *progress.task_id.known()?,
            instance_id: *progress.instance_id.known()?,
            value: progress.value,
        },
        Signal::Ended(ended) => Notice::Ended(ended.entry),
    })
}
