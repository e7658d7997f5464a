//! The chores of this workspace: `cargo xtask tidy`, `bench`, `test-system`, `test-windows`.

mod bench;
mod build;
mod test_system;
mod test_windows;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <verb>

  tidy                      check the rules of this tree that no other tool knows
  bench [--quick] [--json]  measure oncue beside its peers; the figures go to stdout
  test-calendar [--seed N] [--count N]
                            compare calendar expressions with systemd-analyze
  test-system [--only NAME]…
                            test oncue with the real services of a system booted in namespaces;
                            needs root and Debian; NAME is any part of a scenario's name
  test-windows              build for Windows and test under Wine; installs what it needs
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(&workspace_root()),
        ["bench", options @ ..] => {
            bench::Options::parse(options).map_or_else(usage, |options| bench::run(&options))
        }
        ["test-calendar", options @ ..] => {
            let options = test_system::calendar::Options::parse(options);
            options.map_or_else(usage, |options| test_system::calendar::run(&options))
        }
        ["test-system", options @ ..] => {
            test_system::Options::parse(options).map_or_else(usage, |options| test_system::run(&options))
        }
        // Its other half, which runs in the guest, and the programs that its scenarios make oncue
        // start.
        ["test-system-inside", options @ ..] => {
            test_system::Options::parse(options).map_or_else(usage, |options| test_system::inside(&options))
        }
        ["test-system-app", part @ ..] => test_system::app(part).unwrap_or_else(usage),
        ["test-windows"] => test_windows::run(&workspace_root()),
        // The two halves of `bench` that run in a release build of this program.
        ["bench-measure", options @ ..] => {
            bench::Options::parse(options).map_or_else(usage, |options| bench::measure(&options))
        }
        ["bench-server", server @ ..] => bench::serve(server).unwrap_or_else(usage),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(2)
}

/// The folder that contains the workspace's manifest.
fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
