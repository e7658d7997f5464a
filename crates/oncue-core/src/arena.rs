//! A collection of things with an id, each in a slot of its own.
//!
//! An event names a thing by its id. The id is looked up once; from then on, the key leads directly to the
//! thing.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

use hashbrown::HashTable;
use oncue_types::Guid;
use slab::Slab;

/// Something with an id that is unique in its arena.
pub(crate) trait Identified {
    fn id(&self) -> Guid;
}

/// The slot of a `T` in its arena, valid until the `T` is removed.
pub(crate) struct Key<T> {
    place: u32,
    of: PhantomData<fn() -> T>,
}

/// A collection of things with an id.
#[derive(Debug)]
pub(crate) struct Arena<T> {
    slots: Slab<T>,
    /// The slots, by the hash of the id.
    places: HashTable<u32>,
}

impl<T: Identified> Arena<T> {
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn key(&self, id: Guid) -> Option<Key<T>> {
        let is_it = |place: &u32| self.slots[*place as usize].id() == id;
        self.places.find(spread(id), is_it).map(|place| Key::at(*place))
    }

    /// Returns the thing at `key`, unless it was removed.
    pub(crate) fn get(&self, key: Key<T>) -> Option<&T> {
        self.slots.get(key.place())
    }

    pub(crate) fn insert(&mut self, new: T) -> Key<T> {
        let id = new.id();
        if self.slots.len() == self.slots.capacity() {
            // Doubling would leave up to half of the memory unused.
            self.slots.reserve_exact(self.slots.len() / 8 + 16);
        }
        let place = self.slots.insert(new) as u32;
        let Self { slots, places } = self;
        places.insert_unique(spread(id), place, |place| spread(slots[*place as usize].id()));
        Key::at(place)
    }

    pub(crate) fn remove(&mut self, key: Key<T>) -> T {
        let removed = self.slots.remove(key.place());
        if let Ok(found) = self.places.find_entry(spread(removed.id()), |place| *place == key.place) {
            found.remove();
        }
        removed
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        self.slots.iter().map(|(place, found)| (Key::at(place as u32), found))
    }
}

/// Returns a hash of an id.
pub(crate) fn spread(id: Guid) -> u64 {
    let number = id.to_u128();
    let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(32);
    let mixed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { slots: Slab::new(), places: HashTable::new() }
    }
}

impl<T> Index<Key<T>> for Arena<T> {
    type Output = T;

    fn index(&self, key: Key<T>) -> &T {
        &self.slots[key.place()]
    }
}

impl<T> IndexMut<Key<T>> for Arena<T> {
    fn index_mut(&mut self, key: Key<T>) -> &mut T {
        &mut self.slots[key.place()]
    }
}

impl<T> Key<T> {
    /// The smallest key.
    pub(crate) const FIRST: Self = Self::at(0);

    pub(crate) const fn at(place: u32) -> Self {
        Self { place, of: PhantomData }
    }

    pub(crate) const fn place(self) -> usize {
        self.place as usize
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<T> Eq for Key<T> {}

impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.place.cmp(&other.place)
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(Guid);

    impl Identified for Thing {
        fn id(&self) -> Guid {
            self.0
        }
    }

    #[test]
    fn what_is_removed_is_found_no_more_and_its_place_serves_again() {
        let mut arena = Arena::default();
        let keys: [Key<Thing>; 100] =
            core::array::from_fn(|number| arena.insert(Thing(Guid::from_u128(number as u128))));
        let id = |number: u128| Guid::from_u128(number);
        assert_eq!(arena.key(id(42)), Some(keys[42]));
        assert_eq!(arena.remove(keys[42]).0, id(42));
        assert_eq!((arena.key(id(42)), arena.get(keys[42]).is_none()), (None, true));
        let again = arena.insert(Thing(id(1_000)));
        assert_eq!((again, arena.key(id(1_000)), arena.len()), (keys[42], Some(again), 100));
        assert!((0..100).filter(|number| *number != 42).all(|number| arena.key(id(number)).is_some()));
    }
}
