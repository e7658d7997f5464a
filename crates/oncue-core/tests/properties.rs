//! Whatever happens in whatever order, and wherever the broker dies, the laws of `history/law.rs` hold.

mod history;
mod world;

use history::{Play, history};
use proptest::prelude::*;

/// As many cases as a few seconds allow; `PROPTEST_CASES` asks for another number.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 512 };
    ProptestConfig { cases, failure_persistence: None, ..asked }
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
}
