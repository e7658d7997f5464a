//! The bars that oncue must reach, as ratios to its peers in the same run.

use super::subject::Subject;

/// Oncue's median may be at most this many times the peer's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    /// What of oncue is judged.
    pub(super) ours: Subject,
    /// What it is compared with.
    pub(super) peer: Subject,
    /// The greatest ratio that is still good.
    pub(super) at_most: f64,
}

impl Bar {
    const fn new(ours: Subject, at_most: f64, peer: Subject) -> Self {
        Self { ours, peer, at_most }
    }
}

/// All bars that are ratios of two durations.
pub(super) const BARS: [Bar; 7] = [
    Bar::new(Subject::OursWarm, 0.5, Subject::BusWarm),
    Bar::new(Subject::OursWarm, 6.0, Subject::Socket),
    Bar::new(Subject::OursCold, 2.0, Subject::Spawn),
    Bar::new(Subject::OursCold, 0.5, Subject::BusCold),
    Bar::new(Subject::OursRegister, 1.5, Subject::Commit),
    // Ten times the rate is a tenth of the time for each.
    Bar::new(Subject::OursRegisterEach, 0.1, Subject::OursRegister),
    // Who does harm may cost others as much time again as they take by themselves.
    Bar::new(Subject::OursCallBesideHostile, 2.0, Subject::OursCall),
];
