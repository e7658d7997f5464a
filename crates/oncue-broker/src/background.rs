//! Makes processes run in the background: after everything that the user works with.
//!
//! On Linux, niceness, scheduling policy and I/O priority belong to a thread, and a process gets those of the
//! thread that creates it. So nothing has to be done between fork and exec.

use std::fs;
use std::io;

use rustix::process::{Pid, nice};

/// How much nicer the processes are than the broker.
const NICER: i32 = 10;

/// The score for the out-of-memory killer, which ends a run before the user's programs: a little above that of
/// the programs of a desktop, which is 200.
const OOM_SCORE: &str = "300";

/// The lowest priority of I/O in the class `best effort`: ioprio_set(2). In the class `idle`, a run might not
/// get anywhere beside a program that always uses the disk.
const LOWEST_IO: libc::c_int = 2 << 13 | 7;

/// Lowers the priority of the calling thread, and of the processes that it will create. Only root can raise the
/// niceness again.
pub(crate) fn lower_thread() {
    note("the niceness", nice(NICER).map(drop).map_err(io::Error::from));
    note("the scheduling policy", batch());
    note("the I/O priority", lowest_io());
}

/// Has the system end a process, and those that it starts, before others if memory is short.
pub(crate) fn prefer_to_kill(process: Pid) {
    let score = fs::write(format!("/proc/{}/oom_score_adj", process.as_raw_nonzero()), OOM_SCORE);
    // The process may have ended.
    note("the score for the out-of-memory killer", score);
}

/// A run works without this too.
fn note(what: &str, result: io::Result<()>) {
    if let Err(error) = result {
        tracing::debug!("lowering {what} of a run: {error}");
    }
}

fn batch() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the parameters live until the call returns, and 0 is the calling thread.
    #[expect(unsafe_code, reason = "neither std nor rustix can set the scheduling policy")]
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &parameters) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn lowest_io() -> io::Result<()> {
    /// A single process or thread.
    const PROCESS: libc::c_int = 1;
    // SAFETY: the call has no pointers, and 0 is the calling thread.
    #[expect(unsafe_code, reason = "neither std, libc nor rustix has a function for this")]
    let result = unsafe { libc::syscall(libc::SYS_ioprio_set, PROCESS, 0, LOWEST_IO) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
