//! The chores of this workspace: `cargo xtask tidy`, `bench`, `dist`, `pictures`, `test-system`, `test-windows`.
#![warn(clippy::wildcard_enum_match_arm)]

mod bench;
mod build;
mod dist;
mod pictures;
mod test_system;
mod test_windows;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of this workspace.
///
/// Times are for two cores and warm dependencies.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", max_term_width = 100)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check the rules of this tree that no other tool knows
    ///
    /// Crate edges, file sizes, links and unfinished code. Needs nothing; takes seconds.
    Tidy,
    Bench(bench::Options),
    Dist(dist::Options),
    /// Draw the README's picture of the timeline from a real run
    ///
    /// Lets tasks run for two minutes with a broker of their own, and takes a picture of the page of
    /// `oncue timeline`. Needs Chromium; takes 3 minutes.
    Pictures,
    TestCalendar(test_system::calendar::Options),
    TestSystem(test_system::Options),
    /// Build for Windows and test under Wine
    ///
    /// Builds the SDK, the sample and its tests for Windows. Needs root and Debian, and installs MinGW,
    /// Wine and a Rust target. Takes 4 minutes.
    TestWindows,
    /// Play the scenarios; the half of `test-system` that runs in the guest
    #[command(hide = true)]
    TestSystemInside(test_system::Options),
    /// Act as a part of the app that the scenarios test oncue with
    #[command(hide = true, subcommand)]
    TestSystemApp(test_system::Part),
    /// Measure; the half of `bench` that runs in a release build of this program
    #[command(hide = true)]
    BenchMeasure(bench::Options),
    /// Act as the other process of a measurement
    #[command(hide = true, subcommand)]
    BenchServer(bench::Server),
}

fn main() -> ExitCode {
    match Arguments::parse().verb {
        Verb::Tidy => tidy::run(&workspace_root()),
        Verb::Bench(options) => bench::run(&options, &workspace_root()),
        Verb::Dist(options) => dist::run(&options, &workspace_root()),
        Verb::Pictures => pictures::run(&workspace_root()),
        Verb::TestCalendar(options) => test_system::calendar::run(&options),
        Verb::TestSystem(options) => test_system::run(&options),
        Verb::TestWindows => test_windows::run(&workspace_root()),
        Verb::TestSystemInside(options) => test_system::inside(&options),
        Verb::TestSystemApp(part) => test_system::app(&part),
        Verb::BenchMeasure(options) => bench::measure(&options),
        Verb::BenchServer(server) => bench::serve(&server),
    }
}

/// The folder that contains the workspace's manifest.
fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_verb_says_what_it_needs_and_how_long_it_takes() {
        let command = Arguments::command();
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let help = verb.get_long_about().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Needs ") && help.to_lowercase().contains("takes "), "{verb}: {help}");
        }
    }
}
