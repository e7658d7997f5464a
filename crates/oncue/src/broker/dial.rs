//! Finding the broker's socket, and a broker behind it.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use oncue_wire::Place;

use crate::broker::start::{self, Started};
use crate::broker::unreachable::Unreachable;

/// How long another broker, which was first, has until it listens.
const OTHER_WITHIN: Duration = Duration::from_secs(5);
/// The same after a broker that ended with an error: then there hardly is another one.
const UNLIKELY_WITHIN: Duration = Duration::from_millis(500);
/// How often it is tried meanwhile.
const EVERY: Duration = Duration::from_millis(5);

/// Whether a broker may be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// When none runs.
    IfNone,
    /// Never.
    Never,
}

/// Who connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A program that belongs to a package, or should.
    App,
    /// A tool of the user's.
    Tool,
}

/// How a broker is connected to.
pub(crate) type Dial = Box<dyn Fn(By, Start) -> Result<UnixStream, Unreachable> + Send + Sync>;

/// Connects to the broker's socket; the broker finds out by itself who does.
pub(crate) fn dial(_: By, start: Start) -> Result<UnixStream, Unreachable> {
    let socket = Place::find()?.socket();
    match UnixStream::connect(&socket) {
        Ok(stream) => return ours(stream, &socket),
        Err(error) if !is_nobody(&error) => return Err(Unreachable::Connect { socket, source: error }),
        Err(_) if start == Start::Never => return Err(Unreachable::NotRunning { socket }),
        Err(_) => {}
    }
    match start::start()? {
        Started::Ready { program } => {
            knock(&socket, OTHER_WITHIN)?.ok_or(Unreachable::Silent { program, socket })
        }
        Started::Ended { program, status } => {
            let within = if status.success() { OTHER_WITHIN } else { UNLIKELY_WITHIN };
            knock(&socket, within)?.ok_or(Unreachable::Ended { program, status })
        }
    }
}

/// Tries until somebody listens.
fn knock(socket: &Path, within: Duration) -> Result<Option<UnixStream>, Unreachable> {
    let until = Instant::now() + within;
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => return ours(stream, socket).map(Some),
            Err(source) if !is_nobody(&source) => {
                return Err(Unreachable::Connect { socket: socket.to_owned(), source });
            }
            Err(_) if Instant::now() >= until => return Ok(None),
            Err(_) => sleep(EVERY),
        }
    }
}

/// Makes sure that the listener is the user's own broker, and not another user's process.
fn ours(stream: UnixStream, socket: &Path) -> Result<UnixStream, Unreachable> {
    let refused =
        |source: rustix::io::Errno| Unreachable::Connect { socket: socket.to_owned(), source: source.into() };
    let owner = rustix::net::sockopt::socket_peercred(&stream).map_err(refused)?.uid;
    if owner == rustix::process::getuid() {
        return Ok(stream);
    }
    Err(Unreachable::NotOurs { socket: socket.to_owned(), owner: owner.as_raw() })
}

/// No socket is there, or nobody listens at it any more.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}
