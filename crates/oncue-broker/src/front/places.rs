//! Limits the number of connections, and refuses further ones.

use oncue_wire::{Code, Refused, limits};

use super::turns::ProcessId;

/// How many connections may be open only to be refused.
pub(super) const REFUSALS: usize = 16;

/// How many descriptors the broker reserves for its own work: files, timers, buses, and processes that it
/// starts.
const OWN_DESCRIPTORS: usize = 256;

/// A connection needs a descriptor for its socket, and one for its process.
const DESCRIPTORS: usize = 2;

/// The maximum number of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// For all clients.
    pub(super) all: usize,
    /// In addition, for task servers that the broker started.
    pub(super) servers: usize,
}

impl Places {
    /// Returns as many as the limit of open files permits.
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
                format!("process {pid} has too many connections to the broker (limit: {has})"),
                "close some, or share one",
            ),
            Self::OfAll(all) => {
                (format!("all {all} connections to the broker are in use"), "retry when some are closed")
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
