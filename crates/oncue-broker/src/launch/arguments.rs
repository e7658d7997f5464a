//! Splits a manifest's `Arguments` into a list, like Windows programs split their command line.
//!
//! Microsoft, "Parsing C command-line arguments": white space separates arguments, double quotes
//! group them, and a backslash is special only before a double quote.

/// Splits a command line into arguments.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' if !quoted => arguments.extend(current.take()),
            '"' => {
                quoted = !quoted;
                current.get_or_insert_default();
            }
            '\\' => {
                let mut slashes = 1;
                while characters.next_if_eq(&'\\').is_some() {
                    slashes += 1;
                }
                let before_quote = characters.peek() == Some(&'"');
                let text = current.get_or_insert_default();
                text.extend(std::iter::repeat_n('\\', if before_quote { slashes / 2 } else { slashes }));
                if before_quote && slashes % 2 == 1 {
                    text.extend(characters.next());
                }
            }
            _ => current.get_or_insert_default().push(c),
        }
    }
    arguments.extend(current);
    arguments
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_line_is_split_as_windows_splits_it() {
        for (line, arguments) in [
            ("", &[][..]),
            ("-StartSampleTaskServer", &["-StartSampleTaskServer"]),
            ("  a  b ", &["a", "b"]),
            (r#""a b" c"#, &["a b", "c"]),
            (r#"a"b c"d"#, &["ab cd"]),
            (r#""" x"#, &["", "x"]),
            (r"C:\dir\ x", &[r"C:\dir\", "x"]),
            (r#"\"a\" b"#, &["\"a\"", "b"]),
            (r#""a\\" b"#, &[r"a\", "b"]),
        ] {
            assert_eq!(split(line), arguments, "{line}");
        }
    }
}
