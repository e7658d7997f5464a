//! The text forms of enumerations: a name for each value, and an error for all other words.

/// The text is not a word of the enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct Unknown;

/// Implements `Display` and `FromStr` for an enumeration that has `ALL` and `name`.
macro_rules! named {
    ($name:ident) => {
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.name())
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::unknown::Unknown;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::ALL.into_iter().find(|value| value.name() == name).ok_or($crate::unknown::Unknown)
            }
        }
    };
}
pub(crate) use named;
