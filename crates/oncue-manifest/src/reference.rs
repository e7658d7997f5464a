//! Entity and character references: XML's five predefined entities and numbers, nothing else.

use std::borrow::Cow;

use crate::document::DocumentProblem;
use crate::problem::quoted;
use crate::source::is_xml_character;
use crate::tree::Broken;

/// Returns the value of `raw`, an attribute's value or a single reference, with references resolved
/// and white space replaced by spaces (XML 1.0 §3.3.3). `at` is its byte position in the document.
pub(crate) fn resolved(raw: &str, at: usize) -> Result<Cow<'_, str>, Broken> {
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, from)) = rest.split_once('&') {
        text.push_str(&spaced(before));
        let here = at + raw.len() - from.len() - 1;
        let Some((name, after)) = from.split_once(';') else {
            return Err(broken(here, &format!("&{from}")));
        };
        text.push(character(name).ok_or_else(|| unknown(here, name))?);
        rest = after;
    }
    text.push_str(&spaced(rest));
    Ok(Cow::Owned(text))
}

fn spaced(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\t', '\n', '\r'], " ")
}

fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        };
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|c| is_xml_character(*c))
}

fn unknown(at: usize, name: &str) -> Broken {
    let is_entity = name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    match is_entity {
        true => Broken { at, what: DocumentProblem::UnknownEntity { name: quoted(name) } },
        false => broken(at, &format!("&{name};")),
    }
}

fn broken(at: usize, text: &str) -> Broken {
    Broken { at, what: DocumentProblem::BrokenReference { text: quoted(text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_what_xml_itself_declares() {
        let value = resolved("a\r\nb\tc &amp;&lt;&gt;&quot;&apos; &#228;&#xe4;&#13;", 0).unwrap();
        assert_eq!(value, "a b c &<>\"' ää\r");
    }

    #[test]
    fn names_what_it_does_not_know_and_where() {
        let entity = |name: &str| DocumentProblem::UnknownEntity { name: name.into() };
        let broken = |text: &str| DocumentProblem::BrokenReference { text: text.into() };
        for (raw, at, what) in [
            ("a &lol; b", 102, entity("lol")),
            ("AT&T", 102, broken("&T")),
            ("a & b;", 102, broken("& b;")),
            ("&#0;", 100, broken("&#0;")),
            ("&#x110000;", 100, broken("&#x110000;")),
            ("&#+65;", 100, broken("&#+65;")),
            ("&#;", 100, broken("&#;")),
            ("&;", 100, broken("&;")),
        ] {
            let found = resolved(raw, 100).err().unwrap();
            assert_eq!((found.at, found.what), (at, what), "{raw}");
        }
    }
}
