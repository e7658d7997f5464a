//! The code of a Rust file: its text with comments and text literals blanked out.

/// Returns `source` with every comment, string and character literal replaced by spaces.
///
/// Line numbers stay the same. Follows the token grammar of the Rust Reference, chapter "Tokens",
/// as far as necessary to know where a literal or a comment ends.
pub(super) fn code_of(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while !rest.is_empty() {
        let (kept, blanked) = next_piece(rest);
        let (code, tail) = rest.split_at(kept);
        let (quiet, tail) = tail.split_at(blanked);
        out.push_str(code);
        out.extend(quiet.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = tail;
    }
    out
}

/// Returns how many bytes at the start of `rest` are code, and how many after these to blank out.
fn next_piece(rest: &str) -> (usize, usize) {
    if rest.starts_with("//") {
        return (0, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (0, block_comment(rest));
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    match rest.as_bytes()[0] {
        b'"' => (0, quoted(rest, '"')),
        b'\'' if is_character(rest) => (0, quoted(rest, '\'')),
        _ => match identifier(rest) {
            0 => (first, 0),
            len if matches!(&rest[..len], "r" | "br" | "cr") => (len, raw_string(&rest[len..])),
            len => (len, 0),
        },
    }
}

fn identifier(rest: &str) -> usize {
    rest.find(|c| !super::words::is_part(c)).unwrap_or(rest.len())
}

/// The length of a block comment; such comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        let tail = &rest.as_bytes()[at..];
        if tail.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Whether the `'` at the start opens a character literal and not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// The length of a literal that opens and closes with `quote`.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// The length of the part of a raw string that follows its `r`; 0 if none follows.
fn raw_string(rest: &str) -> usize {
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    if rest.as_bytes().get(hashes) != Some(&b'"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let body = hashes + 1;
    rest[body..].find(&close).map_or(rest.len(), |at| body + at + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> String {
        code_of(source).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_blanked_and_lines_stay() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), "a f");
        assert_eq!(code_of("/*\n\n*/a").lines().count(), 3);
    }

    #[test]
    fn literals_are_blanked() {
        assert_eq!(words(r#"a("b \" c"); d"#), "a( ); d");
        assert_eq!(words("a(r#\"b \" c\"#) d"), "a(r ) d");
        assert_eq!(words("a(b'\\'', '\"', 'é') d"), "a(b , , ) d");
    }

    #[test]
    fn lifetimes_and_raw_identifiers_are_code() {
        assert_eq!(words("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
        assert_eq!(words("let r#type = 1;"), "let r#type = 1;");
    }

    #[test]
    fn what_never_closes_ends_with_the_file() {
        assert_eq!(words("a \"b"), "a");
        assert_eq!(words("a /* b"), "a");
        assert_eq!(words("a r#\"b\""), "a r");
    }
}
