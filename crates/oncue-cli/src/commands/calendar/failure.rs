//! Why a calendar expression is invalid, with a mark under the error.

use oncue_calendar::{CalendarError, Mistake, Schedule, UnknownZone};

use crate::exit::Exit;
use crate::failure::Failure;

/// An expression that is invalid, or cannot be interpreted on this machine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CalendarFailure {
    /// The expression cannot be parsed, or never fires.
    #[error("{}\n{text}\n{}", error.mistake, mark(error.at, error.length))]
    Text {
        /// The expression as entered.
        text: String,
        /// What is wrong, and where.
        error: CalendarError,
    },
    /// The expression names a time zone that this machine does not know.
    #[error("{error}\n{text}\n{}", mark_of(text, &error.name))]
    Zone {
        /// The expression as entered.
        text: String,
        /// The zone.
        error: UnknownZone,
    },
}

impl From<CalendarFailure> for Failure {
    fn from(failure: CalendarFailure) -> Self {
        let (exit, way_out) = (failure.exit(), failure.way_out());
        Self::new(exit, failure).with_way_out(way_out)
    }
}

impl CalendarFailure {
    /// An expression that cannot be parsed is a usage error; otherwise it is refused.
    fn exit(&self) -> Exit {
        match self {
            Self::Text { error, .. } if !matches!(error.mistake, Mistake::Never { .. }) => Exit::Usage,
            Self::Text { .. } | Self::Zone { .. } => Exit::Refused,
        }
    }

    /// Returns what to do about it.
    fn way_out(&self) -> String {
        match self {
            Self::Text { text, .. } if Schedule::parse(&format!("cron {text}")).is_ok() => {
                format!(
                    "write the word cron before the five fields of crontab(5): `oncue calendar 'cron {text}'`"
                )
            }
            Self::Text { .. } => "see systemd.time(7), section Calendar Events, or crontab(5); \
                 `oncue calendar --help` has examples"
                .into(),
            Self::Zone { .. } => "use a name from /usr/share/zoneinfo, such as Europe/Berlin".into(),
        }
    }
}

fn mark(at: usize, length: usize) -> String {
    " ".repeat(at) + &"^".repeat(length.max(1))
}

/// The zone is the last word.
fn mark_of(text: &str, word: &str) -> String {
    let before = text.rsplit_once(word).map_or(text, |(before, _)| before);
    mark(before.chars().count(), word.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_under_the_place() {
        for (text, marked, exit) in [
            ("2026-13-01", "     ^^", Exit::Usage),
            ("10:", "   ^", Exit::Usage),
            ("*-*-* ü", "      ^", Exit::Usage),
            ("*-02-30", "^^^^^^^", Exit::Refused),
        ] {
            let error = Schedule::parse(text).unwrap_err();
            let failure = CalendarFailure::Text { text: text.into(), error };
            let shown = failure.to_string();
            let lines: Vec<&str> = shown.lines().skip(1).collect();
            assert_eq!((lines, failure.exit()), (vec![text, marked], exit), "{text}");
        }
        let error = UnknownZone { name: "Mars".into() };
        let shown = CalendarFailure::Zone { text: "daily Mars".into(), error }.to_string();
        assert!(shown.ends_with("\ndaily Mars\n      ^^^^"), "{shown}");
    }
}
