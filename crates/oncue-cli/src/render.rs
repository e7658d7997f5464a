//! From messages to what a person reads, and to what a script reads.

pub(crate) mod blocked;
pub(crate) mod card;
pub(crate) mod clean;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod screen;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod words;
