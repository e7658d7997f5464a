//! The whole example: a run on the app's executor, three feeds at once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../stage.rs"]
mod stage;

use stage::Stage;

#[test]
fn a_run_on_the_executor_fetches_all_feeds() {
    let stage = Stage::new(env!("CARGO_BIN_EXE_awaiting"), include_str!("../AppxManifest.xml"));
    assert_eq!(stage.says(&[]), "Fetch every 30m\n");
    assert_eq!(stage.says(&["--now"]), "completed, 3 feeds\n");
    for feed in ["weather", "news", "sports"] {
        let fetched = stage.local("News.Feeds", &format!("{feed}.txt"));
        assert_eq!(fetched, format!("what is new in {feed}\n"));
    }
}
