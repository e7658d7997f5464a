//! What the sources observed last: the facts that conditions are judged by.
//!
//! A person may *pin* a fact to a value, for development: it then counts instead of what is
//! observed, until it is cleared or the broker ends.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::moment::Wall;
use crate::reading::Reading;

/// One thing about the machine, its session or its network that a source can observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The internet can be reached.
    Internet,
    /// The connection is not metered.
    FreeNetwork,
    /// The user is there: the session is neither idle nor locked.
    UserPresent,
    /// The user's session is the one in the foreground.
    SessionConnected,
    /// The machine runs on external power.
    OnAc,
    /// How full the battery is.
    Battery,
    /// The disk that holds the user's state has room.
    StorageNotLow,
    /// The user asks the system to save energy.
    EnergySaver,
}

/// One fact as its source saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The value, or nothing when the source cannot tell.
    pub value: Option<Reading>,
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
    pinned: BTreeMap<FactKind, Observation>,
}

impl FactKind {
    /// Every fact there is.
    pub const ALL: [Self; 8] = [
        Self::Internet,
        Self::FreeNetwork,
        Self::UserPresent,
        Self::SessionConnected,
        Self::OnAc,
        Self::Battery,
        Self::StorageNotLow,
        Self::EnergySaver,
    ];

    /// Returns the fact's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::FreeNetwork => "free-network",
            Self::UserPresent => "user-present",
            Self::SessionConnected => "session-connected",
            Self::OnAc => "ac",
            Self::Battery => "battery",
            Self::StorageNotLow => "storage-not-low",
            Self::EnergySaver => "energy-saver",
        }
    }

    /// Returns what an unknown fact counts as.
    ///
    /// The network counts as out of reach, the cautious answer for a task that needs it. For the
    /// rest the machine counts as the most ordinary one: a desktop with mains power, room on its
    /// disk and somebody before it.
    #[must_use]
    pub const fn when_unknown(self) -> Reading {
        match self {
            Self::Internet | Self::FreeNetwork | Self::EnergySaver => Reading::Is(false),
            Self::UserPresent | Self::SessionConnected | Self::OnAc | Self::StorageNotLow => {
                Reading::Is(true)
            }
            Self::Battery => Reading::Percent(100),
        }
    }

    /// Returns whether the fact can have such a value.
    #[must_use]
    pub const fn can_be(self, value: Reading) -> bool {
        matches!(
            (self.when_unknown(), value),
            (Reading::Is(_), Reading::Is(_)) | (Reading::Percent(_), Reading::Percent(0..=100))
        )
    }
}

impl Facts {
    /// Returns the fact's value, or what it counts as while it is unknown.
    #[must_use]
    pub fn reading(&self, kind: FactKind) -> Reading {
        self.observation(kind).and_then(|seen| seen.value).unwrap_or(kind.when_unknown())
    }

    /// Returns whether a fact that is or is not so is so.
    #[must_use]
    pub fn holds(&self, kind: FactKind) -> bool {
        self.reading(kind) == Reading::Is(true)
    }

    /// Returns how many percent a fact that is a share amounts to.
    #[must_use]
    pub fn percent(&self, kind: FactKind) -> u8 {
        match self.reading(kind) {
            Reading::Percent(percent) => percent,
            Reading::Is(_) => 0,
        }
    }

    /// Returns whether the value is known, be it observed or pinned.
    #[must_use]
    pub fn is_known(&self, kind: FactKind) -> bool {
        self.observation(kind).is_some_and(|seen| seen.value.is_some())
    }

    /// Returns what counts: what was pinned, else what was observed, or nothing when no source has
    /// spoken yet.
    #[must_use]
    pub fn observation(&self, kind: FactKind) -> Option<&Observation> {
        self.pinned.get(&kind).or_else(|| self.known.get(&kind))
    }

    /// Returns the facts that are pinned.
    pub fn pinned(&self) -> impl Iterator<Item = FactKind> {
        self.pinned.keys().copied()
    }

    /// Says what is pinned, for the ledger: `simulated: internet on, battery 10%`.
    #[must_use]
    pub fn simulated(&self) -> Option<String> {
        let pins: Vec<String> =
            self.pinned.keys().map(|kind| alloc::format!("{kind} {}", self.reading(*kind))).collect();
        (!pins.is_empty()).then(|| alloc::format!("simulated: {}", pins.join(", ")))
    }

    /// Takes in an observation.
    pub fn observe(&mut self, kind: FactKind, mut seen: Observation) {
        if let Some(old) = self.known.get(&kind)
            && old.value == seen.value
        {
            seen.since = old.since;
        }
        self.known.insert(kind, seen);
    }

    /// Lets a value count instead of what is observed.
    pub fn pin(&mut self, kind: FactKind, value: Reading, since: Wall) {
        let pinned =
            Observation { value: Some(value), source: "simulated".into(), why: String::new(), since };
        self.pinned.insert(kind, pinned);
    }

    /// Lets what is observed count again.
    pub fn unpin(&mut self, kind: FactKind) {
        self.pinned.remove(&kind);
    }
}

/// Facts as somebody was told them; a kind that is not named is unknown.
impl FromIterator<(FactKind, Reading)> for Facts {
    fn from_iter<I: IntoIterator<Item = (FactKind, Reading)>>(told: I) -> Self {
        let mut facts = Self::default();
        for (kind, value) in told {
            let (source, why) = (String::new(), String::new());
            facts.observe(kind, Observation { value: Some(value), source, why, since: Wall(0) });
        }
        facts
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
