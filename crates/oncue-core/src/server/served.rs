//! Which server serves which class.

use alloc::vec::Vec;

use hashbrown::HashTable;
use oncue_types::{FamilyName, Guid, ServerId};

use crate::arena::spread;

use super::{ClassUse, Cookie};

/// The usable class objects.
#[derive(Debug, Default)]
pub(super) struct Served(HashTable<Class>);

/// The class objects of one class of one package, at least one.
#[derive(Debug)]
struct Class {
    id: Guid,
    package: FamilyName,
    /// The objects in order of registration; the last one is used.
    objects: Vec<Serving>,
}

/// A usable class object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Serving {
    pub(super) server: ServerId,
    pub(super) cookie: Cookie,
    pub(super) class_use: ClassUse,
}

impl Served {
    /// Returns the class object that serves a class of a package.
    pub(super) fn latest(&self, package: &FamilyName, class: Guid) -> Option<Serving> {
        let found = self.0.find(spread(class), |known| known.is(package, class));
        found.and_then(|class| class.objects.last().copied())
    }

    pub(super) fn add(&mut self, package: &FamilyName, class: Guid, object: Serving) {
        let entry = self.0.entry(spread(class), |known| known.is(package, class), |known| spread(known.id));
        let new = || Class { id: class, package: package.clone(), objects: Vec::new() };
        entry.or_insert_with(new).into_mut().objects.push(object);
    }

    pub(super) fn remove(&mut self, package: &FamilyName, class: Guid, cookie: Cookie) {
        if let Ok(mut entry) = self.0.find_entry(spread(class), |known| known.is(package, class)) {
            let objects = &mut entry.get_mut().objects;
            objects.retain(|known| known.cookie != cookie);
            if objects.is_empty() {
                entry.remove();
            }
        }
    }
}

impl Class {
    fn is(&self, package: &FamilyName, class: Guid) -> bool {
        self.id == class && self.package == *package
    }
}
