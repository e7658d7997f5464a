//! The packages that have tasks: a small number for each, and how many tasks it has.

use alloc::collections::BTreeMap;

use oncue_types::FamilyName;
use slab::Slab;

/// The number of a package, valid while the package has tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FamilyKey(u32);

/// The packages that have tasks.
#[derive(Debug, Default)]
pub(super) struct Families {
    all: Slab<Family>,
    keys: BTreeMap<FamilyName, FamilyKey>,
}

#[derive(Debug)]
struct Family {
    name: FamilyName,
    tasks: usize,
}

impl Families {
    pub(super) fn key(&self, name: &FamilyName) -> Option<FamilyKey> {
        self.keys.get(name).copied()
    }

    pub(super) fn name(&self, key: FamilyKey) -> &FamilyName {
        &self.all[key.0 as usize].name
    }

    pub(super) fn count(&self, name: &FamilyName) -> usize {
        self.key(name).map_or(0, |key| self.all[key.0 as usize].tasks)
    }

    /// Counts one more task of a package.
    pub(super) fn join(&mut self, name: &FamilyName) -> FamilyKey {
        let Self { all, keys } = self;
        let key = *keys
            .entry(name.clone())
            .or_insert_with(|| FamilyKey(all.insert(Family { name: name.clone(), tasks: 0 }) as u32));
        all[key.0 as usize].tasks += 1;
        key
    }

    /// Counts one task less of a package; returns its name.
    pub(super) fn leave(&mut self, key: FamilyKey) -> FamilyName {
        let family = &mut self.all[key.0 as usize];
        family.tasks -= 1;
        let name = family.name.clone();
        if family.tasks == 0 {
            self.all.remove(key.0 as usize);
            self.keys.remove(&name);
        }
        name
    }
}
