//! A connection that is restored: after it was lost, the next question opens a new link.

use std::sync::Mutex;

use oncue_wire::Ask;
use oncue_wire::dictionary::Sendable;

use crate::Error;
use crate::broker::greeting::BROKERS;
use crate::broker::link::{Link, Pending};
use crate::broker::question::Question;
use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

/// Opens links.
pub(crate) trait Opener {
    /// Opens a link. Never called while another one is being opened.
    fn open(&self) -> Result<Link, Unreachable>;
}

/// A connection to the broker, over one link at a time.
pub(crate) struct Connection<O> {
    link: Mutex<Option<Link>>,
    opener: O,
}

impl<O: Opener> Connection<O> {
    pub(crate) const fn new(opener: O) -> Self {
        Self { link: Mutex::new(None), opener }
    }

    /// Returns the current link, or opens one.
    pub(crate) fn link(&self) -> Result<Link, Unreachable> {
        let mut slot = lock(&self.link);
        if let Some(link) = slot.as_ref().filter(|link| !link.is_broken()) {
            return Ok(link.clone());
        }
        Ok(slot.insert(self.opener.open()?).clone())
    }

    /// Drops the link. The next question opens another one, and the broker identifies the caller again.
    pub(crate) fn hang_up(&self) {
        *lock(&self.link) = None;
    }

    /// Returns the current link.
    #[cfg(feature = "testing")]
    pub(crate) fn up(&self) -> Option<Link> {
        lock(&self.link).clone().filter(|link| !link.is_broken())
    }

    pub(crate) fn opener(&self) -> &O {
        &self.opener
    }

    /// Asks a question and waits for the answer.
    pub(crate) fn ask<M: Ask>(&self, ask: &M) -> Result<M::Answer, Error> {
        self.put(Question::of(ask))
    }

    /// The same with a question that is ready to send. If the broker ends without answering, a question
    /// that only reads is asked again; one that changes something is not, because the change may have been
    /// made.
    pub(crate) fn put<A: Sendable>(&self, question: Question<A>) -> Result<A, Error> {
        question.check()?;
        for _ in 1..BROKERS {
            let Some(again) = question.again() else { break };
            let link = self.link()?;
            match link.put(again).and_then(Pending::wait) {
                Err(error) if error.is_stopping() || error.is_unreachable() && link.is_broken() => {}
                answer => return answer,
            }
        }
        self.link()?.put(question)?.wait()
    }
}
