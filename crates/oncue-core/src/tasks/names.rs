//! Tasks by package and name. Several tasks can have the same package and name.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;

use super::TaskKey;
use super::families::FamilyKey;

/// Tasks by package and name.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: BTreeSet<(FamilyKey, Arc<str>, TaskKey)>,
}

impl Names {
    pub(super) fn insert(&mut self, family: FamilyKey, name: Arc<str>, key: TaskKey) {
        self.all.insert((family, name, key));
    }

    pub(super) fn remove(&mut self, family: FamilyKey, name: Arc<str>, key: TaskKey) {
        self.all.remove(&(family, name, key));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (FamilyKey, &str, TaskKey)> {
        self.all.iter().map(|(family, name, key)| (*family, &**name, *key))
    }

    pub(super) fn of_family(&self, family: FamilyKey) -> impl Iterator<Item = TaskKey> {
        let from = self.all.range((family, Arc::from(""), TaskKey::FIRST)..);
        from.take_while(move |(of, _, _)| *of == family).map(|(_, _, key)| *key)
    }

    pub(super) fn of_name(&self, family: FamilyKey, name: Arc<str>) -> impl Iterator<Item = TaskKey> {
        let from = self.all.range((family, name.clone(), TaskKey::FIRST)..);
        from.take_while(move |(of, named, _)| *of == family && *named == name).map(|(_, _, key)| *key)
    }
}
