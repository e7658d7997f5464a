//! The words of a command line, as systemd.service(5) and systemd.syntax(7) describe them.

use std::env;

/// Splits a text into words. Quotes and backslashes are understood.
pub(super) fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', _) => {
                let escaped = escaped(characters.next())?;
                word.get_or_insert_default().push(escaped);
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
    if words.iter().any(|word| word == ";") {
        return Err("it has several commands; a task has one".to_owned());
    }
    Ok(words)
}

fn escaped(c: Option<char>) -> Result<char, String> {
    match c {
        Some('n') => Ok('\n'),
        Some('t') => Ok('\t'),
        Some('s') => Ok(' '),
        Some(c @ ('\\' | '"' | '\'' | ' ' | ';' | '$' | '%')) => Ok(c),
        Some(other) => Err(format!("the escape `\\{other}` is not understood")),
        None => Err("it ends with a backslash".to_owned()),
    }
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
        for text in ["a 'b", "a\\", "a ; b", r"\q"] {
            assert!(words(text).is_err(), "{text}");
        }
        assert_eq!(expanded("50%%").unwrap(), "50%");
        assert!(expanded("%i").unwrap_err().contains("`%i`"));
    }
}
