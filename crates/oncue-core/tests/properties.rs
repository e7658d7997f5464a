//! The laws of `history/law.rs` hold for every order of events, and regardless of when the broker dies. Also tests how
//! often the broker is woken.

mod busy;
mod chains;
mod clock_laws;
mod history;
mod race;
mod wake_ups;
mod world;

use chains::{Chains, chain_history};
use history::{Play, history};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Runs a few seconds of histories, always the same ones. `PROPTEST_CASES` sets another number, and then the
/// histories are random.
fn config() -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return asked;
    }
    ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(1), ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_laws_hold_in_every_history(ops in history()) {
        let mut play = Play::new();
        for op in &ops {
            play.perform(op);
        }
        play.finish();
    }

    #[test]
    fn commands_follow_each_other_and_take_turns_in_every_history(ops in chain_history()) {
        let mut chains = Chains::new();
        for op in &ops {
            chains.perform(op);
        }
        chains.finish();
    }
}
