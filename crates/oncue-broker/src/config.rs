//! `config.toml`: what the user may set; read once, at start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_core::{Limits, Settings, parse_span};
use serde::Deserialize;

/// The configuration, complete.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Config {
    /// What the core decides by.
    pub settings: Settings,
    /// How long the ledger keeps its entries.
    pub ledger: Ledger,
}

/// How long the ledger keeps its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Entries older than this are forgotten.
    pub keep: Duration,
    /// Of each task, at least the oldest beyond this many are forgotten.
    pub keep_per_task: u32,
}

/// `config.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there but cannot be read.
    #[error("reading {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or has keys or values that mean nothing.
    #[error("{}: {source}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    time: TimeTable,
    limits: LimitsTable,
    ledger: LedgerTable,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct TimeTable {
    min_minutes: Option<u32>,
    max_minutes: Option<u32>,
    slack: Option<Span>,
    grace: Option<Span>,
    activation_timeout: Option<Span>,
    strikes: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct LimitsTable {
    name_length: Option<usize>,
    tasks_per_package: Option<usize>,
    tasks: Option<usize>,
    packages: Option<usize>,
    classes_per_server: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct LedgerTable {
    keep: Option<Span>,
    keep_per_task: Option<u32>,
}

/// A length of time as people write it.
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        parse_span(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self { keep: Duration::from_secs(90 * 86_400), keep_per_task: 1_000 }
    }
}

impl Config {
    /// Reads `config.toml` in the given folder; a file that is not there means the defaults.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or sets something unknown.
    pub fn read(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join("config.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                Self::parse(&text).map_err(|source| ConfigError::Wrong { path, source: Box::new(source) })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let File { time, limits, ledger } = toml::from_str(text)?;
        let Self { settings, ledger: kept } = Self::default();
        let span = |given: Option<Span>, default| given.map_or(default, |span| span.0);
        Ok(Self {
            settings: Settings {
                min_minutes: time.min_minutes.unwrap_or(settings.min_minutes),
                max_minutes: time.max_minutes.unwrap_or(settings.max_minutes),
                slack: span(time.slack, settings.slack),
                grace: span(time.grace, settings.grace),
                activation_timeout: span(time.activation_timeout, settings.activation_timeout),
                strikes: time.strikes.unwrap_or(settings.strikes),
                limits: Limits {
                    name_length: limits.name_length.unwrap_or(settings.limits.name_length),
                    tasks_per_package: limits.tasks_per_package.unwrap_or(settings.limits.tasks_per_package),
                    tasks: limits.tasks.unwrap_or(settings.limits.tasks),
                    packages: limits.packages.unwrap_or(settings.limits.packages),
                    classes_per_server: limits
                        .classes_per_server
                        .unwrap_or(settings.limits.classes_per_server),
                },
            },
            ledger: Ledger {
                keep: span(ledger.keep, kept.keep),
                keep_per_task: ledger.keep_per_task.unwrap_or(kept.keep_per_task),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_keeps_its_default() {
        let config = Config::parse("[time]\nmin_minutes = 1\nslack = \"5s\"\n").unwrap();
        assert_eq!(config.settings.min_minutes, 1);
        assert_eq!(config.settings.slack, Duration::from_secs(5));
        assert_eq!(config.settings.max_minutes, 43_199);
    }

    #[test]
    fn a_key_that_means_nothing_is_named_with_its_line() {
        let error = Config::parse("[time]\nmin_minuets = 1\n").unwrap_err().to_string();
        assert!(error.contains("min_minuets") && error.contains("line 2"), "{error}");
        assert!(Config::parse("[time]\nslack = \"soon\"\n").is_err());
    }
}
