//! Asks `systemd-analyze calendar` about many expressions at once, and reads its answers.

use std::io;
use std::process::{Command, Output};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

const PROGRAM: &str = "systemd-analyze";

/// The answer about an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is invalid.
    Refused,
    /// It is valid, but systemd's search gave up.
    GaveUp,
    /// It is valid.
    Given {
        /// The normalised form.
        normal: String,
        /// The next firings, in whole seconds since 1970; fewer than requested if there are no
        /// more.
        firings: Vec<i64>,
    },
}

/// The peer does not exist, or its output is not understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum PeerError {
    /// It cannot be started.
    #[error("`{PROGRAM}` is not here and cannot be installed: it is of the package systemd: {0}")]
    Missing(String),
    /// It was started, but failed.
    #[error("running `{PROGRAM}`")]
    Run(#[from] io::Error),
    /// Its output is unexpected.
    #[error("`{PROGRAM}` wrote something unexpected: {0}")]
    Strange(String),
}

/// Checks that the peer exists, and installs it if possible.
pub(super) fn ensure() -> Result<(), PeerError> {
    if version().is_ok() {
        return Ok(());
    }
    let installed = Command::new("apt-get").args(["install", "--yes", "systemd"]).status();
    match installed {
        Ok(status) if !status.success() => return Err(PeerError::Missing(format!("apt-get: {status}"))),
        Err(error) => return Err(PeerError::Missing(format!("apt-get: {error}"))),
        Ok(_) => {}
    }
    version().map(drop).map_err(|error| PeerError::Missing(error.to_string()))
}

fn version() -> io::Result<String> {
    let output = Command::new(PROGRAM).arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// Asks when each expression fires after `base`, in the time zone `name`.
pub(super) fn ask(
    name: &str,
    zone: &TimeZone,
    base: Timestamp,
    firings: usize,
    expressions: &[String],
) -> Result<Vec<Answer>, PeerError> {
    let base = Offset::UTC.to_datetime(base).strftime("%Y-%m-%d %H:%M:%S%.6f UTC").to_string();
    let mut command = Command::new(PROGRAM);
    command.arg("calendar").arg(format!("--iterations={firings}")).arg(format!("--base-time={base}"));
    command.arg("--").args(expressions);
    command.env("TZ", name).env("LC_ALL", "C").env("SYSTEMD_COLORS", "0").env("COLUMNS", "10000");
    answers(&command.output()?, zone, expressions)
}

/// Each answer is a table, or nothing; answers are separated by an empty line.
fn answers(output: &Output, zone: &TimeZone, expressions: &[String]) -> Result<Vec<Answer>, PeerError> {
    let (out, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let strange = |what: &str| {
        let beginning: String = format!("{out}{said}").chars().take(400).collect();
        PeerError::Strange(format!("{what}: {beginning}"))
    };
    let mut lines = out.lines();
    let mut errors = said.lines().filter_map(error);
    let mut answers = Vec::new();
    for _ in expressions {
        let table: Vec<&str> = lines.by_ref().take_while(|line| !line.trim().is_empty()).collect();
        answers.push(match table.as_slice() {
            [] => errors.next().ok_or_else(|| strange("an answer is missing"))?,
            table => given(table, zone).ok_or_else(|| strange("a table makes no sense"))?,
        });
    }
    match (lines.next(), errors.next()) {
        (None, None) => Ok(answers),
        _ => Err(strange("there are more answers than questions")),
    }
}

fn error(line: &str) -> Option<Answer> {
    match line {
        _ if line.starts_with("Failed to parse calendar specification") => Some(Answer::Refused),
        _ if line.starts_with("Failed to determine next elapse") => Some(Answer::GaveUp),
        _ => None,
    }
}

fn given(table: &[&str], zone: &TimeZone) -> Option<Answer> {
    let rows = table.iter().filter_map(|line| line.split_once(": "));
    let rows: Vec<(&str, &str)> = rows.map(|(name, value)| (name.trim(), value.trim())).collect();
    let normal = rows.iter().find(|(name, _)| *name == "Normalized form")?.1.to_owned();
    let mut firings = Vec::new();
    for (at, (name, value)) in rows.iter().enumerate() {
        if (*name != "Next elapse" && !name.starts_with("Iter. #")) || *value == "never" {
            continue;
        }
        // If the local time zone is UTC, the time is not repeated.
        let in_utc = rows.get(at + 1).filter(|(name, _)| *name == "(in UTC)");
        firings.push(match in_utc {
            Some((_, value)) => seconds(value, &TimeZone::UTC)?,
            None => seconds(value, zone)?,
        });
    }
    Some(Answer::Given { normal, firings })
}

/// Parses `Sun 2026-10-25 01:45:00 UTC`.
fn seconds(text: &str, zone: &TimeZone) -> Option<i64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, date, time, _] = words.as_slice() else { return None };
    let reading: DateTime = format!("{date}T{time}").parse().ok()?;
    Some(zone.to_timestamp(reading).ok()?.as_second())
}
