//! The store as a whole: it returns what was written, whatever happens in between.

use oncue_core::LedgerEntry;

use super::{Of, Part, Store, StoreError};

mod compat;
mod damage;
mod gone;
mod ledger;
mod model;
mod refusal;
mod sample;
mod survival;
mod unsynced;

/// Reads a whole history.
fn whole(store: &Store, of: &Of, most: usize) -> Result<Vec<LedgerEntry>, StoreError> {
    let part = Part { before: None, most, bytes: usize::MAX };
    store.history(of, part).map(|slice| slice.entries)
}
