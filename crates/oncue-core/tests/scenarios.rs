//! The behaviour of the broker, as scenarios in words: `scenarios/*.txt`, one subject each.
//!
//! A line is a deed, followed by `=>` and its effects, in one group per moment, separated by ` · `:
//!
//! ```text
//! # Comments and blank lines are kept.
//! package app class 1
//! at 0m    register sync every 15m when internet   => registered sync · reply new
//! at 20m   internet on                             => 15m: held sync (internet)
//!                                                  => launch server 1 · began sync due 15m
//! ```
//!
//! `at` advances the time, and effects of what was due on the way come first, with their times. A line
//! with only `at` waits. A line without `at` is a given: it happens at the same moment, and its effects
//! are not compared, but it must not be refused. `nothing` means that there was no effect. The deeds are
//! defined in `scenario/deed.rs`, the words for effects in `scenario/say.rs`.
//!
//! `ONCUE_BLESS=1 cargo test -p oncue-core --test scenarios` writes the actual effects to the files;
//! review the difference.

mod scenario;
mod world;

use std::fs;
use std::path::Path;

use scenario::Scenario;

#[test]
fn every_scenario_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of scenarios can be read")
        .map(|entry| entry.expect("a scenario can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are scenarios in {}", folder.display());
    let bless = std::env::var_os("ONCUE_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).expect("a scenario can be read");
        let played = scenario::play(&text);
        match played {
            Ok(Scenario { actual, .. }) if bless => {
                fs::write(path, actual).expect("a scenario can be written")
            }
            Ok(Scenario { differs: None, .. }) => {}
            Ok(Scenario { differs: Some(why), .. }) | Err(why) => {
                wrong.push(format!("{}:{why}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} scenarios differ\n\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}

const SMALL: &str = "\
package app class 1
at 0m      register sync every 15m  => registered sync · reply new
at 20m     internet on              => 15m: launch server 1 · began sync
                                    => nothing
";

#[test]
fn a_scenario_that_is_right_stays_as_it_is() {
    let played = scenario::play(SMALL).expect("every word is known");
    assert_eq!(played.differs, None);
    assert_eq!(played.actual, SMALL);
}

#[test]
fn a_scenario_that_differs_tells_where_and_is_put_right() {
    let wrong = SMALL.replace("15m: launch server 1 · began sync", "15m: began sync · launch server 1");
    let played = scenario::play(&wrong).expect("every word is known");
    let why = played.differs.expect("the order of effects matters");
    assert!(why.starts_with("3: at 20m     internet on"), "{why}");
    assert!(why.contains("15m: launch server 1 · began sync"), "{why}");
    assert_eq!(played.actual, SMALL);
}

#[test]
fn a_scenario_cannot_be_misread() {
    for (text, why) in [
        ("at 5m\nat 4m", "2: time goes forward"),
        ("register sync every 15m", "1: given, but refused: there is no package app"),
        ("package app class 1 => nothing", "1: only a line with `at` tells what comes of it"),
        ("at 1m dance", "1: `dance` is no deed"),
        ("at 1m fire sync", "1: nobody is called `sync`"),
        ("  => nothing", "1: `=>` without a deed"),
    ] {
        let mistake = scenario::play(text).expect_err(text);
        assert!(mistake.starts_with(why), "{text}: {mistake}");
    }
}
