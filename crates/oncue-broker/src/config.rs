//! `config.toml`: the user's settings, read once when the broker starts.

mod key;
mod read;
#[cfg(test)]
mod reference;

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use oncue_core::{Settings, Told};

pub use key::{KEYS, Key, TABLES};

/// A larger file is refused.
const MAX_BYTES: u64 = 1 << 20;

/// The complete configuration.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Config {
    /// The settings of the core.
    pub settings: Settings,
    /// How long the ledger keeps its entries.
    pub ledger: Ledger,
    /// How much output of runs is kept.
    pub output: Output,
    /// Whether the broker makes itself start at log-in.
    pub install: Install,
    /// Whether the broker can be called on the session bus.
    pub session_bus: SessionBus,
}

/// Whether the broker can be called on the session bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SessionBus {
    /// If there is one, unless `ONCUE_HOME` is set: there is only one name.
    #[default]
    Auto,
    /// If there is one.
    Always,
    /// Never.
    Never,
}

impl SessionBus {
    /// Returns the value that is written like this.
    fn named(name: &str) -> Self {
        match name {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        }
    }

    /// Returns the value as written in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }

    /// Returns whether the broker takes its name on the bus.
    pub(crate) fn is_wanted(self, own_home: bool) -> bool {
        match self {
            Self::Auto => !own_home,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Whether the broker makes itself start at log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Install {
    /// While there are tasks.
    #[default]
    Auto,
    /// The user decides with `oncue service`.
    Never,
}

impl Install {
    /// Returns the value that is written like this.
    fn named(name: &str) -> Self {
        if name == "never" { Self::Never } else { Self::Auto }
    }

    /// Returns the value as written in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Never => "never",
        }
    }
}

/// How long the ledger keeps its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Older entries are removed.
    pub keep: Duration,
    /// For each task, only this many entries are kept.
    pub keep_per_task: u32,
}

/// How much output of runs is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How much of the beginning of a run's output is kept, in KiB.
    pub first_kib: u32,
    /// How much of the end of a run's output is kept, in KiB.
    pub last_kib: u32,
    /// The maximum number of runs of one task.
    pub runs_per_task: u32,
    /// The maximum for all runs of one task, in MiB.
    pub mib_per_task: u32,
    /// The maximum for all tasks, in MiB.
    pub mib: u32,
    /// Older output is removed.
    pub keep: Duration,
}

/// `config.toml` is invalid.
#[derive(thiserror::Error)]
pub enum ConfigError {
    /// It exists but cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// It is not TOML, or contains unknown keys or invalid values.
    #[error("{}:{line}:{column}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in the line, from 1, in characters.
        column: usize,
        /// What is wrong.
        what: String,
    },
}

impl ConfigError {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "make it a regular UTF-8 file that you can read, or remove it",
            Self::Wrong { .. } => "correct that line or remove it; `oncue man config` describes every key",
        }
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self).with(Some(self.way_out())), f)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self { keep: Duration::from_secs(90 * 86_400), keep_per_task: 1_000 }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self {
            first_kib: 512,
            last_kib: 512,
            runs_per_task: 100,
            mib_per_task: 16,
            mib: 256,
            keep: Duration::from_secs(30 * 86_400),
        }
    }
}

impl Output {
    /// Returns the maximum for all runs of one task, in bytes.
    pub(crate) fn bytes_per_task(&self) -> u64 {
        u64::from(self.mib_per_task) << 20
    }

    /// Returns the maximum for all tasks, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        u64::from(self.mib) << 20
    }
}

impl Config {
    /// Reads `config.toml` in the given folder. Without the file, every key has its default.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, is not TOML, or contains unknown keys or
    /// invalid values.
    pub fn read(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join("config.toml");
        match text(&path) {
            Ok(text) => read::read(&text).map_err(|mistake| {
                let (line, column) = read::place(&text, mistake.at);
                ConfigError::Wrong { path, line, column, what: mistake.what }
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }
}

fn text(path: &Path) -> io::Result<String> {
    // Opening a FIFO would wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    let length = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    match u64::try_from(length) {
        Ok(length) if length <= MAX_BYTES => Ok(text),
        _ => Err(io::Error::other(format!("it is larger than {MAX_BYTES} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(contents: &[u8]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), contents).unwrap();
        Config::read(folder.path())
    }

    #[test]
    fn a_mistake_is_told_with_file_line_column_and_way_out() {
        let told = format!("{:?}", read(b"[time]\nmin_minuets = 1\n").unwrap_err());
        assert!(told.contains("/config.toml:2:1: unknown key `min_minuets`"), "{told}");
        assert!(told.contains("\n  try: correct that line"), "{told}");
    }

    #[test]
    fn what_is_not_text_is_not_waited_for() {
        assert!(matches!(read(b"\xff"), Err(ConfigError::Unreadable { .. })));
        assert!(matches!(read(&vec![b'#'; (1 << 20) + 1]), Err(ConfigError::Unreadable { .. })));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Config::read(folder.path()).unwrap(), Config::default());
        let fifo = folder.path().join("config.toml");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(matches!(Config::read(folder.path()), Err(ConfigError::Unreadable { .. })));
    }
}
