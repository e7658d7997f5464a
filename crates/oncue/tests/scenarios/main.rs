//! The SDK against a scripted broker: every test starts itself again as the app.
#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking_why;
mod awaiting;
mod fake_broker;
mod grouping;
mod leaving;
mod listening;
mod progress;
mod registering;
mod running;
mod starting;
mod steering;
mod unblocking;
