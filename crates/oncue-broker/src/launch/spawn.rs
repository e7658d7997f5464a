//! Creates a server's process, which may hang if the file system of its program does not answer.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use oncue_core::Priority;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

use super::blame::{Blame, NotMade};
use super::recipe::Recipe;
use super::trace::Trace;
use crate::background;
use crate::descriptor;
use crate::errand::Errands;
use crate::variables::{Session, Variables};

/// How long loading a program may take: a sleeping disk needs some seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to start a process.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) recipe: Recipe,
    /// Determines the variables.
    pub(super) session: Session,
    /// The variables of the user manager, if there is one.
    pub(super) of_manager: Option<Variables>,
    pub(super) token: String,
    /// Where the server is recorded for the next broker.
    pub(super) trace: Trace,
}

/// A process that was created.
#[derive(Debug)]
pub(crate) struct Made {
    pub(super) process: Watched,
    /// Its program and arguments, for people.
    pub(crate) program: String,
}

/// A process whose end can be waited for.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) child: Child,
    /// Readable once the process has ended.
    pub(super) end: AsyncFd<OwnedFd>,
}

/// Starts a process in its own process group, without descriptors.
///
/// # Errors
/// Returns an error if it could not be started.
pub(super) async fn spawn(order: Order, errands: &Errands) -> Result<Made, NotMade> {
    let path = order.recipe.place().to_owned();
    let shown = order.recipe.to_string();
    let trace = order.trace.clone();
    let runtime = Handle::current();
    let make = move || {
        let _runtime = runtime.enter();
        make(&order).map_err(|error| {
            let blame = Blame::of(&error);
            let why = match blame {
                Blame::Program => order.recipe.why_not(&error),
                Blame::Broker | Blame::FileSystem => format!("starting {}: {error}", order.recipe),
            };
            NotMade { blame, why }
        })
    };
    let made = errands.run(&path, PATIENCE, make, move |made| end(made, &trace)).await;
    let unanswered =
        |error| NotMade { blame: Blame::from(&error), why: format!("starting {shown}: {error}") };
    Ok(Made { process: made.map_err(unanswered)??, program: shown })
}

/// With these settings, and nothing to do between fork and exec, std starts the process with
/// posix_spawn(3), whose cost does not grow with the broker's memory.
fn make(order: &Order) -> io::Result<Watched> {
    let Order { recipe, session, of_manager, token, trace } = order;
    let mut command = recipe.prepare(session.variables(of_manager.clone()), token)?;
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut file = told_if_untraced(trace.begin());
    // This thread creates only this process, which gets its niceness, its policy and its I/O priority.
    if recipe.priority() == Priority::Background {
        background::lower_thread();
    }
    let child = command.spawn()?;
    if recipe.priority() == Priority::Background {
        background::prefer_to_kill(Pid::from_child(&child));
    }
    if let Some(file) = &mut file {
        told_if_untraced(Trace::started(file, Pid::from_child(&child)));
    }
    let end = pidfd_open(Pid::from_child(&child), PidfdFlags::NONBLOCK).map_err(io::Error::from);
    watched(child, end)
}

/// A process whose end could not be noticed is not left running: the broker is short of something, and
/// starts the server again later.
fn watched(mut child: Child, end: io::Result<OwnedFd>) -> io::Result<Watched> {
    match end.and_then(descriptor::readable) {
        Ok(end) => Ok(Watched { child, end }),
        Err(error) => {
            kill(&mut child);
            Err(error)
        }
    }
}

/// A server works without a trace too.
fn told_if_untraced<T>(recorded: io::Result<T>) -> Option<T> {
    let told = |error: &io::Error| {
        tracing::warn!(
            "recording a task server: {error}; if this broker is killed, the next one will not find it"
        );
    };
    recorded.inspect_err(told).ok()
}

/// Ends a process that no one waits for any more.
fn end(made: Result<Watched, NotMade>, trace: &Trace) {
    if let Ok(Watched { mut child, .. }) = made {
        kill(&mut child);
    }
    trace.forget();
}

/// Kills a process that has not been reaped, so its id cannot have been reused.
fn kill(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustix::io::Errno;
    use rustix::process::test_kill_process;

    use super::*;

    #[test]
    fn a_process_whose_end_cannot_be_noticed_is_ended_and_the_broker_is_to_blame() {
        let child = Command::new("/bin/sleep").arg("1000").process_group(0).spawn().unwrap();
        let process = Pid::from_child(&child);
        let error = watched(child, Err(Errno::MFILE.into())).unwrap_err();
        assert_eq!(Blame::of(&error), Blame::Broker);
        assert_eq!(test_kill_process(process), Err(Errno::SRCH));
    }
}
