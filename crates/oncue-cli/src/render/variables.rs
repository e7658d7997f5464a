//! The variables of a command. Their values may be secret, so they are not shown.

use oncue_wire::CommandInfo;

/// Returns the names of a command's variables.
pub(crate) fn names(command: &CommandInfo) -> impl Iterator<Item = &str> {
    command.environment.iter().map(|variable| variable.split('=').next().unwrap_or_default())
}
