//! Words of an enumeration that are not known.

/// The text is not a word of the enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct Unknown;

/// Returns the value that has this name.
pub(crate) fn named<T: Copy>(
    all: &[T],
    name_of: impl Fn(T) -> &'static str,
    name: &str,
) -> Result<T, Unknown> {
    all.iter().copied().find(|value| name_of(*value) == name).ok_or(Unknown)
}
