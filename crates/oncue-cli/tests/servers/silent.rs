//! Tests with a program whose file system does not answer.
//!
//! A lease blocks every process that opens or executes the file until it is released: fcntl(2).

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::Path;

use oncue_types::{Outcome, TaskState};
use oncue_wire::PackageInfo;

use crate::client::Client;
use crate::stage::Stage;

/// Sets the signal that reports that a process opens the file: fcntl(2); libc does not define it.
const F_SETSIG: libc::c_int = 10;

/// A file that cannot be opened until this is dropped.
struct Held(#[expect(dead_code, reason = "the lease ends with the descriptor")] File);

impl Held {
    fn back(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        // Otherwise, the kernel would end this process when the file is opened; SIGURG is ignored.
        for (command, argument) in [(F_SETSIG, libc::SIGURG), (libc::F_SETLEASE, libc::F_WRLCK)] {
            // SAFETY: the descriptor is open, and the call passes integers only.
            #[expect(unsafe_code, reason = "neither std nor rustix can take a lease")]
            let done = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
            assert_eq!(done, 0, "{}", io::Error::last_os_error());
        }
        Self(file)
    }
}

#[test]
fn a_program_that_cannot_be_loaded_is_a_delay_that_is_shown_and_no_strike() {
    let mut stage = Stage::played_by_test(&["sync 1 100"]);
    let mut watch = stage.watch();
    let held = Held::back(&stage.program());
    let run = watch.fire("sync").instance_id;
    stage.wait_for_log("does not answer");
    let task = watch.task("sync");
    assert_eq!(
        (task.state, task.blocked[0].known().unwrap().name()),
        (TaskState::Held.into(), "out_of_reach")
    );
    assert_eq!(task.strikes, 0);
    let packages: Vec<PackageInfo> = Client::connect(stage.home()).ask("Packages", &()).unwrap();
    assert!(packages[0].problem.contains("does not answer"), "{}", packages[0].problem);

    drop(held);
    let mut server = stage.awaited_server();
    server.registers_class();
    assert_eq!(Some(server.run().instance_id), run, "it is the same run");
    server.tell("Completed", &(run.unwrap().to_string(), None::<String>), 1);
    let entry = watch.ended();
    assert_eq!((entry.outcome, Some(entry.instance_id)), (Outcome::Completed.into(), run));
    assert_eq!(watch.task("sync").strikes, 0);
}
