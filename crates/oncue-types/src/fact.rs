//! The facts that conditions depend on, as last observed by the sources.
//!
//! For development, a person can *pin* a fact to a value. The pinned value is used instead of the
//! observed one until it is cleared or the broker ends.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::moment::Wall;
use crate::reading::Reading;
use crate::unknown::named;

/// Something about the machine, its session or its network that a source can observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The internet is reachable.
    Internet,
    /// The connection is not metered.
    FreeNetwork,
    /// The user is present: the session is neither idle nor locked.
    UserPresent,
    /// The user's session is in the foreground.
    SessionConnected,
    /// The machine is on external power.
    OnAc,
    /// The charge of the battery.
    Battery,
    /// The disk with the user's state has enough free space.
    StorageNotLow,
    /// The user has asked the system to save energy.
    EnergySaver,
}

/// A fact as observed by its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The value, or `None` if the source cannot determine it.
    pub value: Option<Reading>,
    /// The source: `NetworkManager`, `rtnetlink`.
    pub source: String,
    /// Why the value is unknown; empty if it is known.
    pub why: String,
    /// Since when it has this value.
    pub since: Wall,
}

/// The current facts.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: BTreeMap<FactKind, Observation>,
    pinned: BTreeMap<FactKind, Observation>,
}

impl FactKind {
    /// All facts.
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

    /// Returns the value used for an unknown fact.
    ///
    /// The network counts as unreachable, which is the cautious choice for a task that needs it.
    /// Otherwise the machine counts as an ordinary one: a desktop on mains power with free disk
    /// space and a user present.
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

    /// Returns whether the fact can have this value.
    #[must_use]
    pub const fn can_be(self, value: Reading) -> bool {
        matches!(
            (self.when_unknown(), value),
            (Reading::Is(_), Reading::Is(_)) | (Reading::Percent(_), Reading::Percent(0..=100))
        )
    }
}

impl Facts {
    /// Returns the fact's value, or the value used while it is unknown.
    #[must_use]
    pub fn reading(&self, kind: FactKind) -> Reading {
        self.observation(kind).and_then(|seen| seen.value).unwrap_or(kind.when_unknown())
    }

    /// Returns whether a fact with a yes-or-no value holds.
    #[must_use]
    pub fn holds(&self, kind: FactKind) -> bool {
        self.reading(kind) == Reading::Is(true)
    }

    /// Returns the percentage of a fact that has one.
    #[must_use]
    pub fn percent(&self, kind: FactKind) -> u8 {
        match self.reading(kind) {
            Reading::Percent(percent) => percent,
            Reading::Is(_) => 0,
        }
    }

    /// Returns whether the value is known, either observed or pinned.
    #[must_use]
    pub fn is_known(&self, kind: FactKind) -> bool {
        self.observation(kind).is_some_and(|seen| seen.value.is_some())
    }

    /// Returns the pinned observation, otherwise the source's, or `None` if no source has reported
    /// yet.
    #[must_use]
    pub fn observation(&self, kind: FactKind) -> Option<&Observation> {
        self.pinned.get(&kind).or_else(|| self.known.get(&kind))
    }

    /// Returns the pinned facts.
    pub fn pinned(&self) -> impl Iterator<Item = FactKind> {
        self.pinned.keys().copied()
    }

    /// Describes the pinned facts, for the ledger: `simulated: internet on, battery 10%`.
    #[must_use]
    pub fn simulated(&self) -> Option<String> {
        let pins: Vec<String> =
            self.pinned.keys().map(|kind| alloc::format!("{kind} {}", self.reading(*kind))).collect();
        (!pins.is_empty()).then(|| alloc::format!("simulated: {}", pins.join(", ")))
    }

    /// Stores an observation.
    pub fn observe(&mut self, kind: FactKind, mut seen: Observation) {
        if let Some(old) = self.known.get(&kind)
            && old.value == seen.value
        {
            seen.since = old.since;
        }
        self.known.insert(kind, seen);
    }

    /// Uses a value instead of the observed one.
    pub fn pin(&mut self, kind: FactKind, value: Reading, since: Wall) {
        let pinned =
            Observation { value: Some(value), source: "simulated".into(), why: String::new(), since };
        self.pinned.insert(kind, pinned);
    }

    /// Uses the observed value again.
    pub fn unpin(&mut self, kind: FactKind) {
        self.pinned.remove(&kind);
    }
}

/// Facts with given values; all others are unknown.
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

named!(FactKind);
