//! Texts as unit files contain them: systemd.syntax(7), systemd.service(5), systemd-escape(1).

/// Returns a name as part of the name of a unit.
pub(super) fn unit_name(name: &str) -> String {
    let mut escaped = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let c = char::from(byte);
        let is_plain = c.is_ascii_alphanumeric() || ":_-".contains(c) || (c == '.' && at > 0);
        if is_plain { escaped.push(c) } else { escaped.push_str(&format!("\\x{byte:02x}")) }
    }
    escaped
}

/// Returns a word of a list, such as a command line.
pub(super) fn word(text: &str) -> String {
    let text = percent(text);
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:,+@%=~$&!^*?[]{}#".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Returns a path that is the whole value of a setting; `None` if it cannot be one.
pub(super) fn path(text: &str) -> Option<String> {
    let is_whole = text.trim() == text && !text.ends_with('\\') && !text.contains(char::is_control);
    is_whole.then(|| percent(text))
}

/// Returns a text for people.
pub(super) fn description(text: &str) -> String {
    let line = percent(text).replace(char::is_control, " ");
    // A backslash at its end would continue the line.
    line.trim_end_matches(|c: char| c == '\\' || c.is_whitespace()).trim_start().to_owned()
}

/// Escapes what would begin a specifier.
fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_systemd_reads_it() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", r#""""#),
            ("50%", "50%%"),
            ("a b", r#""a b""#),
            (";", r#"";""#),
            ("it's", r#""it's""#),
            ("say \"\\\"\n\u{1b}", r#""say \"\\\"\n\x1b""#),
        ] {
            assert_eq!(word(text), expected);
        }
        assert_eq!(unit_name("my task@home"), r"my\x20task\x40home");
        assert_eq!(unit_name(".größe"), r"\x2egr\xc3\xb6\xc3\x9fe");
        assert_eq!(description(" 5%\n\\ "), "5%%");
        assert_eq!(path("/a b%"), Some("/a b%%".to_owned()));
        for text in ["/a ", "/a\n", "/a\\"] {
            assert_eq!(path(text), None, "{text:?}");
        }
    }
}
