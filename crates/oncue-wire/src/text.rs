//! How a [`Word`] travels: as its text.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use zbus::{Signature, Type};

use crate::word::Word;

impl<T> Type for Word<T> {
    const SIGNATURE: &'static Signature = <str as Type>::SIGNATURE;
}

impl<T: fmt::Display> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => serializer.serialize_str(Text::of(value).as_str()),
            Self::Other(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<T: FromStr> Visitor<'_> for Read<T> {
            type Value = Word<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Word<T>, E> {
                Ok(Word::read(text))
            }
        }

        deserializer.deserialize_str(Read(PhantomData))
    }
}

impl<T: fmt::Display> Word<T> {
    /// Returns the number of bytes of its text.
    #[must_use]
    pub fn text_len(&self) -> usize {
        struct Length(usize);

        impl fmt::Write for Length {
            fn write_str(&mut self, part: &str) -> fmt::Result {
                self.0 += part.len();
                Ok(())
            }
        }

        match self {
            Self::Known(value) => {
                let mut length = Length(0);
                // Counting cannot fail.
                let _ = write!(length, "{value}");
                length.0
            }
            Self::Other(text) => text.len(),
        }
    }
}

/// The text of a value. Messages contain hundreds of thousands of texts, and most are short, such as
/// ids; those are not allocated.
enum Text {
    Short { bytes: [u8; Self::SHORT], length: usize },
    Long(String),
}

impl Text {
    const SHORT: usize = 64;

    fn of(value: &impl fmt::Display) -> Self {
        let mut text = Self::Short { bytes: [0; Self::SHORT], length: 0 };
        // Writing to memory cannot fail.
        let _ = write!(text, "{value}");
        text
    }

    fn as_str(&self) -> &str {
        match self {
            // Only whole texts were copied, so the bytes are UTF-8.
            Self::Short { bytes, length } => std::str::from_utf8(&bytes[..*length]).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        match self {
            Self::Short { bytes, length } => {
                let end = *length + part.len();
                if let Some(room) = bytes.get_mut(*length..end) {
                    room.copy_from_slice(part.as_bytes());
                    *length = end;
                } else {
                    *self = Self::Long([self.as_str(), part].concat());
                }
            }
            Self::Long(text) => text.push_str(part),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_length_is_written_whole() {
        for length in [0, 1, Text::SHORT - 1, Text::SHORT, Text::SHORT + 1, 500] {
            let written = "ü".repeat(length);
            assert_eq!(
                Text::of(&format_args!("{written}-{written}")).as_str(),
                format!("{written}-{written}")
            );
        }
    }
}
