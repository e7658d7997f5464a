//! Watches events of tasks, over a separate connection.

use std::sync::mpsc::{SyncSender, sync_channel};

use futures_util::StreamExt;
use oncue_types::{InstanceId, TaskId};
use oncue_wire::{Entry, Member as _, Signal, Watched, ask};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zbus::message::{Message, Type as Kind};
use zbus::{Connection, MessageStream};

use crate::Error;
use crate::broker::io;
use crate::broker::question::{self, Question};
use crate::broker::unreachable::Unreachable;

/// The maximum number of notices that wait here for their reader; further ones wait in the broker.
const LONGEST: usize = 256;

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
    notices: Receiver<Notice>,
}

impl Watch {
    pub(crate) fn open(messages: MessageStream, whose: Watched) -> Result<Self, Error> {
        let question = Question::of(&ask::Watch { whose }).message()?;
        let (sender, notices) = channel(LONGEST);
        let (begun, beginning) = sync_channel(1);
        io::spawn(async move {
            match begin(messages, &question).await {
                Ok(messages) => {
                    answer(&begun, Ok(()));
                    pass_on(messages, &sender).await;
                }
                Err(error) => answer(&begun, Err(error)),
            }
        })?;
        beginning.recv().unwrap_or_else(|_| Err(Unreachable::Broke.into()))?;
        Ok(Self { notices })
    }
}

impl Iterator for Watch {
    type Item = Notice;

    /// Waits for the next notice.
    fn next(&mut self) -> Option<Notice> {
        self.notices.blocking_recv()
    }
}

/// If nobody waits, the program is about to end.
fn answer(begun: &SyncSender<Result<(), Error>>, with: Result<(), Error>) {
    let _ = begun.send(with);
}

async fn begin(mut messages: MessageStream, question: &Message) -> Result<MessageStream, Error> {
    let connection = Connection::from(&messages);
    connection.send(question).await.map_err(|_| Unreachable::Broke)?;
    let serial = question.primary_header().serial_num();
    while let Some(Ok(message)) = messages.next().await {
        if message.header().reply_serial() == Some(serial) {
            question::read::<()>(ask::Watch::NAME, &message)?;
            return Ok(messages);
        }
    }
    Err(Unreachable::Broke.into())
}

async fn pass_on(mut messages: MessageStream, sender: &Sender<Notice>) {
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            () = sender.closed() => return,
        };
        let Some(Ok(message)) = message else { return };
        if let Some(notice) = notice(&message)
            && sender.send(notice).await.is_err()
        {
            return;
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
