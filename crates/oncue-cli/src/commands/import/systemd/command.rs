//! The words of a command line, as systemd.service(5) and systemd.syntax(7) describe them.

use std::env;
use std::str::Chars;

/// Splits a text into words. Quotes and backslashes are understood.
pub(super) fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', _) => {
                let escaped = escaped(&mut characters)?;
                word.get_or_insert_default().push_str(&escaped);
            }
            (';', None)
                if word.is_none() && characters.as_str().chars().next().is_none_or(char::is_whitespace) =>
            {
                return Err("it has several commands; a task has one".to_owned());
            }
            ('"' | '\'', None) if word.is_none() => {
                quote = Some(c);
                word = Some(String::new());
            }
            (c, Some(mark)) if c == mark => quote = None,
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

/// Reads what follows a backslash.
fn escaped(characters: &mut Chars<'_>) -> Result<String, String> {
    let one = match characters.next() {
        Some('a') => '\u{7}',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('s') => ' ',
        Some('t') => '\t',
        Some('v') => '\u{b}',
        Some('x') => return bytes(characters),
        Some(c @ ('\\' | '"' | '\'' | ' ' | ';' | '$' | '%')) => c,
        Some(other) => return Err(format!("the escape `\\{other}` is not understood")),
        None => return Err("it ends with a backslash".to_owned()),
    };
    Ok(one.into())
}

/// Reads the bytes of `\xNN`, and of those that follow it: together they may be one character.
fn bytes(characters: &mut Chars<'_>) -> Result<String, String> {
    let mut bytes = Vec::new();
    loop {
        let digits: String = characters.by_ref().take(2).collect();
        let byte = u8::from_str_radix(&digits, 16).ok().filter(|byte| *byte != 0);
        bytes.push(byte.ok_or_else(|| format!("the escape `\\x{digits}` is not understood"))?);
        match characters.as_str().strip_prefix("\\x") {
            Some(rest) => *characters = rest.chars(),
            None => return String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()),
        }
    }
}

/// Returns the name that the name of a unit stands for, as in systemd-escape(1).
pub(super) fn unescaped(name: &str) -> String {
    let mut unescaped = String::new();
    let mut characters = name.chars();
    while let Some(c) = characters.next() {
        let rest = characters.as_str();
        match rest.strip_prefix('x').filter(|_| c == '\\') {
            None => unescaped.push(c),
            Some(digits) => {
                characters = digits.chars();
                match bytes(&mut characters) {
                    Ok(read) => unescaped.push_str(&read),
                    Err(_) => return name.to_owned(),
                }
            }
        }
    }
    unescaped
}

/// Replaces specifiers: `%h` is the home folder, `%%` a percent sign.
pub(super) fn expanded(text: &str) -> Result<String, String> {
    let mut expanded = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '%' {
            expanded.push(c);
            continue;
        }
        match characters.next() {
            Some('%') => expanded.push('%'),
            Some('h') => {
                let home = env::home_dir().ok_or("your home folder is unknown")?;
                expanded.push_str(home.to_str().ok_or("your home folder is not UTF-8")?);
            }
            other => {
                let other = other.map(String::from).unwrap_or_default();
                return Err(format!("the specifier `%{other}` is not understood"));
            }
        }
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_systemd_does() {
        let of = |text: &str| words(text).unwrap();
        assert_eq!(of(r#"a "b c" 'd "e' f\sg"#), ["a", "b c", "d \"e", "f g"]);
        assert_eq!(of(r#"a "" b=it's"#), ["a", "", "b=it's"]);
        assert_eq!(of(r#"a ";" \x1b\xc3\xb6\; b;"#), ["a", ";", "\u{1b}ö;", "b;"]);
        assert_eq!([r"a\x20b", r"\xc3\xb6-", r"a\xff"].map(unescaped), ["a b", "ö-", r"a\xff"]);
        for text in ["a 'b", "a\\", "a ; b", "a ;", r"\q", r"\x0", r"\xff"] {
            assert!(words(text).is_err(), "{text}");
        }
        assert_eq!(expanded("50%%").unwrap(), "50%");
        assert!(expanded("%i").unwrap_err().contains("`%i`"));
    }
}
