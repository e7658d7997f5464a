//! The verbs, seen from outside: the built program on a separate stage.

#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calendar;
mod check;
mod commands;
mod completions;
mod declared;
mod demo;
mod doctor;
mod failures;
mod groups;
mod guide;
mod history;
mod layout;
mod listeners;
mod logs;
mod machine;
mod many;
mod new;
mod next;
mod packages;
mod pages;
mod pausing;
mod places;
mod run;
mod service;
#[path = "../../../oncue-broker/src/source/watches/bus/small_bus.rs"]
mod small_bus;
mod stage;
mod steering;
mod terminal;
mod timeline;
mod triggers;
mod usage;
mod waiting;
mod watches;
mod watching;
mod why;
