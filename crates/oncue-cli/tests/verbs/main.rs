//! What the verbs say and do, seen from outside: the built program on a stage of its own.

#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calendar;
mod check;
mod demo;
mod failures;
mod groups;
mod layout;
mod listeners;
mod machine;
mod new;
mod packages;
mod run;
mod stage;
mod triggers;
mod usage;
mod why;
