//! What has used up a run's firing, as a number in the store: 0 for nothing, 1 for a server that entered
//! the run, and otherwise the number of the reason for which the run was cancelled before that, plus 2.

use oncue_core::{CancellationReason, UsedUp};
use rusqlite::types::ValueRef;

use super::cell::{self, CellError};

const ENTERED: u32 = 1;
const CANCELLED: u32 = 2;

pub(super) fn number(by: UsedUp) -> u32 {
    match by {
        UsedUp::Entered => ENTERED,
        UsedUp::Cancelled(reason) => CANCELLED + reason as u32,
    }
}

pub(super) fn read(value: ValueRef<'_>) -> Result<Option<UsedUp>, CellError> {
    let number: u32 = cell::number(value)?;
    match number.checked_sub(CANCELLED) {
        None => Ok((number == ENTERED).then_some(UsedUp::Entered)),
        Some(reason) => match CancellationReason::numbered(reason) {
            Some(reason) => Ok(Some(UsedUp::Cancelled(reason))),
            None => Err(CellError::Unknown { text: number.to_string(), what: "way to use up a firing" }),
        },
    }
}
