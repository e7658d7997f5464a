//! A connection that is restored: after its link was lost, the next question opens a new one.

use std::sync::Mutex;

use oncue_wire::Ask;
use oncue_wire::dictionary::Sendable;

use crate::broker::dial::Start;
use crate::broker::link::{Link, Pending};
use crate::broker::question::Question;
use crate::broker::socket::BROKERS;
use crate::broker::unreachable::Unreachable;
use crate::error::Error;
use crate::lock::lock;

/// Opens a link. Never called while another one is being opened.
type Open = Box<dyn Fn(Start) -> Result<Link, Unreachable> + Send + Sync>;

/// A connection to the broker, over one link at a time.
pub(crate) struct Connection {
    open: Open,
    opening: Mutex<()>,
    link: Mutex<Option<Link>>,
}

impl Connection {
    pub(crate) fn new(open: impl Fn(Start) -> Result<Link, Unreachable> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), opening: Mutex::new(()), link: Mutex::new(None) }
    }

    /// Returns the current link, unless it is lost.
    pub(crate) fn current(&self) -> Option<Link> {
        lock(&self.link).clone().filter(|link| !link.is_broken())
    }

    /// Returns the current link, or opens one.
    pub(crate) fn link(&self) -> Result<Link, Unreachable> {
        self.link_by(Start::IfNone)
    }

    /// The same, but does not start a broker.
    pub(crate) fn link_by(&self, start: Start) -> Result<Link, Unreachable> {
        if let Some(link) = self.current() {
            return Ok(link);
        }
        let _one_at_a_time = lock(&self.opening);
        if let Some(link) = self.current() {
            return Ok(link);
        }
        let link = (self.open)(start)?;
        *lock(&self.link) = Some(link.clone());
        Ok(link)
    }

    /// Drops the link. The next question opens another one, and the broker identifies the caller again.
    pub(crate) fn hang_up(&self) {
        *lock(&self.link) = None;
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
