//! Why a text is not a valid trigger.

use alloc::string::String;

use crate::span::SpanError;

/// The text is not a valid trigger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// The text is empty.
    #[error(
        "the trigger is empty: write for example `every 15m`, `calendar daily` or `on internet-available`"
    )]
    Missing,
    /// The first word is not a trigger.
    #[error(
        "unknown trigger `{word}`: the triggers are every, once, maintenance, calendar, cron, on, application, signal, startup, after, path, tree, device, bus and push"
    )]
    Unknown {
        /// The word.
        word: String,
    },
    /// The span is invalid.
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
        /// The text.
        text: String,
        /// The correct form.
        form: &'static str,
    },
    /// The event is unknown.
    #[error("unknown system event `{name}`")]
    NoEvent {
        /// The name.
        name: String,
    },
    /// Windows has the event, but this system has no equivalent.
    #[error("system event `{name}` is not available on Linux: {why}")]
    Unsupported {
        /// The name.
        name: String,
        /// The reason.
        why: &'static str,
    },
    /// The path does not begin with `/`.
    #[error("path `{path}` is not absolute")]
    NotAbsolute {
        /// The path.
        path: String,
    },
    /// The text contains a control character.
    #[error("the trigger contains a control character at position {}", at + 1)]
    Unprintable {
        /// The position, in characters from 0.
        at: usize,
    },
    /// The text is too long.
    #[error("the trigger is too long: {length} bytes (limit: {limit})")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
}
