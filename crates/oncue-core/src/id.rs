//! The ids of tasks, instances, servers and requests; none is ever reused.

use oncue_types::{Guid, InstanceId, ServerId, TaskId};

/// Returns a number that grows with every id that is created; see [`Ids::guid`].
pub(crate) const fn made(id: Guid) -> u128 {
    id.to_u128().rotate_left(64)
}

/// Creates ids that are never reused: `epoch` grows with every start of the broker and is recorded first.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    seed: u64,
    epoch: u32,
    next: u32,
    next_server: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64, epoch: u32) -> Self {
        Self { seed, epoch, next: 0, next_server: 0 }
    }

    pub(crate) fn task(&mut self) -> TaskId {
        TaskId(self.guid())
    }

    pub(crate) fn instance(&mut self) -> InstanceId {
        InstanceId(self.guid())
    }

    pub(crate) fn server(&mut self) -> ServerId {
        self.next_server += 1;
        ServerId::Launched(self.next_server)
    }

    /// Returns a UUID of version 8 (RFC 9562). The lower half is a count, which makes it unique; the upper
    /// half is that count scrambled, so that ids differ in their first digits.
    fn guid(&mut self) -> Guid {
        self.next = self.next.wrapping_add(1);
        if self.next == 0 {
            self.epoch = self.epoch.wrapping_add(1);
        }
        let count = u64::from(self.epoch & 0x3fff_ffff) << 32 | u64::from(self.next);
        let scrambled = scramble(self.seed ^ count) & !0xf000 | 0x8000;
        Guid::from_u128(u128::from(scrambled) << 64 | u128::from(count | 1 << 63))
    }
}

/// The finalizer of SplitMix64: a bijection on 64 bits.
fn scramble(mut n: u64) -> u64 {
    n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;

    #[test]
    fn no_id_returns_in_another_epoch() {
        let mut seen = BTreeSet::new();
        for epoch in 0..50 {
            let mut ids = Ids::new(7, epoch);
            for _ in 0..50 {
                assert!(seen.insert(ids.task().0));
                assert!(seen.insert(ids.instance().0));
            }
        }
    }

    #[test]
    fn an_id_is_a_uuid_of_version_8() {
        let text = Ids::new(1, 1).task().to_string();
        assert_eq!(&text[14..15], "8");
        assert!("89ab".contains(&text[19..20]), "{text}");
    }
}
