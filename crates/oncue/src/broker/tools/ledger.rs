//! Iterating over the ledger, page by page.

use std::vec::IntoIter;

use oncue_types::{InstanceId, TaskId, Wall};
use oncue_wire::{Entry, ask};

use super::Broker;
use crate::broker::host::PAGE;
use crate::error::Error;

/// Which entries of the ledger are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Of<'a> {
    /// All entries.
    All,
    /// Those of the package with this family name.
    Package(&'a str),
    /// Those of this task, which may no longer be registered.
    Task(TaskId),
}

impl Of<'_> {
    /// Returns the task and the package as the broker is asked for them.
    pub(super) fn texts(self) -> (String, String) {
        match self {
            Self::All => Default::default(),
            Self::Package(family_name) => (String::new(), family_name.to_owned()),
            Self::Task(task) => (task.to_string(), String::new()),
        }
    }
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
    Before {
        ended_at: Wall,
        instance_id: InstanceId,
    },
    Nothing,
}

impl<'b> Ledger<'b> {
    pub(super) fn begin(broker: &'b Broker, of: Of<'_>) -> Self {
        let ((task, package), page) = (of.texts(), Vec::new().into_iter());
        Self { broker, task, package, page, next: Next::First }
    }

    fn turn_over(&mut self) -> Result<(), Error> {
        let (task_id, package) = (self.task.clone(), self.package.clone());
        let connection = &self.broker.connection;
        let page = match &self.next {
            // Most callers only need the first page, so it is short.
            Next::First => connection.ask(&ask::History { task_id, package, most: FIRST })?,
            Next::Before { ended_at, instance_id } => {
                let (ended_at, instance_id) = (ended_at.0, instance_id.to_string());
                connection.ask(&ask::HistoryBefore { task_id, package, ended_at, instance_id, most: PAGE })?
            }
            Next::Nothing => return Ok(()),
        };
        self.next = match page.last() {
            Some(&Entry { ended_at, instance_id, .. }) => Next::Before { ended_at, instance_id },
            None => Next::Nothing,
        };
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
