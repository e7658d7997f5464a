//! `oncue access list`: what each package may do.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, PackageInfo};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style;
use crate::render::table::{Cell, Column, Table};

/// List what each package may do
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue access list\n  oncue access list --json")]
pub(crate) struct Arguments {
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

const COLUMNS: [Column; 4] = [
    Column::new("NAME", 12, 0),
    Column::new("ACCESS", 6, 0),
    Column::new("TASKS", 5, 1),
    Column::new("FAMILY NAME", 24, 2),
];

/// Lists what each package may do.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut packages = Broker::connect()?.packages()?;
    packages.sort_by(|a, b| a.family_name.cmp(&b.family_name));
    let mut screen = Screen::open();
    if arguments.json {
        let packages: Vec<_> = packages.iter().map(json::Allowed::of).collect();
        screen.json(&packages)?;
    } else if packages.is_empty() {
        writeln!(screen, "there are no packages; add one with `oncue package add FOLDER`")?;
    } else {
        screen.write_all(table(&packages).draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn table(packages: &[PackageInfo]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for package in packages {
        table.row(vec![
            (&package.display_name).into(),
            Cell::styled(&package.access.to_string(), style::of_access(&package.access)),
            package.tasks.to_string().into(),
            (&package.family_name).into(),
        ]);
    }
    table
}
