//! The paths that a trigger can name.

/// Why a path cannot be watched, on any file system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A client has replaced bytes that are not UTF-8 by U+FFFD, so this is not the original path.
    #[error("it is not valid UTF-8 (invalid bytes are shown as U+FFFD)")]
    NotUtf8,
    /// No file system permits such a long name.
    #[error("one of its names is too long: {length} bytes (limit: {limit})")]
    NameTooLong {
        /// The length of the name.
        length: usize,
        /// The limit.
        limit: usize,
    },
}

/// The maximum number of bytes in a name: `NAME_MAX`.
const NAME_MAX: usize = 255;

/// Checks a path before it is watched.
///
/// # Errors
/// Returns an error if no file can have this path.
pub fn check(path: &str) -> Result<(), PathError> {
    if path.contains(char::REPLACEMENT_CHARACTER) {
        return Err(PathError::NotUtf8);
    }
    match path.split('/').map(str::len).max() {
        Some(length) if length > NAME_MAX => Err(PathError::NameTooLong { length, limit: NAME_MAX }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_as_long_as_a_file_system_takes_it() {
        let path = |length| alloc::format!("/tmp/{}/file", "x".repeat(length));
        assert_eq!(check(&path(NAME_MAX)), Ok(()));
        assert_eq!(check(&path(256)), Err(PathError::NameTooLong { length: 256, limit: NAME_MAX }));
        assert_eq!(check(&"/long/path".repeat(400)), Ok(()));
    }
}
