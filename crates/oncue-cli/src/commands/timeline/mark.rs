//! The marks of a timeline: spans with a meaning, the same in the terminal and on the page.

use oncue::tools::{Entry, Wall, Word};
use oncue_types::Outcome;

/// A span of time in the life of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) from: Wall,
    pub(super) to: Wall,
    /// How many runs it stands for.
    pub(super) count: u64,
    /// What it is, in a line.
    pub(super) title: String,
    /// What explains it, if that is not to be told by `why`.
    pub(super) about: About,
}

/// How a mark is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// By the ledger, around the entry with this index, at this instant.
    Past(usize, Wall),
    /// By this text.
    Text(String),
    /// By the present state of the task.
    Now,
}

/// The meaning of a mark, the most important ones last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// What will have fired, but will wait.
    WillWait,
    /// A run to come.
    Coming,
    /// What had fired, but waited.
    Held,
    /// A firing without a run.
    WithoutRun,
    /// A run that completed.
    Completed,
    /// A run that was cancelled.
    Cancelled,
    /// A run that is in progress.
    Running,
    /// A run that went wrong.
    Wrong,
}

impl Kind {
    /// All kinds, in order.
    pub(super) const ALL: [Self; 8] = [
        Self::WillWait,
        Self::Coming,
        Self::Held,
        Self::WithoutRun,
        Self::Completed,
        Self::Cancelled,
        Self::Running,
        Self::Wrong,
    ];

    /// Returns the kind of a firing that has ended.
    pub(super) fn of(entry: &Entry) -> Self {
        match entry.outcome {
            Word::Known(Outcome::Completed) => Self::Completed,
            Word::Known(Outcome::Cancelled) if entry.started_at.is_some() => Self::Cancelled,
            Word::Known(Outcome::Cancelled | Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced) => {
                Self::WithoutRun
            }
            Word::Known(
                Outcome::Failed | Outcome::Killed | Outcome::Crashed | Outcome::NotActivated | Outcome::Lost,
            ) => Self::Wrong,
            Word::Other(_) => Self::Cancelled,
        }
    }

    /// Returns whether it lies before now.
    pub(super) fn is_past(self) -> bool {
        match self {
            Self::WillWait | Self::Coming => false,
            Self::Held
            | Self::WithoutRun
            | Self::Completed
            | Self::Cancelled
            | Self::Running
            | Self::Wrong => true,
        }
    }

    /// Returns its name, for the legend.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Coming => "to come",
            Self::WillWait => "will wait",
            Self::WithoutRun => "without a run",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Running => "running",
            Self::Wrong => "went wrong",
        }
    }

    /// Returns its word in the page's style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::WillWait => "will-wait",
            Self::WithoutRun => "without-run",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Running => "running",
            Self::Wrong => "wrong",
        }
    }
}

/// Joins neighbours that would be drawn over each other: runs of the same kind that begin in the same slot.
/// What went wrong always stays a mark of its own.
pub(super) fn joined(marks: Vec<Mark>, slot: impl Fn(Wall) -> usize) -> Vec<Mark> {
    let mut joined: Vec<Mark> = Vec::new();
    for mark in marks {
        let joins = matches!(mark.kind, Kind::Completed | Kind::Coming);
        let last =
            joined.iter_mut().rev().find(|last| last.kind != Kind::Held && last.kind != Kind::WillWait);
        match last.filter(|last| joins && last.kind == mark.kind && slot(last.from) == slot(mark.from)) {
            Some(last) => {
                last.to = last.to.max(mark.to);
                last.count += mark.count;
            }
            None => joined.push(mark),
        }
    }
    joined
}
