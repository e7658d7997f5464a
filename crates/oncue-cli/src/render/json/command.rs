//! The shape of a command. The values of its variables may be secret, so only their names are written.

use oncue_types::Statuses;
use oncue_wire::{CommandInfo, Word};
use serde::Serialize;

use super::Text;
use crate::render::variables;

/// A command that runs as a task.
#[derive(Debug, Serialize)]
pub(crate) struct Command<'a> {
    program: &'a str,
    arguments: &'a [String],
    folder: &'a str,
    environment: Vec<&'a str>,
    input: Option<&'a str>,
    success: Text<Word<Statuses>>,
}

impl<'a> Command<'a> {
    /// Returns the shape of a command.
    pub(crate) fn of(command: &'a CommandInfo) -> Self {
        Self {
            program: &command.program,
            arguments: &command.arguments,
            folder: &command.folder,
            environment: variables::names(command).collect(),
            input: command.input.as_deref(),
            success: Text(command.success.clone().unwrap_or_else(|| Statuses::default().into())),
        }
    }
}
