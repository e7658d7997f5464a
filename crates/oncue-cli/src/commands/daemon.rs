//! `oncue daemon`: runs the broker, or stops the running one.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use clap::Args;
use oncue::tools::Broker;
use oncue_broker::BrokerError;
use oncue_wire::{Place, StartedBy};

use crate::exit::Exit;
use crate::failure::{Failure, refused_or_failed};
use crate::process;
use crate::render::screen::Screen;

/// How long a broker may take to cancel its runs and to end.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// Run the broker in the foreground until it is told to stop
///
/// You do not have to start it: programs and the other verbs start a broker when none is running,
/// and `oncue service` starts one at log-in.
/// Ctrl-C cancels all runs and stops it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue daemon\n  ONCUE_LOG=debug oncue daemon\n  oncue daemon --stop")]
pub(crate) struct Arguments {
    /// Log to a file and report when ready; for programs that start a broker
    #[arg(long, hide = true, conflicts_with = "stop")]
    from_client: bool,
    /// Log to the journal or to a file; for the installed service
    #[arg(long, hide = true, conflicts_with_all = ["stop", "from_client"])]
    from_service: bool,
    /// Stop the running broker, and wait until it has ended
    #[arg(long)]
    stop: bool,
}

/// Runs the broker, or stops it.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.stop {
        return stop();
    }
    let started = match (arguments.from_client, arguments.from_service) {
        (true, _) => StartedBy::Client,
        (false, true) => StartedBy::Service,
        (false, false) => StartedBy::User,
    };
    oncue_broker::run(started)?;
    Ok(Exit::Done)
}

fn stop() -> Result<Exit, Failure> {
    let mut screen = Screen::open();
    let broker = match Broker::connect_running() {
        Err(error) if error.is_unreachable() && nobody_listens() => {
            writeln!(screen, "no broker is running")?;
            return Ok(Exit::Done);
        }
        broker => broker?,
    };
    let pid = broker.about()?.pid;
    let process = process::hold(pid);
    broker.stop()?;
    if let Some(process) = process
        && !process::has_ended(&process, STOP_WITHIN)
    {
        return Err(NotStopped { pid }.into());
    }
    writeln!(screen, "the broker (pid {pid}) has ended")?;
    Ok(Exit::Done)
}

/// The broker was told to stop but did not.
#[derive(Debug, thiserror::Error)]
#[error("the broker (pid {pid}) was told to stop but is still running after {} s", STOP_WITHIN.as_secs())]
struct NotStopped {
    pid: u32,
}

impl From<NotStopped> for Failure {
    fn from(error: NotStopped) -> Self {
        let way_out = format!("wait for its runs to end, or kill it with `kill {}`", error.pid);
        Self::new(Exit::Failed, error).with_way_out(way_out)
    }
}

/// The broker could not start or continue.
impl From<BrokerError> for Failure {
    fn from(error: BrokerError) -> Self {
        let is_refusal = matches!(error, BrokerError::Running { .. } | BrokerError::Config(_));
        let way_out = error.way_out().to_owned();
        Self::new(refused_or_failed(is_refusal), error).with_way_out(way_out)
    }
}

/// Returns whether no broker exists, as opposed to one that cannot be reached.
fn nobody_listens() -> bool {
    use io::ErrorKind::{ConnectionRefused, NotFound};
    let Ok(place) = Place::find() else { return false };
    let connected = UnixStream::connect(place.socket());
    connected.is_err_and(|error| matches!(error.kind(), NotFound | ConnectionRefused))
}
