//! Turns messages into text for people and JSON for scripts.

#[cfg(not(windows))]
pub(crate) mod blocked;
#[cfg(not(windows))]
pub(crate) mod card;
pub(crate) mod clean;
#[cfg(not(windows))]
pub(crate) mod consent;
#[cfg(not(windows))]
pub(crate) mod ids;
#[cfg(not(windows))]
pub(crate) mod json;
#[cfg(not(windows))]
pub(crate) mod line;
#[cfg(not(windows))]
pub(crate) mod live;
#[cfg(not(windows))]
pub(crate) mod needs;
#[cfg(not(windows))]
pub(crate) mod pause;
pub(crate) mod report;
pub(crate) mod screen;
#[cfg_attr(windows, expect(dead_code, reason = "Windows itself shows tasks and runs"))]
pub(crate) mod style;
pub(crate) mod table;
#[cfg(not(windows))]
pub(crate) mod time;
#[cfg(not(windows))]
pub(crate) mod variables;
pub(crate) mod width;
#[cfg(not(windows))]
pub(crate) mod words;
