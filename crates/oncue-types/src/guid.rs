//! A GUID, which identifies classes, tasks and instances. GUIDs are only parsed and displayed here,
//! never generated.

use core::fmt;
use core::str::FromStr;

/// A 128-bit identifier, used for class ids (CLSID), task ids and instance ids.
///
/// Displayed in lower case without braces; parsed in any case, with or without braces.
/// Microsoft: *GUID structure (guiddef.h)*.
///
/// ```
/// use oncue_types::Guid;
///
/// const CLASS: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
/// assert_eq!("{14C5882B-35D3-41BE-86B2-5106269B97E6}".parse(), Ok(CLASS));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Guid {
    // Two halves instead of one number, which would be aligned to 16 bytes and would enlarge
    // everything that contains ids. There may be a hundred thousand of them.
    high: u64,
    low: u64,
}

/// The text is not a GUID.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID: expected 8-4-4-4-12 hexadecimal digits, as in 14c5882b-35d3-41be-86b2-5106269b97e6")]
pub struct GuidError;

impl fmt::Debug for GuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Guid {
    /// Creates a GUID from its number. The first group of the text is the number's highest 32 bits.
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self { high: (number >> 64) as u64, low: number as u64 }
    }

    /// Returns the GUID's number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

impl FromStr for Guid {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, GuidError> {
        let bare = match text.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}').ok_or(GuidError)?,
            None => text,
        };
        if bare.len() != 36 {
            return Err(GuidError);
        }
        let mut halves = [0_u64; 2];
        for (at, byte) in bare.bytes().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(GuidError);
                }
                continue;
            }
            let digit = char::from(byte).to_digit(16).ok_or(GuidError)?;
            let half = &mut halves[usize::from(at > 18)];
            *half = *half << 4 | u64::from(digit);
        }
        let [high, low] = halves;
        Ok(Self { high, low })
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Lists contain hundreds of thousands of GUIDs, so this avoids the formatting machinery.
        let mut text = [b'-'; 36];
        let mut at = 0;
        for half in [self.high, self.low] {
            for shift in (0..64).step_by(4).rev() {
                if matches!(at, 8 | 13 | 18 | 23) {
                    at += 1;
                }
                text[at] = b"0123456789abcdef"[(half >> shift & 0xf) as usize];
                at += 1;
            }
        }
        f.write_str(core::str::from_utf8(&text).map_err(|_| fmt::Error)?)
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
    use alloc::string::ToString;

    #[test]
    fn reads_both_spellings_and_shows_one() {
        let plain: Guid = "14C5882B-35D3-41BE-86B2-5106269B97E6".parse().unwrap();
        let braced: Guid = "{14c5882b-35d3-41be-86b2-5106269b97e6}".parse().unwrap();
        assert_eq!(plain, braced);
        assert_eq!(plain.to_string(), "14c5882b-35d3-41be-86b2-5106269b97e6");
    }

    #[test]
    fn refuses_what_is_no_guid() {
        for text in [
            "",
            "{",
            "14C5882B35D341BE86B25106269B97E6",
            "{14c5882b-35d3-41be-86b2-5106269b97e6",
            "14c5882b-35d3-41be-86b2-5106269b97eg",
            "14c5882bé35d3-41be-86b2-5106269b97e6",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(GuidError), "{text}");
        }
    }
}
