//! Entity and character references: XML's five own entities and numbers, nothing else.

use std::borrow::Cow;

use crate::document::DocumentProblem;
use crate::problem::quoted;
use crate::source::is_xml_character;
use crate::tree::Broken;

/// Returns an attribute's value: references resolved, white space made spaces as XML 1.0 §3.3.3
/// asks. `at` is the byte where `raw` stands in the document.
pub(crate) fn attribute_value(raw: &str, at: usize) -> Result<Cow<'_, str>, Broken> {
    let spaced = match raw.contains(['\t', '\n', '\r']) {
        false => Cow::Borrowed(raw),
        // Replaced byte by byte, so that places in the value stay places in the document.
        true => Cow::Owned(raw.replace(['\t', '\n'], " ").replace('\r', if raw.contains("\r\n") { "\r" } else { " " })),
    };
    match spaced {
        Cow::Borrowed(raw) => resolved(raw, at),
        Cow::Owned(owned) => resolved(&owned, at).map(|value| Cow::Owned(value.replace("\r ", " ").replace('\r', " "))),
    }
}

/// Returns text with its references resolved. `at` is the byte where it stands in the document.
pub(crate) fn resolved(raw: &str, at: usize) -> Result<Cow<'_, str>, Broken> {
    if !raw.contains('&') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, from)) = rest.split_once('&') {
        text.push_str(before);
        let here = at + raw.len() - from.len() - 1;
        let Some((name, after)) = from.split_once(';') else {
            return Err(broken(here, &format!("&{from}")));
        };
        text.push(character(name).ok_or_else(|| unknown(here, name))?);
        rest = after;
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
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
    let is_entity = name.starts_with(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    match is_entity {
        true => Broken { at, what: DocumentProblem::UnknownEntity { name: quoted(name) } },
        false => broken(at, &format!("&{name};")),
    }
}

fn broken(at: usize, text: &str) -> Broken {
    Broken { at, what: DocumentProblem::BrokenReference { text: quoted(text) } }
}
