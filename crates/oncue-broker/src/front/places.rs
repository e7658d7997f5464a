//! How many connections there may be, and what is said when there is no place.

use oncue_wire::{Code, Refused, limits};

use super::turns::ProcessId;

/// How many connections may be open just to be told that there is no place for them.
pub(super) const REFUSALS: usize = 16;

/// How many descriptors the broker keeps for its own work: files, timers, buses, processes it starts.
const OWN_DESCRIPTORS: usize = 256;

/// A connection takes its socket and a descriptor of its process.
const DESCRIPTORS: usize = 2;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Of whoever comes.
    pub(super) all: usize,
    /// Further ones for task servers that the broker started.
    pub(super) servers: usize,
}

impl Places {
    /// As many as the limit of open files allows.
    pub(super) fn within(descriptors: Option<u64>) -> Self {
        let descriptors = descriptors.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let affordable = descriptors.saturating_sub(OWN_DESCRIPTORS + REFUSALS * DESCRIPTORS) / DESCRIPTORS;
        let all = (affordable / 3 * 2).clamp(REFUSALS, limits::CONNECTIONS);
        Self { all, servers: all / 2 }
    }
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum NoPlace {
    OfProcess { pid: ProcessId, has: usize },
    OfAll(usize),
}

impl NoPlace {
    pub(super) fn refused(self) -> Refused {
        let (message, way_out) = match self {
            Self::OfProcess { pid, has } => (
                format!("process {pid} has {has} connections to the broker, which is the limit"),
                "close some, or share one",
            ),
            Self::OfAll(all) => {
                (format!("all {all} connections to the broker are in use"), "try again once some are closed")
            }
        };
        Refused::new(Code::NotEnoughQuota, message, way_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_leave_descriptors_for_the_brokers_own_work() {
        for descriptors in [1_024, 2_048, 4_096, 1 << 20] {
            let Places { all, servers } = Places::within(Some(descriptors));
            let used = (all + servers + REFUSALS) * DESCRIPTORS + OWN_DESCRIPTORS;
            assert!(used as u64 <= descriptors, "{descriptors}: {used}");
            assert!(servers >= 64, "{descriptors}: {servers}");
        }
        assert_eq!(Places::within(None), Places { all: 384, servers: 192 });
    }
}
