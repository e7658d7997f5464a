//! A thread that serialises long answers, so that the loop does not pause for them.
//!
//! Every long answer has a reserved place, so only a few can wait here.

use std::io;
use std::sync::mpsc as jobs;
use std::thread;

use serde::Serialize;
use tokio::sync::mpsc;
use zbus::{DynamicType, Message};

use super::{Charge, PeerId};
use crate::event_loop::Inbox;

/// The loop's end of the scribe, which runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Scribe {
    jobs: jobs::Sender<Job>,
}

/// A serialised answer.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) peer: PeerId,
    pub(crate) charge: Charge,
    pub(crate) message: zbus::Result<Message>,
}

struct Job {
    peer: PeerId,
    charge: Charge,
    write: Box<dyn FnOnce() -> zbus::Result<Message> + Send>,
}

impl Scribe {
    /// Starts the thread, which sends serialised answers to the loop.
    pub(crate) fn start(inbox: mpsc::Sender<Inbox>) -> io::Result<Self> {
        let (sender, waiting) = jobs::channel::<Job>();
        thread::Builder::new().name("scribe".into()).spawn(move || {
            for Job { peer, charge, write } in waiting {
                let written = Written { peer, charge, message: write() };
                if inbox.blocking_send(Inbox::Written(written)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs: sender })
    }

    /// Serialises the answer to a call on that thread, with the body returned by `body`.
    pub(super) fn write<B: Serialize + DynamicType>(
        &self,
        (peer, call, charge): (PeerId, Message, Charge),
        body: impl FnOnce() -> B + Send + 'static,
    ) {
        let write = Box::new(move || Message::method_return(&call.header()).build(&body()));
        // The thread ends only with the loop, or with a panic that is already in the log.
        let _ = self.jobs.send(Job { peer, charge, write });
    }
}
