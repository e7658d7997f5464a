//! What must hold for a fired task to run: predicates over facts, joined by `and`, `or` and `not`.
//!
//! A condition does not observe anything: its predicates are judged by [`Facts`]. Its text form is
//! the same in the SDK, on the wire, in the store and on the command line; [`crate::grammar`]
//! parses it.

use alloc::boxed::Box;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::fact::Facts;
use crate::grammar::{self, Mistake};
use crate::predicate::Predicate;

/// A condition. All conditions of a task together are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One predicate.
    Is(Predicate),
    /// The opposite.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
}

impl Condition {
    /// Returns whether the condition holds.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Is(predicate) => predicate.holds(facts),
            Self::Not(inner) => !inner.holds(facts),
            Self::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts)),
        }
    }

    /// Returns the smallest failing parts that explain why the whole condition fails; empty if it
    /// holds.
    #[must_use]
    pub fn failing(&self, facts: &Facts) -> Vec<&Condition> {
        match self {
            _ if self.holds(facts) => Vec::new(),
            Self::All(parts) => parts.iter().flat_map(|part| part.failing(facts)).collect(),
            Self::Is(_) | Self::Not(_) | Self::Any(_) => [self].into(),
        }
    }

    /// Returns the predicates, in the order in which they are written.
    #[must_use]
    pub fn predicates(&self) -> Vec<Predicate> {
        match self {
            Self::Is(predicate) => [*predicate].into(),
            Self::Not(inner) => inner.predicates(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::predicates).collect(),
        }
    }

    /// Returns the condition that both hold; nested `and`s are flattened.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut parts = Vec::new();
        for condition in [self, other] {
            match condition {
                Self::All(all) => parts.extend(all),
                Self::Is(_) | Self::Not(_) | Self::Any(_) => parts.push(condition),
            }
        }
        Self::All(parts)
    }

    /// Returns the condition that at least one of the two holds; nested `or`s are flattened.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut parts = Vec::new();
        for condition in [self, other] {
            match condition {
                Self::Any(any) => parts.extend(any),
                Self::Is(_) | Self::Not(_) | Self::All(_) => parts.push(condition),
            }
        }
        Self::Any(parts)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, inside: bool) -> fmt::Result {
        let (parts, word) = match self {
            Self::Is(predicate) => return fmt::Display::fmt(predicate, f),
            Self::Not(inner) => {
                f.write_str("not ")?;
                return inner.show(f, true);
            }
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
        };
        if inside {
            f.write_str("(")?;
        }
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            part.show(f, true)?;
        }
        if inside { f.write_str(")") } else { Ok(()) }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, false)
    }
}

impl FromStr for Condition {
    type Err = Mistake;

    /// Anything that can be parsed can be displayed and parsed again: the limits also apply to the text with
    /// all its parentheses, which is what the store contains.
    fn from_str(text: &str) -> Result<Self, Mistake> {
        let condition = grammar::condition(text)?;
        let shown = condition.to_string();
        // Every text that is sent or stored is in this form.
        if shown == text {
            return Ok(condition);
        }
        match grammar::condition(&shown) {
            Ok(again) if again == condition => Ok(condition),
            Ok(_) | Err(_) => {
                let what = "too long or too deeply nested once all parentheses are written".into();
                Err(Mistake { text: text.into(), at: 0, what })
            }
        }
    }
}
