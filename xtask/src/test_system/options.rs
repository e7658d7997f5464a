//! The options of the suite.

/// Which scenarios to play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Parts of names; if empty, all scenarios are played.
    only: Vec<String>,
}

impl Options {
    /// Parses the words after the verb; `None` if one of them is unknown.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let pairs = words.chunks(2).map(|pair| match pair {
            ["--only", name] => Some((*name).to_owned()),
            _ => None,
        });
        Some(Self { only: pairs.collect::<Option<_>>()? })
    }

    /// Whether nothing was chosen, so that everything is played.
    pub(super) fn are_none(&self) -> bool {
        self.only.is_empty()
    }

    /// The words that `parse` reads.
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

    #[test]
    fn options_survive_the_way_into_the_guest() {
        for words in [vec![], vec!["--only", "power"], vec!["--only", "power", "--only", "session"]] {
            let options = Options::parse(&words).unwrap();
            assert_eq!(options.words().collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn what_is_no_option_is_refused() {
        assert_eq!(Options::parse(&["power"]), None);
        assert_eq!(Options::parse(&["--only"]), None);
    }

    #[test]
    fn a_part_of_a_name_chooses() {
        let options = Options::parse(&["--only", "lock"]).unwrap();
        assert!(options.choose("session::a_lock"));
        assert!(!options.choose("session::a_seat"));
        assert!(Options::default().choose("session::a_seat"));
    }
}
