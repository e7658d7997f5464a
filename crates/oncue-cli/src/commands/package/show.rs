//! `oncue package show`: everything about one package.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, PackageInfo};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style::{self, BAD, TITLE, paint};
use crate::which;

/// Show everything about a package
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue package show Primes\n  oncue package show Primes --json")]
pub(crate) struct Arguments {
    /// The package's family name, the part before the underscore, or its display name
    name: String,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

/// Shows a package.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let package = which::package(&Broker::connect()?, &arguments.name)?;
    let mut screen = Screen::open();
    if arguments.json {
        screen.json(&json::Package::of(&package))?;
    } else {
        writeln!(screen, "{}", paint(TITLE, &clean(&package.display_name)))?;
        screen.write_all(card(&package).draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn card(package: &PackageInfo) -> Card {
    let mut card = Card::default();
    card.row("family name", &package.family_name);
    card.row("full name", &package.full_name);
    card.row("version", &package.version);
    card.row("origin", package.origin.to_string());
    card.row("folder", &package.location);
    card.row("local data", &package.local_folder);
    card.styled("access", &package.access.to_string(), style::of_access(&package.access));
    card.row("tasks", package.tasks.to_string());
    for server in &package.servers {
        card.row("server", format!("{} {}", server.executable, server.arguments));
        for oncue_wire::ClassInfo { class_id, display_name: name } in &server.classes {
            card.row("  class", format!("{class_id}  {name}"));
        }
    }
    if !package.problem.is_empty() {
        card.styled("problem", &package.problem, BAD);
    }
    card
}
