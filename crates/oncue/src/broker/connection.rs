//! A connection that comes back: the next question after a break opens a new link.

use std::sync::Mutex;

use serde::de::DeserializeOwned;
use zbus::zvariant::Type;

use crate::Error;
use crate::broker::greeting::BROKERS;
use crate::broker::link::{Link, Pending};
use crate::broker::question::Question;
use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

/// How a link is opened.
pub(crate) trait Opener {
    /// Opens one; called while no other is being opened.
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

    /// Returns the link that is up, or opens one.
    pub(crate) fn link(&self) -> Result<Link, Unreachable> {
        let mut slot = lock(&self.link);
        if let Some(link) = slot.as_ref().filter(|link| !link.is_broken()) {
            return Ok(link.clone());
        }
        Ok(slot.insert(self.opener.open()?).clone())
    }

    /// Returns the link that is up.
    #[cfg(feature = "testing")]
    pub(crate) fn up(&self) -> Option<Link> {
        lock(&self.link).clone().filter(|link| !link.is_broken())
    }

    pub(crate) fn opener(&self) -> &O {
        &self.opener
    }

    /// Asks and waits for the answer. What only looks is asked again when the broker ends without an
    /// answer; what changes something is not, since it may have been done.
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
