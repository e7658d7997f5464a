//! The environment of a run, regardless of how the broker was started.

use std::fs;

use crate::stage::Stage;
use oncue_types::Outcome;

/// A starter with an open secret, ignored signals, and unusual values for everything else.
const STARTER: &str = "
    exec 9>secret
    trap '' USR1 QUIT HUP
    umask 0
    ulimit -S -n 200
    ulimit -S -f 100000
    renice -n 10 -p $$ >/dev/null 2>&1
    export LEAK=secret TZ=Asia/Tokyo";

#[test]
fn a_run_does_not_depend_on_who_started_the_broker() {
    let stage = Stage::started_by_shell(STARTER, "tells_surroundings", &["sync 1 100"]);
    let mut watch = stage.watch();
    watch.fire("sync");
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    let told = fs::read_to_string(stage.path("surroundings")).unwrap();
    let expected = [
        "Umask: 0022",
        "SigBlk: 0000000000000000",
        // Rust itself ignores SIGPIPE.
        "SigIgn: 0000000000001000",
        // Runs are in the background.
        "nice 10",
        "Nofile Some(1024)",
        "Fsize None",
        "Some(\"package\")",
        "LEAK None",
        "TZ None",
        "HOME true",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_broker_keeps_nothing_open_of_who_started_it() {
    let stage = Stage::started_by_shell(STARTER, "tells_surroundings", &["sync 1 100"]);
    let open = fs::read_dir(format!("/proc/{}/fd", stage.broker_id())).unwrap();
    let targets = open.map(|entry| fs::read_link(entry.unwrap().path()).unwrap_or_default());
    assert_eq!(targets.filter(|target| target.ends_with("secret")).count(), 0);
}
