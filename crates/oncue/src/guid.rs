//! A GUID, the name of classes, tasks and runs.

use std::fmt;
use std::str::FromStr;

/// A 128-bit identifier: a class id (CLSID), a task's id or a run's id.
///
/// Reads any case, with or without braces; shows lower case without braces.
/// Microsoft: *GUID structure (guiddef.h)*.
///
/// ```
/// use oncue::Guid;
///
/// const CLASS: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
/// assert_eq!("{14C5882B-35D3-41BE-86B2-5106269B97E6}".parse(), Ok(CLASS));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u128);

/// The text is not a GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID: write 8-4-4-4-12 hexadecimal digits, as in 14c5882b-35d3-41be-86b2-5106269b97e6")]
pub struct NotAGuid;

impl Guid {
    /// Makes a GUID from its number; the text's first group is the number's highest 32 bits.
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self(number)
    }

    /// Returns its number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        self.0
    }
}

impl FromStr for Guid {
    type Err = NotAGuid;

    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        let braced = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let groups: Vec<&str> = braced.unwrap_or(text).split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let digits = groups.concat();
        if lengths != [8, 4, 4, 4, 12] || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAGuid);
        }
        u128::from_str_radix(&digits, 16).map(Self).map_err(|_| NotAGuid)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
        write!(f, "{a}-{b}-{c}-{d}-{e}")
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_read_and_one_shows() {
        let class = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
        assert_eq!("14C5882B-35D3-41BE-86B2-5106269B97E6".parse(), Ok(class));
        assert_eq!("{14c5882b-35d3-41be-86b2-5106269b97e6}".parse(), Ok(class));
        assert_eq!(class.to_string(), "14c5882b-35d3-41be-86b2-5106269b97e6");
    }

    #[test]
    fn what_is_no_guid_is_refused() {
        for text in [
            "",
            "{14c5882b-35d3-41be-86b2-5106269b97e6",
            "14c5882b35d341be86b25106269b97e6",
            "+4c5882b-35d3-41be-86b2-5106269b97e6",
            "14c5882b-35d3-41be-86b2-5106269b97eg",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(NotAGuid), "{text}");
        }
    }
}
