//! `oncue package list` on Windows: the packages in developer mode, one per line.

use std::io::Write as _;

use clap::Args;

use super::deployment::{Registered, all};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;
use crate::render::table::{Column, Table};

/// List the packages that are registered in developer mode and declare a class
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

const COLUMNS: [Column; 5] = [
    Column::new("NAME", 12, 0),
    Column::new("VERSION", 7, 2),
    Column::new("CLASSES", 7, 1),
    Column::new("FAMILY NAME", 24, 3),
    Column::new("FOLDER", 16, 4),
];

#[derive(serde::Serialize)]
struct Shape<'a> {
    family_name: &'a str,
    full_name: &'a str,
    display_name: &'a str,
    version: &'a str,
    location: String,
    classes: &'a [String],
}

/// Lists the packages.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let packages = all()?;
    let mut screen = Screen::open();
    if arguments.json {
        screen.json(&packages.iter().map(shape).collect::<Vec<_>>())?;
    } else if packages.is_empty() {
        writeln!(screen, "no package is registered in developer mode; `oncue package add` registers one")?;
    } else {
        screen.write_all(table(&packages).draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn shape(package: &Registered) -> Shape<'_> {
    Shape {
        family_name: &package.family_name,
        full_name: &package.full_name,
        display_name: &package.display_name,
        version: &package.version,
        location: package.folder.display().to_string(),
        classes: &package.classes,
    }
}

fn table(packages: &[Registered]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for package in packages {
        table.row(vec![
            (&package.display_name).into(),
            (&package.version).into(),
            package.classes.len().to_string().into(),
            (&package.family_name).into(),
            package.folder.display().to_string().into(),
        ]);
    }
    table
}
