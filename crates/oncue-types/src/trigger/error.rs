//! Why a text names no trigger.

use alloc::string::String;

use crate::span::SpanError;

/// The text names no trigger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// Nothing was written.
    #[error(
        "the trigger is empty: write for example `every 15m`, `calendar daily` or `on internet-available`"
    )]
    Missing,
    /// The first word names no trigger.
    #[error(
        "unknown trigger `{word}`: the triggers are every, once, maintenance, calendar, cron, on, application, signal, startup, path, tree, device, bus and push"
    )]
    Unknown {
        /// The word.
        word: String,
    },
    /// The span is wrong.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// The span is not a whole number of minutes.
    #[error("`{text}` is not a whole number of minutes")]
    NotMinutes {
        /// The span as written.
        text: String,
    },
    /// Something is missing after the first word, or too much is there.
    #[error("`{text}` should be written `{form}`")]
    Form {
        /// What was written.
        text: String,
        /// How it is written.
        form: &'static str,
    },
    /// The event is none that can be waited for.
    #[error("unknown system event `{name}`")]
    NoEvent {
        /// The name.
        name: String,
    },
    /// Windows has the event, but this host has nothing like it.
    #[error("system event `{name}` is not available on Linux: {why}")]
    Unsupported {
        /// The name.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// The path does not begin with `/`.
    #[error("path `{path}` is not absolute")]
    NotAbsolute {
        /// The path.
        path: String,
    },
    /// The text has a character that cannot be kept.
    #[error("the trigger contains a control character at position {}", at + 1)]
    Unprintable {
        /// The place, counted in characters from 0.
        at: usize,
    },
    /// The text is too long.
    #[error("the trigger is too long: {length} bytes (limit: {limit})")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
}
