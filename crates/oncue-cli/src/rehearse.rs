//! Asks the broker whether it would refuse changes of commands, for previews.

use oncue::Error;
use oncue::tools::{Broker, CommandChange};
use oncue_wire::{Code, limits};

/// Returns the changes that the broker would refuse. An older broker cannot say, nor is there an answer about
/// more changes than it checks at once; then nothing is known.
pub(crate) fn refused(broker: &Broker, changes: &[CommandChange]) -> Result<Vec<(usize, Error)>, Error> {
    if changes.len() > limits::CHANGES {
        return Ok(Vec::new());
    }
    match broker.check_commands(changes) {
        Err(error) if error.code() == Some(Code::UnknownMethod) => Ok(Vec::new()),
        checked => checked,
    }
}
