//! Writes values as TOML.

/// Returns a key as TOML.
pub(crate) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { basic(name) }
}

/// Returns a text as TOML, in the form that needs the fewest escapes.
pub(crate) fn text(text: &str) -> String {
    let printable = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
    let is_awkward = text.contains(['"', '\\']);
    if text.contains('\n') && printable(text) && !text.contains("'''") && !text.ends_with('\'') {
        format!("'''\n{text}'''")
    } else if is_awkward && printable(text) && !text.contains(['\'', '\n']) {
        format!("'{text}'")
    } else {
        basic(text)
    }
}

/// Returns a list of texts as TOML.
pub(crate) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|one| text(one.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// Returns a text as a basic string, with escapes.
fn basic(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            c if c.is_control() => written.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => written.push(c),
        }
    }
    written + "\""
}

#[cfg(test)]
mod tests {
    use toml::de::DeValue;

    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_written() {
        for one in [
            "",
            "plain",
            "it's",
            "say \"hi\"",
            r"C:\new",
            "both ' and \"",
            "two\nlines",
            "\nfirst",
            "'''\n",
            "a\nb'",
            "tab\tand\u{7f}\u{1b}",
            "größer",
            "\r\n",
            "\\\n",
        ] {
            let written = text(one);
            let read = DeValue::parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(read.get_ref().as_str(), Some(one), "{written}");
        }
        assert_eq!(text(r#"a "b""#), r#"'a "b"'"#);
        assert_eq!((key("a-b").as_str(), key("a b").as_str()), ("a-b", "\"a b\""));
    }
}
