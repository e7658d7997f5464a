//! The broker has no descriptor left to start a server.

use std::fs;

use oncue_types::{Outcome, TaskState};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::stage::Stage;

#[test]
fn what_the_broker_has_no_descriptor_for_waits_and_is_nobodys_fault() {
    let stage = Stage::new("completes", &["sync 1 100"]);
    let mut watch = stage.watch();
    let broker = stage.broker_id();
    let open = fs::read_dir(format!("/proc/{broker}/fd")).unwrap().count();
    let limit_to = |current| {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let pid = Pid::from_raw(broker.cast_signed());
        prlimit(pid, Resource::Nofile, Rlimit { current, maximum }).unwrap().current
    };
    let usual = limit_to(u64::try_from(open).ok());
    let run = watch.fire("sync").instance_id;
    let task = watch.task("sync");
    assert_eq!((task.state, task.blocked[0].known().unwrap().name()), (TaskState::Held.into(), "shortage"));
    limit_to(usual);
    let entry = watch.ended();
    assert_eq!((entry.outcome, Some(entry.instance_id)), (Outcome::Completed.into(), run));
    assert_eq!(watch.task("sync").strikes, 0);
}
