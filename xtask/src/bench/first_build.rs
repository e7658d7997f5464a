//! What a newcomer waits for: the README's two commands, one after the other, in a fresh clone.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::unmeasured::Unmeasured;

/// How long the demo may take, from the command to its end.
const DEMO: Duration = Duration::from_secs(100);
/// How long the demo and the tests may take together.
const BOTH: Duration = Duration::from_secs(240);

/// How long the two commands took.
#[derive(Debug)]
pub(super) struct FirstBuild {
    demo: Duration,
    tests: Duration,
}

/// Clones the last commit into a temporary folder, and runs the README's two commands there. Dependencies that
/// cargo has already downloaded are used.
pub(super) fn measure(workspace: &Path) -> Result<FirstBuild, Unmeasured> {
    let folder = tempfile::tempdir().map_err(Unmeasured::io("a folder for the clone"))?;
    let clone = folder.path().join("oncue");
    timed("git clone", Command::new("git").args(["clone", "--quiet"]).args([workspace, &clone]))?;
    let cargo = |what, arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        timed(what, cargo.args(arguments).current_dir(&clone).env_remove("CARGO_TARGET_DIR"))
    };
    eprintln!("bench: cargo run -- demo, in a fresh clone");
    let demo = cargo("the demo", &["run", "--locked", "--quiet", "--", "demo"])?;
    eprintln!("bench: cargo test --workspace, in the same clone");
    let tests = cargo("the tests", &["test", "--workspace", "--locked", "--quiet"])?;
    Ok(FirstBuild { demo, tests })
}

/// Runs a command, which must succeed, and returns how long it took. What it prints goes to standard error.
fn timed(what: &'static str, command: &mut Command) -> Result<Duration, Unmeasured> {
    let begin = Instant::now();
    let status =
        command.stdin(Stdio::null()).stdout(std::io::stderr()).status().map_err(Unmeasured::io(what))?;
    if status.success() { Ok(begin.elapsed()) } else { Err(Unmeasured::Ended { what, status }) }
}

impl FirstBuild {
    /// The figures as a JSON document.
    pub(super) fn json(&self) -> serde_json::Value {
        json!({
            "demo_seconds": self.demo.as_secs_f64(),
            "demo_goal_seconds": DEMO.as_secs(),
            "demo_and_tests_seconds": (self.demo + self.tests).as_secs_f64(),
            "demo_and_tests_goal_seconds": BOTH.as_secs(),
        })
    }
}

impl fmt::Display for FirstBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, what, took: Duration, goal: Duration| {
            let met = if took <= goal { "met" } else { "missed" };
            writeln!(f, "{what:<40} {:>5.0} s  (goal {} s: {met})", took.as_secs_f64(), goal.as_secs())
        };
        row(f, "fresh clone to the end of the demo", self.demo, DEMO)?;
        row(f, "then the tests: both together", self.demo + self.tests, BOTH)
    }
}
