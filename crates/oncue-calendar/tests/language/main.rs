//! The meaning of the two languages: tables of expressions, and properties of random ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod arbitrary;
mod clock_changes;
mod counterparts;
mod cron;
mod firings;
mod mistakes;
mod normal_forms;
mod reference;
mod zones;
