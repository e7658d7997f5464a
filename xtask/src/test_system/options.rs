//! The options of the suite.

use clap::Parser;

/// Test oncue with the real services of a system booted in namespaces
///
/// Boots Debian's logind, NetworkManager, UPower, udev and D-Bus in a guest, plays the scenarios there,
/// and compares calendar expressions with systemd-analyze. Needs root and Debian, and installs what else it
/// needs. Takes 8 minutes, one scenario 1 to 2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Parser)]
pub(crate) struct Options {
    /// Play only scenarios whose name contains this; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl Options {
    /// Whether nothing was chosen, so that everything is played.
    pub(super) fn are_none(&self) -> bool {
        self.only.is_empty()
    }

    /// The words that are parsed into these options.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.only.iter().flat_map(|name| ["--only", name])
    }

    /// Whether to play a scenario with this name.
    pub(super) fn choose(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }

    /// Returns an option that no name contains, if there is one.
    pub(super) fn without_match<'a>(&'a self, names: &[String]) -> Option<&'a str> {
        let unknown = self.only.iter().find(|part| !names.iter().any(|name| name.contains(*part)));
        unknown.map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Options {
        Options::try_parse_from(["test-system"].iter().chain(words)).unwrap()
    }

    #[test]
    fn options_survive_the_way_into_the_guest() {
        for words in [vec![], vec!["--only", "power"], vec!["--only", "power", "--only", "session"]] {
            assert_eq!(parsed(&words).words().collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn a_part_of_a_name_chooses() {
        let options = parsed(&["--only", "lock"]);
        assert!(options.choose("session::a_lock"));
        assert!(!options.choose("session::a_seat"));
        assert!(Options::default().choose("session::a_seat"));
    }
}
