//! The goals for oncue, as ratios to its peers in the same run.

use super::subject::Subject;

/// oncue's median may be at most this many times the peer's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    /// The measurement of oncue.
    pub(super) ours: Subject,
    /// The measurement of the peer.
    pub(super) peer: Subject,
    /// The maximum ratio.
    pub(super) at_most: f64,
}

impl Bar {
    const fn new(ours: Subject, at_most: f64, peer: Subject) -> Self {
        Self { ours, peer, at_most }
    }
}

/// All goals that are ratios of two durations.
pub(super) const BARS: [Bar; 8] = [
    Bar::new(Subject::OursWarm, 0.5, Subject::BusWarm),
    Bar::new(Subject::OursWarm, 6.0, Subject::Socket),
    Bar::new(Subject::OursCold, 2.0, Subject::Spawn),
    Bar::new(Subject::OursCold, 0.5, Subject::BusCold),
    Bar::new(Subject::OursCommand, 1.5, Subject::Spawn),
    Bar::new(Subject::OursRegister, 1.5, Subject::Commit),
    // Ten times the rate is a tenth of the time for each.
    Bar::new(Subject::OursRegisterEach, 0.1, Subject::OursRegister),
    // Hostile clients may at most double the time of others.
    Bar::new(Subject::OursCallBesideHostile, 2.0, Subject::OursCall),
];
