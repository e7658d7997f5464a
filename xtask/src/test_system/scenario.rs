//! The scenarios by name, and which of them to play.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::options::Options;
use super::scenarios;

/// One scenario.
#[derive(Clone, Copy)]
pub(super) struct Scenario {
    /// Its subject, such as `session`.
    pub(super) subject: &'static str,
    /// What it shows.
    pub(super) name: &'static str,
    /// The Debian packages that it needs besides those of all scenarios, separated by spaces.
    pub(super) needs: &'static str,
    /// Plays it.
    pub(super) play: fn() -> Result<(), Failure>,
}

impl Scenario {
    /// The full name, such as `session::a_lock_sends_the_user_away`.
    pub(super) fn full_name(&self) -> String {
        format!("{}::{}", self.subject, self.name)
    }
}

/// The Debian packages that these scenarios need besides those of all.
pub(super) fn needs(scenarios: &[Scenario]) -> BTreeSet<&'static str> {
    scenarios.iter().flat_map(|scenario| scenario.needs.split_whitespace()).collect()
}

/// The scenarios chosen by the options, in order, and the number of others.
pub(super) fn chosen(options: &Options) -> Result<(Vec<Scenario>, usize), Failure> {
    let all: Vec<Scenario> = scenarios::ALL.concat();
    let names: Vec<String> = all.iter().map(Scenario::full_name).collect();
    if let Some(part) = options.without_match(&names) {
        return Err(Failure::NoScenario { part: part.to_owned(), names });
    }
    let chosen: Vec<_> = all.iter().copied().filter(|one| options.choose(&one.full_name())).collect();
    let left_out = all.len() - chosen.len();
    Ok((chosen, left_out))
}
