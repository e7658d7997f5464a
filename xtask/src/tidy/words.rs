//! Whole words in a line of text, and the lines that contain them.

/// Whether `line` contains `word` without a letter, digit or underscore on either side.
///
/// A side is only checked if `word` ends in such a character there, so that the name of a macro
/// with its `!` is also a word.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(is_part) && outer.is_some_and(is_part)
        };
        !joins(word.chars().next(), before) && !joins(word.chars().next_back(), after)
    })
}

/// Returns the lines that contain `word`, counted from 1.
pub(super) fn lines_with<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.lines().enumerate().filter(move |(_, line)| has_word(line, word)).map(|(index, _)| index + 1)
}

pub(super) fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_whole_only() {
        assert!(has_word("use std::fmt;", "std"));
        assert!(has_word("(stop!())", "stop!"));
        assert!(!has_word("let stdin = 1;", "std"));
        assert!(!has_word("non_stop!()", "stop!"));
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!(lines_with("a\nb a\nab", "a").collect::<Vec<_>>(), [1, 2]);
    }
}
