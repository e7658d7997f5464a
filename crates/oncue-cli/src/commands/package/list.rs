//! `oncue package list`: the packages, one per line.

use std::io::Write as _;

use clap::Args;
use oncue::tools::{Broker, PackageInfo};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style::{BAD, GOOD};
use crate::render::table::{Cell, Column, Table};

/// List the packages
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue package list\n  oncue package list --json")]
pub(crate) struct Arguments {
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

const COLUMNS: [Column; 6] = [
    Column::new("NAME", 12, 0),
    Column::new("VERSION", 7, 2),
    Column::new("TASKS", 5, 1),
    Column::new("STATE", 8, 0),
    Column::new("FAMILY NAME", 24, 3),
    Column::new("FOLDER", 16, 4),
];

/// Lists the packages.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut packages = Broker::connect()?.packages()?;
    packages.sort_by(|a, b| a.family_name.cmp(&b.family_name));
    let mut screen = Screen::open();
    if arguments.json {
        let packages: Vec<_> = packages.iter().map(json::Package::of).collect();
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
        let usable = package.problem.is_empty();
        table.row(vec![
            (&package.display_name).into(),
            (&package.version).into(),
            package.tasks.to_string().into(),
            if usable { Cell::styled("usable", GOOD) } else { Cell::styled("unusable", BAD) },
            (&package.family_name).into(),
            (&package.location).into(),
        ]);
    }
    table
}
