//! Compares thousands of random calendar expressions with `systemd-analyze calendar`.

mod compare;
mod expression;
mod moment;
mod peer;
mod random;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;
use compare::{Difference, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use peer::PeerError;
use random::Random;

/// How many expressions share a time zone and a time, and therefore one call of the peer.
const BATCH: usize = 100;
/// How many firings of each expression are compared.
const FIRINGS: usize = 6;
/// How many differences to show.
const SHOWN: usize = 20;

/// Compare random calendar expressions with systemd-analyze
///
/// Needs Debian, and root to install systemd-analyze where it is missing. Takes a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parser)]
pub(crate) struct Options {
    /// Where the random expressions begin
    #[arg(long, default_value_t = Self::default().seed)]
    seed: u64,
    /// How many expressions to compare
    #[arg(long, default_value_t = Self::default().count)]
    count: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, count: 20_000 }
    }
}

/// Compares as many expressions as requested; fails if any differs, or if there is no peer.
pub(crate) fn run(options: &Options) -> ExitCode {
    let Options { seed, count } = *options;
    println!("calendar: {count} expressions beside systemd-analyze, --seed {seed}");
    match compare_all(options) {
        Ok(tally) => tally.report(seed),
        Err(error) => {
            eprintln!("calendar: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The results.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    /// Refused by both.
    refused: usize,
    /// Accepted differences, by reason.
    declined: BTreeMap<&'static str, usize>,
    differences: Vec<Difference>,
}

fn compare_all(options: &Options) -> Result<Tally, PeerError> {
    peer::ensure()?;
    let mut random = Random::new(options.seed);
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let zones = moment::Zones::of(&names);
    let mut tally = Tally::default();
    let mut left = options.count;
    while left > 0 {
        let (name, zone) = zones.pick(&mut random);
        let base = moment::pick(&mut random, &zone);
        let expressions: Vec<String> =
            (0..left.min(BATCH)).map(|_| expression::random(&mut random, &zones)).collect();
        left -= expressions.len();
        tally.add(&name, &zone, base, &expressions)?;
    }
    Ok(tally)
}

impl Tally {
    fn add(
        &mut self,
        name: &str,
        zone: &TimeZone,
        base: Timestamp,
        expressions: &[String],
    ) -> Result<(), PeerError> {
        let answers = peer::ask(name, zone, base, FIRINGS, expressions)?;
        for (expression, theirs) in expressions.iter().zip(answers) {
            let place = compare::Place { name, local: zone, base, firings: FIRINGS };
            match compare::compare(expression, &theirs, &place)? {
                Verdict::Equal => self.equal += 1,
                Verdict::BothRefuse => self.refused += 1,
                Verdict::Declined(why) => *self.declined.entry(why).or_default() += 1,
                Verdict::Different { what } => self.differences.push(Difference {
                    expression: expression.clone(),
                    zone: name.to_owned(),
                    base,
                    what,
                }),
            }
        }
        Ok(())
    }

    fn report(&self, seed: u64) -> ExitCode {
        println!("  {} equal, {} refused by both", self.equal, self.refused);
        for (why, count) in &self.declined {
            println!("  {count} where we decline to follow: {why}");
        }
        for difference in self.differences.iter().take(SHOWN) {
            println!("\n{difference}");
        }
        if self.differences.is_empty() && self.equal > 0 {
            return ExitCode::SUCCESS;
        }
        println!("\ncalendar: {} differ, --seed {seed}", self.differences.len());
        ExitCode::FAILURE
    }
}
