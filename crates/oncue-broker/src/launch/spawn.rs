//! Creates a server's process, which may hang if the file system of its program does not answer.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oncue_wire::names::TOKEN_VARIABLE;
use rustix::process::{Pid, Signal, kill_process_group};

use super::trace::Trace;
use super::{Blame, NotMade, arguments, unstarted};
use crate::errand::Errands;
use crate::package::Program;
use crate::variables::{Session, Variables};

/// How long loading a program may take: a sleeping disk needs some seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to start a server.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) program: Program,
    /// The folder of the package.
    pub(super) folder: PathBuf,
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
    pub(crate) child: Child,
    /// Its program and arguments, for people.
    pub(crate) program: String,
}

/// Starts a server in its own process group, in the package's folder, without descriptors.
///
/// # Errors
/// Returns an error if it could not be started.
pub(super) async fn spawn(order: Order, errands: &Errands) -> Result<Made, NotMade> {
    let path = order.program.executable.clone();
    let shown = order.program.to_string();
    let trace = order.trace.clone();
    let make = move || {
        make(&order).map_err(|error| {
            let blame = Blame::of(&error);
            let why = match blame {
                Blame::Program => unstarted::why(&order.program.executable, &order.folder, &error),
                Blame::Broker | Blame::FileSystem => format!("starting {}: {error}", order.program),
            };
            NotMade { blame, why }
        })
    };
    let made = errands.run(&path, PATIENCE, make, move |made| end(made, &trace)).await;
    let unanswered =
        |error| NotMade { blame: Blame::from(&error), why: format!("starting {shown}: {error}") };
    let child = made.map_err(unanswered)??;
    Ok(Made { child, program: shown })
}

/// With these settings, and nothing to do between fork and exec, std starts the process with
/// posix_spawn(3), whose cost does not grow with the broker's memory.
fn make(order: &Order) -> io::Result<Child> {
    let Order { program, folder, session, of_manager, token, trace } = order;
    let mut command = Command::new(&program.executable);
    command
        .args(arguments::split(&program.arguments))
        .env_clear()
        .envs(session.variables(of_manager.clone()))
        .env(TOKEN_VARIABLE, token)
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut file = told_if_untraced(trace.begin());
    let child = command.spawn()?;
    if let Some(file) = &mut file {
        told_if_untraced(Trace::started(file, Pid::from_child(&child)));
    }
    Ok(child)
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
fn end(made: Result<Child, NotMade>, trace: &Trace) {
    if let Ok(mut child) = made {
        // It has not been reaped, so its id cannot have been reused.
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let _ = child.wait();
    }
    trace.forget();
}
