//! The grammar shared by package names, resource ids and application ids.

/// Names reserved for devices, which no file on Windows may have, and therefore no package either.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Whether a name is reserved for a device on Windows: CON, PRN, AUX, NUL, COM1 to COM9, LPT1 to
/// LPT9, in any case.
pub(super) fn is_device(name: &str) -> bool {
    let numbered = |port: &str| {
        let (head, tail) = name.split_at_checked(3).unwrap_or(("", ""));
        head.eq_ignore_ascii_case(port) && matches!(tail.as_bytes(), [b'1'..=b'9'])
    };
    DEVICES.iter().any(|device| name.eq_ignore_ascii_case(device)) || numbered("COM") || numbered("LPT")
}

/// Returns the first character that is not an ASCII letter, a digit, `.` or `-`.
pub(super) fn strange_character(name: &str) -> Option<char> {
    name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
}

/// Returns the first field of an application id, separated by `.`, that is not a letter followed by
/// letters and digits.
pub(super) fn misshapen_field(id: &str) -> Option<&str> {
    id.split('.').find(|field| {
        !(field.starts_with(|c: char| c.is_ascii_alphabetic())
            && field.chars().all(|c| c.is_ascii_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_in_any_case() {
        for name in ["CON", "nul", "Com1", "LPT9"] {
            assert!(is_device(name), "{name}");
        }
        for name in ["CONTOSO", "COM0", "COM10", "LPT", "CÖM1", "COM.1", ""] {
            assert!(!is_device(name), "{name}");
        }
    }

    #[test]
    fn fields_of_an_application_id_begin_with_a_letter() {
        assert_eq!(misshapen_field("App"), None);
        assert_eq!(misshapen_field("Contoso.Primes2"), None);
        assert_eq!(misshapen_field("Contoso.2Primes"), Some("2Primes"));
        assert_eq!(misshapen_field("a..b"), Some(""));
        assert_eq!(misshapen_field("a-b"), Some("a-b"));
        assert_eq!(misshapen_field(""), Some(""));
    }
}
