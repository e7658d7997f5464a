//! Runs that are cancelled while their server is still starting.

use crate::fifo::Fifo;
use crate::stage::Stage;
use crate::watched::Watched;
use oncue_types::Outcome;

#[test]
fn a_server_that_nobody_waits_for_any_more_may_come_up_and_serve_the_next_run() {
    let mut stage = Stage::new("starts_when_told", &["sync 1 60000"]);
    let mut go = Fifo::make(&stage.path("go"));
    let mut watch = stage.watch();
    watch.fire("sync");
    let _server = Watched::process(stage.said.line().parse().unwrap());
    watch.cancel("sync");
    assert_eq!(watch.ended().outcome, Outcome::Cancelled, "at once: nobody could be told");
    go.say("start");
    watch.fire("sync");
    assert_eq!(watch.ended().outcome, Outcome::Completed);
}

#[test]
fn a_server_that_nobody_waits_for_any_more_is_killed_after_the_grace() {
    let mut stage = Stage::new("starts_when_told", &["sync 1 50"]);
    let _never = Fifo::make(&stage.path("go"));
    let mut watch = stage.watch();
    watch.fire("sync");
    let server = Watched::process(stage.said.line().parse().unwrap());
    watch.cancel("sync");
    assert_eq!(watch.ended().outcome, Outcome::Cancelled);
    server.ends();
}
