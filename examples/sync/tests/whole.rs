//! The whole example: registered, requested, followed to its end, and remembered.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../stage.rs"]
mod stage;

use stage::Stage;

#[test]
fn a_run_is_followed_to_its_end_and_remembered() {
    let stage = Stage::new(env!("CARGO_BIN_EXE_sync"), include_str!("../AppxManifest.xml"));
    assert_eq!(stage.says(&[]), "it has not run yet\nit waits for Trigger\n");

    let followed = stage.says(&["--now"]);
    let values: Vec<u32> =
        followed.lines().filter_map(|line| line.strip_suffix(" %")?.parse().ok()).collect();
    assert_eq!(values.last(), Some(&100), "{followed}");
    assert!(values.is_sorted() && values.len() > 1, "{followed}");
    assert!(followed.ends_with("completed at 100 %\n"), "{followed}");

    assert_eq!(stage.local("Mail.Sync", "inbox.txt").lines().count(), 20);

    assert_eq!(stage.says(&[]), "last time: completed at 100 %\nit waits for Trigger\n");
    // The mailbox is in sync: the next run has nothing to fetch, and no progress.
    assert_eq!(stage.says(&["--now"]), "completed\n");
}
