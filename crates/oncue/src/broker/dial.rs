//! Finds the broker's socket, and connects to the broker.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use oncue_wire::Place;

use crate::broker::start::{self, Started};
use crate::broker::unreachable::Unreachable;

/// How long to wait for another broker, which started first, to listen.
const OTHER_WITHIN: Duration = Duration::from_secs(5);
/// The same after a broker ended with an error, when another one is unlikely.
const UNLIKELY_WITHIN: Duration = Duration::from_millis(500);
/// How often to try in the meantime.
const EVERY: Duration = Duration::from_millis(5);

/// How long the file system of the socket has to find it.
const FOUND_WITHIN: Duration = Duration::from_secs(5);

/// Whether a broker may be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// If none is running.
    IfNone,
    /// Never.
    Never,
}

/// Who connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A program that belongs to a package, or should belong to one.
    App,
    /// A tool of the user.
    Tool,
}

/// How to connect to a broker.
pub(crate) type Dial = Arc<dyn Fn(By, Start) -> Result<UnixStream, Unreachable> + Send + Sync>;

/// Connects to the broker's socket. The broker identifies the caller by itself.
pub(crate) fn dial(_: By, start: Start) -> Result<UnixStream, Unreachable> {
    let socket = Place::find()?.socket();
    match connect(&socket)? {
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

/// Tries until a broker listens.
fn knock(socket: &Path, within: Duration) -> Result<Option<UnixStream>, Unreachable> {
    let until = Instant::now() + within;
    loop {
        match connect(socket)? {
            Ok(stream) => return ours(stream, socket).map(Some),
            Err(source) if !is_nobody(&source) => {
                return Err(Unreachable::Connect { socket: socket.to_owned(), source });
            }
            Err(_) if Instant::now() >= until => return Ok(None),
            Err(_) => sleep(EVERY),
        }
    }
}

/// Connects to the socket. Its file system may never answer, so the path is looked up on a separate
/// thread, which is abandoned in that case.
fn connect(socket: &Path) -> Result<io::Result<UnixStream>, Unreachable> {
    let path = socket.to_owned();
    let connected = answered(FOUND_WITHIN, move || UnixStream::connect(path));
    connected.map_err(Unreachable::NoThread)?.ok_or_else(|| Unreachable::Hangs { socket: socket.to_owned() })
}

/// Returns the result of `work`, or `None` if it takes longer.
fn answered<T: Send + 'static>(
    within: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (sender, result) = mpsc::sync_channel(1);
    // If nobody waits any more, a late result is dropped.
    thread::Builder::new().name("oncue-connect".into()).spawn(move || drop(sender.send(work())))?;
    Ok(result.recv_timeout(within).ok())
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

/// The socket does not exist, or nobody listens at it.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_that_does_not_answer_is_not_waited_for() {
        let (answer, hung) = mpsc::channel::<()>();
        assert!(answered(Duration::from_millis(1), move || hung.recv()).unwrap().is_none());
        assert_eq!(answered(FOUND_WITHIN, || 7).unwrap(), Some(7));
        drop(answer);
    }
}
