//! The scribe: a thread that writes long answers, so that the loop does not pause for them.
//!
//! Every long answer has a place of its own, so few can wait here.

use std::io;
use std::sync::mpsc as jobs;
use std::thread;

use serde::Serialize;
use tokio::sync::mpsc;
use zbus::{DynamicType, Message};

use super::{Charge, PeerId};
use crate::event_loop::Inbox;

/// The loop's end of the scribe, which writes until this is dropped.
#[derive(Debug)]
pub(crate) struct Scribe {
    jobs: jobs::Sender<Job>,
}

/// An answer that has been written.
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
    /// Starts the thread; what it has written goes to the loop.
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

    /// Has the answer to a call written: what `body` makes, on that thread.
    pub(super) fn write<B: Serialize + DynamicType>(
        &self,
        (peer, call, charge): (PeerId, Message, Charge),
        body: impl FnOnce() -> B + Send + 'static,
    ) {
        let write = Box::new(move || Message::method_return(&call.header()).build(&body()));
        // The thread ends only with the loop, or by a fault that is in the log already.
        let _ = self.jobs.send(Job { peer, charge, write });
    }
}
