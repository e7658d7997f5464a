//! The publisher: its hash in package names, and the form of its distinguished name.

use sha2::{Digest, Sha256};

/// Digits of a publisher id: no i, l, o, u.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Returns the publisher id at the end of family names and full names: the first 64 bits of the
/// SHA-256 hash of the publisher in UTF-16LE and one zero bit, as thirteen digits of five bits.
pub(crate) fn publisher_id(publisher: &str) -> String {
    let utf16: Vec<u8> = publisher.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hash = Sha256::digest(&utf16);
    let first = hash.iter().take(8).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let bits = first << 1;
    (0..13)
        .rev()
        .filter_map(|digit| DIGITS.get((bits >> (5 * digit) & 31) as usize))
        .map(|digit| char::from(*digit))
        .collect()
}

/// The keys of a distinguished name that Windows accepts (Microsoft, "Identity (Windows 10)",
/// Publisher).
const KEYS: [&str; 20] = [
    "CN",
    "L",
    "O",
    "OU",
    "E",
    "C",
    "S",
    "STREET",
    "T",
    "G",
    "I",
    "SN",
    "DC",
    "SERIALNUMBER",
    "Description",
    "PostalCode",
    "POBox",
    "Phone",
    "X21Address",
    "dnQualifier",
];

/// Returns the first part of a publisher that does not have the form `KEY=value`, if there is one.
/// Parts are separated by a comma and one space; a value with special characters is in double
/// quotes.
pub(crate) fn misshapen_part(publisher: &str) -> Option<&str> {
    let mut rest = publisher;
    loop {
        let (part, after) = split_part(rest);
        if !is_part(part) {
            return Some(part);
        }
        rest = match after {
            None => return None,
            Some(after) => after.strip_prefix(' ').unwrap_or(""),
        };
    }
}

/// Splits the text at the first comma outside quotes.
fn split_part(text: &str) -> (&str, Option<&str>) {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => return (text.get(..at).unwrap_or(text), text.get(at + 1..)),
            _ => {}
        }
    }
    (text, None)
}

fn is_part(part: &str) -> bool {
    let Some((key, value)) = part.split_once('=') else { return false };
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let good_value =
        bare.is_some() || (!value.is_empty() && !value.contains([',', '+', '=', '"', '<', '>', '#', ';']));
    good_value && (KEYS.contains(&key) || is_object_id(key))
}

fn is_object_id(key: &str) -> bool {
    let number = |number: &str| {
        number == "0"
            || (!number.is_empty()
                && !number.starts_with('0')
                && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    key.strip_prefix("OID.").is_some_and(|id| id.contains('.') && id.split('.').all(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_published_packages() {
        for (publisher, id) in [
            (
                "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US",
                "8wekyb3d8bbwe",
            ),
            ("CN=Microsoft Windows, O=Microsoft Corporation, L=Redmond, S=Washington, C=US", "cw5n1h2txyewy"),
            ("CN=Michael Koster", "sgy29b93sak7e"),
            ("CN=Contoso", "h91ms92gdsmmt"),
        ] {
            assert_eq!(publisher_id(publisher), id, "{publisher}");
        }
    }

    #[test]
    fn a_distinguished_name_is_keys_and_values() {
        for good in [
            "CN=Contoso",
            "CN=\"Contoso, Ltd.\", O=Contoso, C=US",
            "OID.2.5.4.15=Private Organization, CN=x",
            "DC=ä",
        ] {
            assert_eq!(misshapen_part(good), None, "{good}");
        }
        for (bad, part) in [
            ("Contoso", "Contoso"),
            ("cn=Contoso", "cn=Contoso"),
            ("CN=", "CN="),
            ("CN=Contoso,O=x", ""),
            ("CN=Contoso, ", ""),
            ("CN=a+b", "CN=a+b"),
            ("CN=\"a", "CN=\"a"),
            ("CN=a, OID.1=b", "OID.1=b"),
        ] {
            assert_eq!(misshapen_part(bad), Some(part), "{bad}");
        }
    }
}
