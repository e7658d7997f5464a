//! What the sources observed last: the facts that conditions are judged by.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::moment::Wall;

/// One thing about the machine, its session or its network that a source can observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The internet can be reached.
    Internet,
    /// The connection is not metered.
    FreeNetwork,
}

/// One fact as its source saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The value, or nothing when the source cannot tell.
    pub value: Option<bool>,
    /// Who said so: `NetworkManager`, `rtnetlink`.
    pub source: String,
    /// Why the value is unknown; empty when it is known.
    pub why: String,
    /// Since when it has this value.
    pub since: Wall,
}

/// The facts as they stand.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: BTreeMap<FactKind, Observation>,
}

impl FactKind {
    /// Every fact there is.
    pub const ALL: [Self; 2] = [Self::Internet, Self::FreeNetwork];

    /// Returns the fact's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::FreeNetwork => "free-network",
        }
    }

    /// Returns what an unknown fact counts as: the cautious answer for a task that needs it.
    #[must_use]
    pub const fn when_unknown(self) -> bool {
        match self {
            Self::Internet | Self::FreeNetwork => false,
        }
    }
}

impl Facts {
    /// Returns the fact's value, or what it counts as while it is unknown.
    #[must_use]
    pub fn holds(&self, kind: FactKind) -> bool {
        self.known.get(&kind).and_then(|seen| seen.value).unwrap_or(kind.when_unknown())
    }

    /// Returns what was observed, or nothing when no source has spoken yet.
    #[must_use]
    pub fn observation(&self, kind: FactKind) -> Option<&Observation> {
        self.known.get(&kind)
    }

    /// Takes in an observation; returns whether the judgement of conditions can change by it.
    pub(crate) fn observe(&mut self, kind: FactKind, mut seen: Observation) -> bool {
        let before = self.holds(kind);
        if let Some(old) = self.known.get(&kind)
            && old.value == seen.value
        {
            seen.since = old.since;
        }
        self.known.insert(kind, seen);
        self.holds(kind) != before
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FactKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(())
    }
}
