//! The broker's log: standard error in a terminal and for the journal, a file when a client started it.

mod writer;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use oncue_wire::StartedBy;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::regular;

pub(crate) use writer::Lines;

/// A log that is larger than this at start is renamed to `broker.log.old`.
const MAX_BYTES: u64 = 1 << 20;

/// Opens the log: standard error for a person and for the journal, and otherwise a file.
/// `ONCUE_LOG` sets its level, for example `debug` or `oncue_broker=trace`.
pub(crate) fn open(started: StartedBy, state: &Path) -> io::Result<Lines> {
    let wanted = std::env::var("ONCUE_LOG").ok().filter(|wanted| !wanted.is_empty());
    let levels = wanted.as_deref().map(str::parse::<Targets>).transpose();
    let (lines, colour) = match started {
        StartedBy::User => {
            let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            (Lines::to(io::stderr())?, !plain && rustix::termios::isatty(io::stderr()))
        }
        StartedBy::Service if std::env::var_os("JOURNAL_STREAM").is_some() => {
            (Lines::to(io::stderr())?, false)
        }
        StartedBy::Client | StartedBy::Service => (Lines::to(file(state)?)?, false),
    };
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer().with_target(false).with_ansi(colour);
    let invalid = levels.as_ref().err().map(ToString::to_string);
    let usual = || Targets::new().with_default(LevelFilter::INFO).with_target("zbus", LevelFilter::WARN);
    let levels = levels.ok().flatten().unwrap_or_else(usual);
    let subscriber = tracing_subscriber::registry().with(levels);
    // A program that embeds the broker may already have its own subscriber, which is then used.
    let _ = subscriber.with(layer.with_writer(move || writer.clone())).try_init();
    if let Some(why) = invalid {
        tracing::warn!(
            "ONCUE_LOG is ignored: {why}; set it to a level, such as `debug`, or to `MODULE=LEVEL,…`"
        );
    }
    Ok(lines)
}

/// Limits warnings about clients, so that no client can fill the log.
#[derive(Debug, Default)]
pub(crate) struct Sparingly {
    last: Option<Instant>,
    kept_back: u32,
}

impl Sparingly {
    /// The minimum time between two warnings.
    const EVERY: Duration = Duration::from_secs(10);

    pub(crate) fn warn(&mut self, what: &str) {
        if self.is_due(Instant::now()) {
            match std::mem::take(&mut self.kept_back) {
                0 => tracing::warn!("{what}"),
                more => tracing::warn!("{what}; {more} other warnings about clients were omitted"),
            }
        }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let due = self.last.is_none_or(|last| now.duration_since(last) >= Self::EVERY);
        if due {
            self.last = Some(now);
        } else {
            self.kept_back = self.kept_back.saturating_add(1);
        }
        due
    }
}

/// Logs panics instead of writing each to standard error. A panic that ends only a connection must not
/// be a way to fill the log.
pub(crate) fn hear_panics() {
    let panics = Mutex::new(Sparingly::default());
    std::panic::set_hook(Box::new(move |panic| {
        let due = panics.lock().is_ok_and(|mut panics| panics.is_due(Instant::now()));
        if due {
            tracing::error!("the broker panicked: {panic}");
        }
    }));
}

fn file(state: &Path) -> io::Result<File> {
    let path = state.join("broker.log");
    if std::fs::metadata(&path).is_ok_and(|known| known.len() > MAX_BYTES) {
        std::fs::rename(&path, state.join("broker.log.old"))?;
    }
    regular::open(&path, OpenOptions::new().create(true).append(true).mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_of_what_clients_cause_come_once_in_a_while() {
        let mut warnings = Sparingly::default();
        let begin = Instant::now();
        let due: Vec<bool> =
            [0, 1, 9, 10, 11, 30].map(|second| warnings.is_due(begin + Duration::from_secs(second))).into();
        assert_eq!(due, [true, false, false, true, false, true]);
        assert_eq!(warnings.kept_back, 3);
    }
}
