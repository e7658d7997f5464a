//! Class objects of real servers: suspended and resumed, revoked, registered twice.

use crate::fifo::Fifo;
use crate::stage::Stage;
use crate::watched::Watched;
use oncue_types::{Outcome, TaskState};

#[test]
fn nothing_is_activated_before_all_class_objects_are_resumed() {
    let mut stage = Stage::new("resumes_when_told", &["one 1 100", "two 2 100"]);
    let mut go = Fifo::make(&stage.path("go"));
    let mut watch = stage.watch();
    for task in ["one", "two"] {
        watch.fire(task);
    }
    assert_eq!(stage.said.line(), "suspended");
    for task in ["one", "two"] {
        assert_eq!(watch.task(task).state, TaskState::Activating);
    }
    go.say("resume");
    let mut served = [watch.progress(), watch.progress()];
    served.sort_unstable();
    assert_eq!(served, [1, 2], "one process has served both");
    assert_eq!([watch.ended().outcome, watch.ended().outcome], [Outcome::Completed, Outcome::Completed]);
}

#[test]
fn of_two_servers_the_later_one_serves_until_it_takes_its_class_object_back() {
    let mut stage = Stage::new("tells_process", &["sync 1 100"]);
    let [mut go, mut finish] = ["go", "finish"].map(|name| Fifo::make(&stage.path(name)));
    let mut watch = stage.watch();
    watch.fire("sync");
    let first = watch.progress();
    watch.ended();

    let mut second = stage.play("revokes_in_run").spawn().unwrap();
    let _second = Watched::process(second.id().cast_signed());
    assert_eq!(stage.said.line(), "registered");
    watch.fire("sync");
    assert_eq!(watch.progress(), second.id());
    go.say("revoke");
    assert_eq!(stage.said.line(), "revoked");
    // The current run continues …
    assert_eq!(watch.task("sync").state, TaskState::Running);
    finish.say("end");
    assert_eq!(watch.ended().outcome, Outcome::Completed);
    assert!(second.wait().unwrap().success());
    // … and the next one goes to the other server.
    watch.fire("sync");
    assert_eq!(watch.progress(), first);
    assert_eq!(watch.ended().outcome, Outcome::Completed);
}
