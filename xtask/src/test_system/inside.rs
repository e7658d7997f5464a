//! The half of the suite that runs in the guest: plays the scenarios and reports the results.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use super::failure::Failure;
use super::options::Options;
use super::scenario::{Scenario, chosen};

/// Plays the chosen scenarios, one after the other.
pub(crate) fn run(options: &Options) -> ExitCode {
    let (scenarios, left_out) = match chosen(options) {
        Ok(chosen) => chosen,
        Err(failure) => {
            eprintln!("test-system: {failure}");
            return ExitCode::FAILURE;
        }
    };
    let start = Instant::now();
    let total = scenarios.len();
    println!("\nrunning {total} {}", if total == 1 { "scenario" } else { "scenarios" });
    let mut failures = Vec::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        print!("test {:>2}/{total} {} ... ", at + 1, scenario.full_name());
        // If the output cannot be written, the guest continues anyway.
        let _ = std::io::stdout().flush();
        let began = Instant::now();
        let played = (scenario.play)();
        let word = if played.is_ok() { "ok" } else { "FAILED" };
        println!("{word} ({:.1} s)", began.elapsed().as_secs_f32());
        failures.extend(played.err().map(|failure| (scenario, failure)));
    }
    report(&failures);
    let (verdict, failed) = (if failures.is_empty() { "ok" } else { "FAILED" }, failures.len());
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; 0 ignored; 0 measured; {left_out} filtered out; \
         finished in {:.2}s\n",
        total - failed,
        start.elapsed().as_secs_f32(),
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(failures: &[(&Scenario, Failure)]) {
    for (scenario, failure) in failures {
        println!("\n---- {} ----\n{failure}", scenario.full_name());
    }
}
