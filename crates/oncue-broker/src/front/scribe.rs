//! A thread that serialises long answers, so that the loop does not pause for them.
//!
//! Every long answer has a reserved place, so only a few can wait here.

use std::io;
use std::sync::mpsc as jobs;
use std::thread;

use serde::Serialize;
use tokio::sync::mpsc;
use zbus::{DynamicType, Message};

use super::questions::{Question, Reply};
use crate::inbox::Inbox;

/// The loop's end of the scribe, which runs until this is dropped.
#[derive(Debug)]
pub(super) struct Scribe {
    jobs: jobs::Sender<Job>,
}

/// Writes the answer to a call.
type Write = Box<dyn FnOnce(&Message) -> zbus::Result<Message> + Send>;

struct Job {
    question: Question,
    write: Write,
}

impl Scribe {
    /// Starts the thread, which sends serialised answers to the loop.
    pub(super) fn start(inbox: mpsc::Sender<Inbox>) -> io::Result<Self> {
        let (sender, waiting) = jobs::channel::<Job>();
        thread::Builder::new().name("scribe".into()).spawn(move || {
            for Job { question: Question { peer, call, charge }, write } in waiting {
                match write(&call) {
                    Ok(message) => {
                        let written = Inbox::Written(Reply { peer, message, charge });
                        if inbox.blocking_send(written).is_err() {
                            return;
                        }
                    }
                    Err(error) => tracing::error!("writing an answer: {error}; not sent"),
                }
            }
        })?;
        Ok(Self { jobs: sender })
    }

    /// Serialises an answer on that thread, with the body returned by `body`.
    pub(super) fn write<B: Serialize + DynamicType>(
        &self,
        question: Question,
        body: impl FnOnce() -> B + Send + 'static,
    ) {
        let write = Box::new(move |call: &Message| Message::method_return(&call.header()).build(&body()));
        // The thread ends only with the loop, or with a panic that is already in the log.
        let _ = self.jobs.send(Job { question, write });
    }
}
