//! What is recorded, in memory: as the broker's store holds it, and what a loss of power takes back.

use std::mem::take;

use oncue_core::{LedgerEntry, Record, Stored, Tables};

/// The records of all turns.
#[derive(Default)]
pub(super) struct Journal {
    durable: Tables,
    /// What the last turn recorded, while nobody has been told of it.
    last: Vec<Record>,
}

impl Journal {
    /// Takes in the records of a turn; what somebody is told of is durable before.
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
            self.durable.apply(record);
        }
    }

    /// Takes back what nobody has been told of.
    pub(super) fn lose(&mut self) {
        self.last.clear();
    }

    /// Returns how firings ended, the first first; whoever looks has been told.
    pub(super) fn ledger(&mut self) -> &[LedgerEntry] {
        self.flush();
        self.durable.ledger()
    }

    /// Returns what a broker that starts finds.
    pub(super) fn load(&mut self) -> Stored {
        self.flush();
        self.durable.stored()
    }
}
