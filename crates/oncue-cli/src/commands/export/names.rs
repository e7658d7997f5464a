//! Names for another scheduler, which has its own rules for them.

use std::collections::BTreeSet;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Takes a name of at most so many characters, all of them ASCII. If it is taken, it gets a number.
    pub(super) fn take(&mut self, wanted: &str, longest: usize) -> String {
        let numbered = (2_u32..).map(|number| format!("-{number}"));
        let endings = std::iter::once(String::new()).chain(numbered);
        let names = endings.map(|ending| {
            let kept: String = wanted.chars().take(longest - ending.len()).collect();
            format!("{}{ending}", kept.trim_end_matches('-'))
        });
        let name = names.into_iter().find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// Returns the nearest DNS label: small letters of ASCII, digits and dashes between them.
pub(super) fn label(name: &str) -> String {
    let small = name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let words: Vec<&str> = small.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "task".to_owned() } else { words.join("-") }
}

/// Returns whether every program can have a variable of this name.
pub(super) fn is_variable(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_label_that_is_free() {
        let mut names = Names::default();
        for (name, expected) in [
            ("Backup of /home", "backup-of-home"),
            ("backup.of.home", "backup-of-home-2"),
            ("--", "task"),
            ("größe", "gr-e"),
        ] {
            assert_eq!(names.take(&label(name), 52), expected);
        }
        let long = "x".repeat(60);
        assert_eq!(names.take(&long, 52).len(), 52);
        assert_eq!(names.take(&long, 52), format!("{}-2", "x".repeat(50)));
    }
}
