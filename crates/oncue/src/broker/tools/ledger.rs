//! Iterating over the ledger, page by page.

use std::vec::IntoIter;

use oncue_wire::{Entry, ask};

use super::Broker;
use crate::Error;
use crate::broker::registry::PAGE;

/// Which entries of the ledger are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// All entries.
    All,
    /// Those of the package with this family name.
    Package(&'a str),
    /// Those of the task with this id, which may no longer be registered.
    Task(&'a str),
}

/// The entries of the ledger, most recently written first.
///
/// It ends after an error.
#[derive(Debug)]
pub struct Ledger<'b> {
    broker: &'b Broker,
    task: String,
    package: String,
    page: IntoIter<Entry>,
    next: Next,
}

/// What to request after the current page.
#[derive(Debug)]
enum Next {
    First,
    /// The entries that were written before this one.
    Before(Box<Entry>),
    Nothing,
}

impl<'b> Ledger<'b> {
    pub(super) fn begin(broker: &'b Broker, of: Of<'_>) -> Self {
        let (task, package) = match of {
            Of::All => ("", ""),
            Of::Package(family_name) => ("", family_name),
            Of::Task(task_id) => (task_id, ""),
        };
        let page = Vec::new().into_iter();
        Self { broker, task: task.to_owned(), package: package.to_owned(), page, next: Next::First }
    }

    fn turn_over(&mut self) -> Result<(), Error> {
        let (task_id, package) = (self.task.clone(), self.package.clone());
        let connection = &self.broker.connection;
        let page = match &self.next {
            // Most callers only need the first page, so it is short.
            Next::First => connection.ask(&ask::History { task_id, package, most: FIRST })?,
            Next::Before(last) => {
                let (ended_at, instance_id) = (last.ended_at, last.instance_id.clone());
                connection.ask(&ask::HistoryBefore { task_id, package, ended_at, instance_id, most: PAGE })?
            }
            Next::Nothing => return Ok(()),
        };
        self.next = page.last().map_or(Next::Nothing, |last| Next::Before(Box::new(last.clone())));
        self.page = page.into_iter();
        Ok(())
    }
}

/// How many entries the first page has.
const FIRST: u32 = 50;

impl Iterator for Ledger<'_> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.page.next() {
                return Some(Ok(entry));
            }
            if matches!(self.next, Next::Nothing) {
                return None;
            }
            if let Err(error) = self.turn_over() {
                self.next = Next::Nothing;
                return Some(Err(error));
            }
        }
    }
}
