//! A word of an enumeration in a message: known, or kept as it was sent.

use std::fmt;
use std::ops::Deref;

use oncue_types::{Access, CancellationReason, Outcome, RegisterMode, TaskState};
use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use zbus::{Signature, Type};

/// An enumeration that has a word for each of its values.
pub trait Words: Copy + PartialEq + fmt::Debug + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// Returns the value's word.
    fn word(self) -> &'static str;
}

/// A word of an enumeration.
///
/// A newer program may send a word that this version does not know. It is neither an error nor another
/// value: it is kept, and can be shown or sent on.
#[derive(Clone, PartialEq, Eq)]
pub enum Word<T> {
    /// A word that this version knows.
    Known(T),
    /// Any other word. Empty if none was sent.
    Other(String),
}

impl<T: Words> Word<T> {
    /// Reads a word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        let known = T::ALL.iter().find(|value| value.word() == word);
        known.map_or_else(|| Self::Other(word.to_owned()), |value| Self::Known(*value))
    }

    /// Returns the word as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(value) => value.word(),
            Self::Other(word) => word,
        }
    }

    /// Returns the value, if this version knows the word.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
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

impl<T: Words> From<&str> for Word<T> {
    fn from(word: &str) -> Self {
        Self::read(word)
    }
}

/// A word can be shown and compared as the text that it is sent as.
impl<T: Words> Deref for Word<T> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<T: Words> PartialEq<&str> for Word<T> {
    fn eq(&self, word: &&str) -> bool {
        self.as_str() == *word
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, value: &T) -> bool {
        matches!(self, Self::Known(known) if known == value)
    }
}

impl<T: Words> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<T: Words> fmt::Debug for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<T> Type for Word<T> {
    const SIGNATURE: &'static Signature = <str as Type>::SIGNATURE;
}

impl<T: Words> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(std::marker::PhantomData<T>);

        impl<T: Words> Visitor<'_> for Read<T> {
            type Value = Word<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Word<T>, E> {
                Ok(Word::read(word))
            }
        }

        deserializer.deserialize_str(Read(std::marker::PhantomData))
    }
}

/// Gives an enumeration its words.
macro_rules! words {
    ($name:ident: $($value:ident = $word:literal),+ $(,)?) => {
        impl Words for $name {
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }
    };
    ($name:ident) => {
        impl Words for $name {
            const ALL: &'static [Self] = &$name::ALL;

            fn word(self) -> &'static str {
                self.name()
            }
        }
    };
}

words!(Access);
words!(CancellationReason);
words!(Outcome);
words!(RegisterMode);
words!(TaskState);
words!(How: New = "new", Kept = "kept", Replaced = "replaced");
words!(RunState: Started = "started", Held = "held", AfterThis = "after_this");
words!(Origin: Added = "added", Installed = "installed");

/// What registering did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// There is a new task.
    New,
    /// The task of that name was kept.
    Kept,
    /// The task of that name was replaced.
    Replaced,
}

/// What became of a firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// A run began.
    Started,
    /// The task waits for its condition.
    Held,
    /// A run is alive; the firing waits for its end.
    AfterThis,
}

/// How a package came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By `oncue package add`, or because it lies beside an app that called.
    Added,
    /// The system installed it.
    Installed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_kept_and_is_no_known_value() {
        assert_eq!(Word::read("lost"), Outcome::Lost);
        let other = Word::<Outcome>::read("postponed");
        assert_eq!((other.as_str(), other.known()), ("postponed", None));
        assert!(Outcome::ALL.into_iter().all(|outcome| other != outcome));
    }
}
