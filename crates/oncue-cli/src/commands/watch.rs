//! `oncue watch`: a live view of the tasks.
//!
//! The model decides and the rest acts: threads turn keys, news of the broker and signals into events, the model
//! turns an event into effects, and the screen draws the model.
//!
//! ```text
//!   key.rs      keys ──────────┐
//!   link.rs     the broker ────┤            ┌──► link.rs, reading.rs
//!   reading.rs  output ────────┼─► model ───┤
//!   signals     the end ───────┘            └──► draw.rs ─► frame.rs ─► the terminal
//! ```

mod areas;
mod canvas;
mod draw;
mod event;
mod frame;
mod glance;
mod key;
mod link;
mod model;
mod reading;
mod screen;
mod scroll;
mod view;

use clap::Args;
use oncue::tools::Broker;

use crate::exit::Exit;
use crate::failure::Failure;

/// Show the tasks on a live screen
///
/// Shows each task with its state, what keeps it from running, the progress of its run, when it fires next and
/// how its last run ended, and below them the last runs of all tasks. Keys run, cancel, pause and explain the
/// selected task and show its output; `?` lists them. The screen changes when the broker says that something
/// has changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue watch\n  NO_COLOR=1 oncue watch")]
pub(crate) struct Arguments {}

/// Shows the live view until the user leaves it.
pub(super) fn perform(_: &Arguments) -> Result<Exit, Failure> {
    screen::check()?;
    view::show(Broker::connect()?)
}
