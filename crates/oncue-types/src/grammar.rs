//! Parses conditions: `internet and not (free-network or no-internet)`.
//!
//! ```text
//! any  = all { "or" all }
//! all  = one { ("and" | ",") one }
//! one  = "not" one | "(" any ")" | predicate
//! ```

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use crate::condition::Condition;
use crate::predicate::Predicate;

/// The maximum depth of parentheses and `not`, and the maximum number of words.
const MAX_DEPTH: usize = 16;
const MAX_WORDS: usize = 256;

/// The position of an error in a text, and what was expected there.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {} of `{text}`", at + 1)]
pub struct Mistake {
    /// The whole text.
    pub text: String,
    /// The position, in characters from 0.
    pub at: usize,
    /// What is wrong, and what would be valid.
    pub what: String,
}

impl fmt::Debug for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Parses a whole condition.
pub(crate) fn condition(text: &str) -> Result<Condition, Mistake> {
    let words = words(text);
    if words.len() > MAX_WORDS {
        return Err(mistake(text, words[MAX_WORDS].0, "too long: a condition may have 256 words"));
    }
    let mut reader = Reader { text, words, next: 0 };
    let condition = reader.any(0)?;
    match reader.peek() {
        None => Ok(condition),
        Some(word) => {
            Err(reader.mistake(&alloc::format!("unexpected `{word}`: expected `and`, `or` or the end")))
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    words: Vec<(usize, &'t str)>,
    next: usize,
}

impl<'t> Reader<'t> {
    fn any(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut parts = alloc::vec![self.all(depth)?];
        while self.take(&["or"]) {
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, Mistake> {
        let mut parts = alloc::vec![self.one(depth)?];
        while self.take(&["and", ","]) {
            parts.push(self.one(depth)?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn one(&mut self, depth: usize) -> Result<Condition, Mistake> {
        if depth > MAX_DEPTH {
            return Err(self.mistake("nested too deeply (limit: 16 levels)"));
        }
        if self.take(&["not"]) {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take(&["("]) {
            let inner = self.any(depth + 1)?;
            return if self.take(&[")"]) { Ok(inner) } else { Err(self.mistake("expected `)`")) };
        }
        let Some(word) = self.peek() else {
            return Err(self.mistake(&expected("the text ends too early")));
        };
        match Predicate::read(word) {
            Ok(predicate) => {
                self.next += 1;
                Ok(Condition::Is(predicate))
            }
            Err(why) => Err(self.mistake(&expected(&why))),
        }
    }

    fn peek(&self) -> Option<&'t str> {
        self.words.get(self.next).map(|(_, word)| *word)
    }

    fn take(&mut self, wanted: &[&str]) -> bool {
        let found = self.peek().is_some_and(|word| wanted.contains(&word));
        self.next += usize::from(found);
        found
    }

    fn mistake(&self, what: &str) -> Mistake {
        let end = self.text.chars().count();
        mistake(self.text, self.words.get(self.next).map_or(end, |(at, _)| *at), what)
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn expected(what: &str) -> String {
    let mut text = alloc::format!("{what}: expected `not`, `(` or one of");
    for (at, word) in Predicate::words().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{} {word}", if at > 0 { "," } else { "" });
    }
    text
}

fn mistake(text: &str, at: usize, what: &str) -> Mistake {
    Mistake { text: text.into(), at, what: what.into() }
}

/// Splits a text into words and signs, each with its position in characters.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start: Option<(usize, usize)> = None;
    for (at, (byte, c)) in text.char_indices().enumerate() {
        let sign = matches!(c, '(' | ')' | ',');
        if (sign || c.is_whitespace())
            && let Some((from, first)) = start.take()
        {
            words.push((from, &text[first..byte]));
        }
        if sign {
            words.push((at, &text[byte..byte + 1]));
        } else if !c.is_whitespace() && start.is_none() {
            start = Some((at, byte));
        }
    }
    if let Some((from, first)) = start {
        words.push((from, &text[first..]));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn shows_what_it_reads() {
        for (written, shown) in [
            ("internet", "internet"),
            ("internet, free-network", "internet and free-network"),
            ("internet or not no-internet", "internet or not no-internet"),
            ("(internet)", "internet"),
            ("ac or battery-above-050", "ac or battery-above-50"),
            ("not (internet or free-network) and internet", "not (internet or free-network) and internet"),
            ("internet and free-network or no-internet", "(internet and free-network) or no-internet"),
        ] {
            let condition = condition(written).unwrap();
            assert_eq!(condition.to_string(), shown);
            assert_eq!(super::condition(shown).unwrap(), condition, "{shown} reads back");
        }
    }

    #[test]
    fn a_mistake_tells_its_place() {
        for (written, at) in [
            ("", 0),
            ("intrnet", 0),
            ("internet and", 12),
            ("ac or battery-above-100", 6),
            ("ac or battery-above-", 6),
            ("internet no-internet", 9),
            ("(internet", 9),
            ("internet and () or internet", 14),
            ("ünternet", 0),
            ("internet and ünternet", 13),
        ] {
            assert_eq!(condition(written).unwrap_err().at, at, "{written}");
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_refused() {
        let long = ["internet,internet"; 64].join(" or ");
        assert!(super::condition(&long).is_ok() && long.parse::<Condition>().is_err());
        let deep = "not ".repeat(15) + "(internet and internet or internet)";
        assert!(super::condition(&deep).is_ok() && deep.parse::<Condition>().is_err());
    }

    #[test]
    fn endless_nesting_is_refused() {
        let deep = "not ".repeat(200) + "internet";
        assert!(condition(&deep).unwrap_err().what.contains("16 levels"));
        let long = "internet,".repeat(200) + "internet";
        assert!(condition(&long).unwrap_err().what.contains("256 words"));
    }
}
