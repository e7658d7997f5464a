//! Records in memory: what the broker's store would contain, and what a loss of power undoes.

use std::mem::take;

use oncue_core::{LedgerEntry, Record, Stored};

/// The records of all turns.
#[derive(Default)]
pub(super) struct Journal {
    durable: Stored,
    /// How firings ended, oldest first.
    ledger: Vec<LedgerEntry>,
    /// The records of the last turn, as long as nobody has been told about them.
    last: Vec<Record>,
}

impl Journal {
    /// Adds the records of a turn. Anything that somebody is told about is already durable.
    pub(super) fn write(&mut self, records: Vec<Record>, told: bool) {
        if !records.is_empty() {
            self.flush();
            self.last = records;
        }
        if told {
            self.flush();
        }
    }

    /// Makes everything durable.
    pub(super) fn flush(&mut self) {
        for record in take(&mut self.last) {
            self.ledger.extend(self.durable.apply(record));
        }
    }

    /// Undoes what nobody has been told about.
    pub(super) fn lose(&mut self) {
        self.last.clear();
    }

    /// Returns how firings ended, oldest first; the caller counts as somebody who was told.
    pub(super) fn ledger(&mut self) -> &[LedgerEntry] {
        self.flush();
        &self.ledger
    }

    /// Returns what a broker finds when it starts.
    pub(super) fn load(&mut self) -> Stored {
        self.flush();
        self.durable.clone()
    }
}
