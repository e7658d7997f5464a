//! `oncue signal`: raises an event by name.

use std::io::Write as _;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use oncue::tools::Broker;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::screen::Screen;

/// Raise an event for the tasks that wait for it
///
/// Fires every task, of any package, whose trigger is `signal NAME`. Conditions still decide when
/// the tasks run. It is not an error if no task waits for the event.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue signal backup.done\n  oncue signal photo.added -- holiday.jpg")]
pub(crate) struct Arguments {
    /// The event's name
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Arguments that the runs receive
    arguments: Vec<String>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Shape<'a> {
    signal: &'a str,
    fired: u32,
}

/// Raises an event.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let fired = Broker::connect()?.signal(&arguments.name, &arguments.arguments)?;
    let mut screen = Screen::open();
    if arguments.json {
        screen.json(&Shape { signal: &arguments.name, fired })?;
        return Ok(Exit::Done);
    }
    let name = clean(&arguments.name);
    match fired {
        0 => writeln!(screen, "no task is waiting for {name}")?,
        1 => writeln!(screen, "{name} fired 1 task")?,
        _ => writeln!(screen, "{name} fired {fired} tasks")?,
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::documented::{assert_documented, value};

    #[test]
    fn the_shape_is_as_documented() {
        assert_documented("What raising an event did", &value(&Shape { signal: "ready", fired: 2 }));
    }
}
