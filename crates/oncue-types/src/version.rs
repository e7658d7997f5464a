//! A version: four numbers.

use core::fmt;
use core::str::FromStr;

/// A version of a package or of Windows: `major.minor.build.revision`, compared from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number.
    pub build: u16,
    /// Fourth number.
    pub revision: u16,
}

/// The text is not a version.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version: expected four numbers from 0 to 65535 without leading zeros, as in 1.0.0.0")]
pub struct VersionError;

impl fmt::Debug for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Version {
    /// Creates a version from its four numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, build: u16, revision: u16) -> Self {
        Self { major, minor, build, revision }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.split('.').map(number);
        let mut next = || numbers.next().flatten().ok_or(VersionError);
        let version = Self { major: next()?, minor: next()?, build: next()?, revision: next()? };
        if numbers.next().is_some() { Err(VersionError) } else { Ok(version) }
    }
}

fn number(text: &str) -> Option<u16> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.build, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn reads_four_numbers_and_orders_them() {
        let old: Version = "10.0.9999.0".parse().unwrap();
        let new: Version = "10.0.19041.0".parse().unwrap();
        assert!(old < new);
        assert_eq!(new, Version::new(10, 0, 19041, 0));
        assert_eq!("0.65535.0.1".parse::<Version>().unwrap().to_string(), "0.65535.0.1");
    }

    #[test]
    fn refuses_text_that_is_not_a_version() {
        for text in [
            "",
            "1",
            "1.0.0",
            "1.0.0.0.0",
            "1.0.0.65536",
            "1.0.0.-1",
            "+1.0.0.0",
            "01.0.0.0",
            "1.0.0.",
            " 1.0.0.0",
            "1.0.0.x",
            "1.0.0.٣",
        ] {
            assert_eq!(text.parse::<Version>(), Err(VersionError), "{text}");
        }
    }
}
