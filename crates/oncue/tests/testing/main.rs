//! The promises of the test kit to app authors: their code runs unchanged, and the test controls
//! time.
#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app;
mod facade;
mod machine;
mod runs;
mod servers;
mod threads;
mod time;
mod triggers;
