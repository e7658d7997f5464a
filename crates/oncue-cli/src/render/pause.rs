//! Describes pauses: since when, until when, and how to end them.

use oncue::tools::PauseInfo;

use crate::render::time::Clock;

/// Whose pause it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    /// That of all tasks.
    All,
    /// That of one task, which can be named like this on a command line.
    Task(&'a str),
}

impl Whose<'_> {
    /// Returns who is paused, as a sentence begins.
    fn subject(self) -> &'static str {
        match self {
            Self::All => "all tasks are",
            Self::Task(_) => "it is",
        }
    }

    /// Returns the command that ends the pause.
    pub(crate) fn resume(self) -> String {
        match self {
            Self::All => "`oncue resume --all`".to_owned(),
            Self::Task(handle) => format!("`oncue resume {handle}`"),
        }
    }

    /// Describes a pause: its end, and where it comes from.
    pub(crate) fn described(self, pause: PauseInfo, clock: &Clock) -> String {
        let by = match self {
            Self::All => "`oncue pause --all`".to_owned(),
            Self::Task(handle) => format!("`oncue pause {handle}`"),
        };
        let ago = clock.distance(pause.since);
        format!("{} paused {}, by {by} {ago}", self.subject(), self.until(pause, clock))
    }

    /// Returns when a pause ends.
    pub(crate) fn until(self, pause: PauseInfo, clock: &Clock) -> String {
        match (pause.until, self) {
            (Some(at), _) => format!("until {} ({})", clock.brief(at), clock.distance(at)),
            (None, Self::All) => "until you resume them".to_owned(),
            (None, Self::Task(_)) => "until you resume it".to_owned(),
        }
    }

    /// Returns what to do about a pause.
    pub(crate) fn way_out(self, pause: PauseInfo) -> String {
        match pause.until {
            Some(_) => format!("nothing: the pause ends by itself; to end it now: {}", self.resume()),
            None => format!("end the pause: {}", self.resume()),
        }
    }
}

/// Returns the end of a pause in a few words, or nothing if only the user ends it.
pub(crate) fn brief(pause: Option<PauseInfo>, clock: &Clock) -> String {
    let until = pause.and_then(|pause| pause.until);
    until.map(|at| format!(" until {}", clock.brief(at))).unwrap_or_default()
}
