//! Makes text from other programs harmless, because terminals interpret control characters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the text with every character that a terminal would interpret, or that would reorder the
/// text, replaced by U+FFFD. This includes line ends, so split lines first.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(is_harmful) { text.replace(is_harmful, "\u{fffd}").into() } else { text.into() }
}

/// Escapes the same characters in JSON text where JSON itself permits them; the meaning stays the
/// same.
pub(crate) fn clean_json(json: &str) -> Cow<'_, str> {
    // Outside of strings, the only control characters are the line ends of the layout.
    let is_harmful = |c: char| c != '\n' && is_harmful(c);
    if !json.contains(is_harmful) {
        return json.into();
    }
    let mut cleaned = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) {
            // Writing to a String cannot fail.
            let _ = write!(cleaned, "\\u{:04x}", u32::from(c));
        } else {
            cleaned.push(c);
        }
    }
    cleaned.into()
}

/// C0, DEL and C1, and the characters that reorder text (Unicode Standard Annex 9).
fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_replaced() {
        assert_eq!(clean("sync\u{1b}[2J\u{9b}1m\r\n\u{202e}cnys"), "sync�[2J�1m���cnys");
        assert!(matches!(clean("größer, 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = serde_json::to_string("a\u{7f}\u{9b}\u{202e}b\n").unwrap();
        let cleaned = clean_json(&json);
        assert_eq!(cleaned, r#""a\u007f\u009b\u202eb\n""#);
        assert_eq!(serde_json::from_str::<String>(&cleaned).unwrap(), "a\u{7f}\u{9b}\u{202e}b\n");
    }
}
