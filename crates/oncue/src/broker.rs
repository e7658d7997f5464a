//! oncue's own broker as the host: everything that talks to it.
//!
//! A call of an app takes three steps: [`host`] makes it a question, a [`connection`] asks it, over a new
//! link if need be, and a [`link`] sends it and receives the answer.

pub(crate) mod answers;
pub(crate) mod client;
pub(crate) mod clock;
mod connection;
pub(crate) mod dial;
mod fault;
mod host;
pub(crate) mod link;
mod listening;
mod moment;
mod pace;
pub(crate) mod question;
mod report;
pub(crate) mod scope;
mod server;
mod serving;
mod socket;
mod start;
mod throttle;
pub mod tools;
pub(crate) mod unreachable;
pub mod why;

pub(crate) use host::Broker;
