//! A value that this version may not know: known, or kept as the text that was sent.

use std::fmt;
use std::str::FromStr;

use oncue_types::Unknown;

/// A value in text form, as in a message.
///
/// A newer program may send a word of an enumeration, a trigger or a condition that this version does
/// not know. That is neither an error nor another value: the text is kept, and can be shown or sent on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Word<T> {
    /// A value that this version knows.
    Known(T),
    /// Any other text. Empty if none was sent.
    Other(String),
}

impl<T: FromStr> Word<T> {
    /// Reads a text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Other(text.to_owned()), Self::Known)
    }
}

impl<T> Word<T> {
    /// Returns the value, if this version knows it.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Other(_) => None,
        }
    }

    /// Returns the value, if this version knows it.
    #[must_use]
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

impl<T> Default for Word<T> {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl<T> From<T> for Word<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, value: &T) -> bool {
        self.known() == Some(value)
    }
}

impl<T: fmt::Display> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Other(text) => f.pad(text),
        }
    }
}

impl<T: fmt::Display> fmt::Debug for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

/// Defines an enumeration with a word for each value.
macro_rules! enumeration {
    (
        $(#[doc = $meaning:literal])+
        $name:ident { $($(#[doc = $of_value:literal])+ $value:ident = $word:literal,)+ }
    ) => {
        $(#[doc = $meaning])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $of_value])+ $value,)+
        }

        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// Returns the value's word.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $name {
            type Err = Unknown;

            fn from_str(word: &str) -> Result<Self, Unknown> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err(Unknown),
                }
            }
        }
    };
}

enumeration! {
    /// What registering did.
    How {
        /// There is a new task.
        New = "new",
        /// The task of that name was kept.
        Kept = "kept",
        /// The task of that name was replaced.
        Replaced = "replaced",
    }
}

enumeration! {
    /// What firing a task led to.
    RunState {
        /// A run began.
        Started = "started",
        /// The task waits for its condition, or for what blocks it.
        Held = "held",
        /// A run is alive; the firing waits for its end.
        AfterThis = "after_this",
    }
}

enumeration! {
    /// How a package came to be known.
    Origin {
        /// By `oncue package add`, or because it lies beside an app that called.
        Added = "added",
        /// The system installed it.
        Installed = "installed",
    }
}

enumeration! {
    /// Who started the broker.
    StartedBy {
        /// A person, or a service that a person has written.
        User = "user",
        /// A client that found no running broker.
        Client = "client",
        /// The installed service, at log-in or when a client connected.
        Service = "service",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_types::{Outcome, Trigger};

    #[test]
    fn an_unknown_word_is_kept_and_is_not_a_known_value() {
        assert_eq!(Word::read("lost"), Outcome::Lost);
        let other = Word::<Outcome>::read("postponed");
        assert_eq!((other.to_string().as_str(), other.known()), ("postponed", None));
        assert!(Outcome::ALL.into_iter().all(|outcome| other != outcome));
    }

    #[test]
    fn a_text_is_shown_as_it_was_sent_whether_it_is_known_or_not() {
        for text in ["every 15m", "calendar Mon..Fri 9:00", "when the moon is full", ""] {
            assert_eq!(Word::<Trigger>::read(text).to_string(), text);
        }
    }
}
