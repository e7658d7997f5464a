//! The test kit, by what it promises app authors: their code runs unchanged, time is the test's.
#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app;
mod machine;
mod runs;
mod servers;
mod threads;
mod time;
mod triggers;
