//! Reads a row cell by cell, so that errors name the table, row and column.

use std::error::Error;
use std::str::FromStr;

use oncue_core::{Access, CancellationReason, Cause, Exit, Guid, Outcome, Wall};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, ValueRef};

use super::fault::Why;
use super::key;

/// A row that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("row {row} of table {table} is invalid in column {column} ({source}): fix or delete that row")]
pub(crate) struct RowError {
    /// The table.
    pub(crate) table: &'static str,
    /// The first cell of the row, which identifies it, in SQL notation.
    pub(crate) row: String,
    /// The column.
    pub(crate) column: String,
    /// The problem.
    pub(crate) source: CellError,
}

/// A cell that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CellError {
    /// It has another type, or is too large.
    #[error(transparent)]
    Sql(#[from] FromSqlError),
    /// The text cannot be parsed.
    #[error("`{text}`: {source}")]
    Parse {
        /// The text.
        text: String,
        /// The problem.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The text is not one of the permitted words.
    #[error("`{text}` is not a valid {what}")]
    Unknown {
        /// The text.
        text: String,
        /// The expected kind of word.
        what: &'static str,
    },
}

/// A row whose cells are read from left to right.
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    table: &'static str,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn of(table: &'static str, row: &'r Row<'r>) -> Self {
        Self { row, table, next: 0 }
    }

    /// Reads the next cell with `from`.
    pub(super) fn read<T>(
        &mut self,
        from: impl FnOnce(ValueRef<'r>) -> Result<T, CellError>,
    ) -> Result<T, Why> {
        let at = self.next;
        self.next += 1;
        from(self.row.get_ref(at)?).map_err(|source| self.error(at, source))
    }

    /// Reads the next cell with `from`, unless it is NULL.
    pub(super) fn maybe<T>(
        &mut self,
        from: impl FnOnce(ValueRef<'r>) -> Result<T, CellError>,
    ) -> Result<Option<T>, Why> {
        self.read(|value| if value == ValueRef::Null { Ok(None) } else { from(value).map(Some) })
    }

    /// Skips cells.
    pub(super) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    /// Returns whether the next cell is NULL.
    pub(super) fn at_null(&self) -> Result<bool, Why> {
        Ok(self.row.get_ref(self.next)? == ValueRef::Null)
    }

    fn error(&self, at: usize, source: CellError) -> Why {
        let row = match self.row.get_ref(0) {
            Ok(ValueRef::Blob(bytes)) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("x'{digits}'")
            }
            Ok(ValueRef::Text(text)) => format!("'{}'", String::from_utf8_lossy(text)),
            Ok(ValueRef::Integer(number)) => number.to_string(),
            Ok(ValueRef::Null | ValueRef::Real(_)) | Err(_) => "?".to_owned(),
        };
        let column = self.row.as_ref().column_name(at).unwrap_or("?").to_owned();
        Why::Row(Box::new(RowError { table: self.table, row, column, source }))
    }
}

pub(super) fn text(value: ValueRef<'_>) -> Result<&str, CellError> {
    Ok(value.as_str()?)
}

pub(super) fn owned(value: ValueRef<'_>) -> Result<String, CellError> {
    Ok(value.as_str()?.to_owned())
}

pub(super) fn number<N: FromSql>(value: ValueRef<'_>) -> Result<N, CellError> {
    Ok(N::column_result(value)?)
}

pub(super) fn wall(value: ValueRef<'_>) -> Result<Wall, CellError> {
    Ok(Wall(value.as_i64()?))
}

pub(super) fn guid(value: ValueRef<'_>) -> Result<Guid, CellError> {
    Ok(key::id(<[u8; 16]>::column_result(value)?))
}

pub(super) fn parsed<T>(value: ValueRef<'_>) -> Result<T, CellError>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    let text = value.as_str()?;
    text.parse().map_err(|source: T::Err| CellError::Parse { text: text.to_owned(), source: source.into() })
}

pub(super) fn outcome(value: ValueRef<'_>) -> Result<Outcome, CellError> {
    word(value, "outcome", |name| name.parse().ok())
}

pub(super) fn access(value: ValueRef<'_>) -> Result<Access, CellError> {
    word(value, "access", |name| name.parse().ok())
}

pub(super) fn reason(value: ValueRef<'_>) -> Result<CancellationReason, CellError> {
    word(value, "cancellation reason", |name| name.parse().ok())
}

pub(super) fn exit(value: ValueRef<'_>) -> Result<Exit, CellError> {
    word(value, "exit", |text| text.parse().ok())
}

pub(super) fn cause(value: ValueRef<'_>) -> Result<Cause, CellError> {
    let causes = [Cause::Trigger, Cause::Asked, Cause::Forced, Cause::Retry];
    word(value, "cause", |name| causes.into_iter().find(|cause| cause_name(*cause) == name))
}

/// The word for a cause in the store.
pub(super) fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Trigger => "trigger",
        Cause::Asked => "asked",
        Cause::Forced => "forced",
        Cause::Retry => "retry",
    }
}

/// Reads a word with `known`, which returns its meaning.
pub(super) fn word<T>(
    value: ValueRef<'_>,
    what: &'static str,
    known: impl FnOnce(&str) -> Option<T>,
) -> Result<T, CellError> {
    let text = value.as_str()?;
    known(text).ok_or_else(|| CellError::Unknown { text: text.to_owned(), what })
}
