//! Counts passed and failed tests from the output of Rust's test runner.

use std::time::Duration;

/// How a test program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Well,
    Badly(String),
}

/// The results of one test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    passed: u32,
    ignored: u32,
    /// The tests that failed; or the program itself, if it failed without naming one.
    failed: Vec<String>,
}

/// The sum over all programs.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: u32,
    ignored: u32,
    failed: Vec<String>,
}

/// Parses the output of a test program.
pub(super) fn read(program: &str, said: &str, ended: &Ended) -> Ran {
    let results = said.lines().filter_map(result);
    let ending = |mark| results.clone().filter(move |(_, end)| end.starts_with(mark)).count();
    let failed = results.clone().filter(|(_, end)| *end == "FAILED");
    let mut failed: Vec<String> = failed.map(|(name, _)| format!("{program}: {name}")).collect();
    if failed.is_empty() {
        // A program that crashes, hangs or prints no summary has not passed.
        let summed_up = said.lines().any(|line| line.starts_with("test result: ok."));
        match ended {
            Ended::Badly(how) => failed.push(format!("{program}: ended with {how}")),
            Ended::Well if !summed_up => failed.push(format!("{program}: ended without a result")),
            Ended::Well => {}
        }
    }
    let count = |mark| u32::try_from(ending(mark)).unwrap_or(u32::MAX);
    Ran { passed: count("ok"), ignored: count("ignored"), failed }
}

/// Parses the name and result of a test: `test name ... ok`.
fn result(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("test ")?.split_once(" ... ")
}

impl Tally {
    /// Adds a program.
    pub(super) fn add(&mut self, ran: Ran) {
        self.passed += ran.passed;
        self.ignored += ran.ignored;
        self.failed.extend(ran.failed);
    }

    /// Whether at least one test ran, and all passed.
    pub(super) fn is_good(&self) -> bool {
        self.failed.is_empty() && self.passed > 0
    }

    /// Returns a summary like that of Rust's test runner, in one line, after the failures.
    pub(super) fn summary(&self, took: Duration) -> String {
        let Self { passed, ignored, failed } = self;
        let mut text = String::new();
        if !failed.is_empty() {
            text = format!("failures:\n    {}\n\n", failed.join("\n    "));
        }
        let word = if self.is_good() { "ok" } else { "FAILED" };
        text + &format!(
            "test result: {word}. {passed} passed; {} failed; {ignored} ignored; 0 measured; \
             0 filtered out; finished in {:.2}s",
            failed.len(),
            took.as_secs_f64()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "running 3 tests\ntest a::b ... ok\ntest c - should panic ... ok\n\
                        test d ... ignored, slow\n\ntest result: ok. 2 passed; 0 failed; 1 ignored\n";

    fn tally(runs: &[(&str, &str, Ended)]) -> Tally {
        let mut tally = Tally::default();
        for (program, said, ended) in runs {
            tally.add(read(program, said, ended));
        }
        tally
    }

    #[test]
    fn results_are_summed_up_in_one_line_as_cargo_has_it() {
        let tally = tally(&[("a.rs", SAID, Ended::Well), ("b.rs", SAID, Ended::Well)]);
        assert!(tally.is_good());
        assert_eq!(
            tally.summary(Duration::from_millis(1_500)),
            "test result: ok. 4 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.50s"
        );
    }

    #[test]
    fn a_failed_test_is_named() {
        let said = SAID.replace("a::b ... ok", "a::b ... FAILED").replace("result: ok", "result: FAILED");
        let tally = tally(&[("a.rs", &said, Ended::Badly("exit status: 101".into()))]);
        assert!(!tally.is_good());
        let summary = tally.summary(Duration::ZERO);
        assert!(summary.starts_with("failures:\n    a.rs: a::b\n\ntest result: FAILED. 1 passed; 1 failed;"));
    }

    #[test]
    fn a_program_that_says_nothing_has_failed() {
        let crashed = tally(&[("a.rs", "running 3 tests\n", Ended::Badly("exit status: 53".into()))]);
        assert_eq!(crashed.failed, ["a.rs: ended with exit status: 53"]);
        let silent = tally(&[("a.rs", "", Ended::Well)]);
        assert_eq!(silent.failed, ["a.rs: ended without a result"]);
    }

    #[test]
    fn no_test_at_all_is_no_success() {
        assert!(!tally(&[]).is_good());
    }
}
