//! `oncue progress`: a command reports how far its run has come.

use std::env;

use clap::Args;
use oncue::tools::{Broker, InstanceId, ProgressReport};
use oncue_types::GuidError;
use oncue_wire::names::INSTANCE_VARIABLE;

use crate::exit::Exit;
use crate::failure::Failure;

/// Report how far a command has come
///
/// For use inside a command that oncue runs; the run is named by the variable ONCUE_INSTANCE. `list`,
/// `show` and `watch` show the value and the note. The last note stays in the history as the result.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  oncue progress 40 'uploading'\n  oncue progress --note '3 new messages'\n  \
    \"$ONCUE\" progress 100"
)]
pub(crate) struct Arguments {
    /// How far it has come, such as a percentage
    #[arg(required_unless_present = "note")]
    value: Option<u32>,
    /// What it is doing, or its result
    #[arg(value_name = "NOTE", conflicts_with = "note")]
    text: Option<String>,
    /// A note without a value
    #[arg(long, value_name = "NOTE")]
    note: Option<String>,
}

/// The report is not made inside a run.
#[derive(Debug, thiserror::Error)]
enum OutsideError {
    /// The variable is not set.
    #[error("the variable {INSTANCE_VARIABLE} is not set, so this is not inside a command that oncue runs")]
    Unset,
    /// The variable is not an id.
    #[error("the variable {INSTANCE_VARIABLE} is `{text}`")]
    NotAnId {
        /// Its value.
        text: String,
        /// The reason.
        source: GuidError,
    },
}

/// Reports progress.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let run = run().map_err(|error| {
        Failure::new(Exit::Usage, error)
            .with_way_out("call it inside a command that was added with `oncue add NAME -- COMMAND`")
    })?;
    let note = arguments.text.clone().or_else(|| arguments.note.clone()).filter(|note| !note.is_empty());
    Broker::connect_running()?.report_progress(run, ProgressReport { value: arguments.value, note })?;
    Ok(Exit::Done)
}

fn run() -> Result<InstanceId, OutsideError> {
    let text = env::var(INSTANCE_VARIABLE).map_err(|_| OutsideError::Unset)?;
    text.parse().map(InstanceId).map_err(|source| OutsideError::NotAnId { text, source })
}
