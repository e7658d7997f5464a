//! Task servers as real processes under a real broker: how they end, misbehave, and take turns.
//!
//! The package's program is this test program itself: processes started by the broker or the tests
//! play the parts in `parts.rs`.

#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod classes;
mod client;
mod fifo;
mod hostile;
mod idle_exit;
mod misbehaving;
mod output;
mod parts;
mod replaced;
mod shortage;
mod silent;
mod slow;
mod spoken;
mod stage;
mod stranger;
mod surroundings;
mod takeover;
mod tree;
mod watched;
mod words;
