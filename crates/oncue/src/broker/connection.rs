//! A connection that is restored: after it was lost, the next question opens a new link.

use std::sync::Mutex;

use serde::de::DeserializeOwned;
use zbus::zvariant::Type;

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

    /// Returns the current link.
    #[cfg(feature = "testing")]
    pub(crate) fn up(&self) -> Option<Link> {
        lock(&self.link).clone().filter(|link| !link.is_broken())
    }

    pub(crate) fn opener(&self) -> &O {
        &self.opener
    }

    /// Asks a question and waits for the answer. If the broker ends without answering, a question
    /// that only reads is asked again; one that changes something is not, because the change may
    /// have been made.
    pub(crate) fn ask<A: DeserializeOwned + Type>(&self, question: Question<A>) -> Result<A, Error> {
        question.check()?;
        for _ in 1..BROKERS {
            let Some(again) = question.again() else { break };
            let link = self.link()?;
            match link.ask(again).and_then(Pending::wait) {
                Err(error) if error.is_stopping() || error.is_unreachable() && link.is_broken() => {}
                answer => return answer,
            }
        }
        self.link()?.ask(question)?.wait()
    }
}
