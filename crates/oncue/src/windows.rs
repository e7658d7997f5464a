//! Windows as the host: its own broker of background tasks, and COM.
//!
//! The pure files of this folder (what to request, and what an answer means) are tested on every
//! platform. Only the other files of this crate may be `unsafe`.

mod absent;
mod failures;
mod fault;
mod meaning;
mod number;
mod request;

#[cfg(windows)]
mod activation;
#[cfg(windows)]
mod apartment;
#[cfg(windows)]
mod class_object;
#[cfg(windows)]
mod events;
#[cfg(windows)]
mod host;
#[cfg(windows)]
mod identity;
#[cfg(windows)]
mod presence;
#[cfg(windows)]
mod registry;
#[cfg(windows)]
mod report;
#[cfg(windows)]
mod server;

#[cfg(test)]
#[cfg(windows)]
mod tests;

#[cfg(windows)]
pub(crate) use absent::no_trigger;
#[cfg(windows)]
pub(crate) use host::Windows;
