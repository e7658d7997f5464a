//! The handshake: a connection counts as open once the broker has completed it.
//!
//! A broker that is ending closes connections whose handshake is not complete. Nothing has been
//! requested over them, so the next broker is tried, and started if necessary.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use tokio::time::timeout;
use zbus::MessageStream;
use zbus::connection::Builder;

use crate::broker::bytes::Bytes;
use crate::broker::io;
use crate::broker::unreachable::Unreachable;

/// How long the broker may take to complete the handshake.
const GREETING_SECONDS: u64 = 5;

/// How many brokers to try, one after another, before the end of the last one is reported.
pub(crate) const BROKERS: usize = 4;

/// Connects with `dial` and waits until the handshake is complete.
pub(crate) fn greeted(
    dial: impl Fn() -> Result<UnixStream, Unreachable>,
) -> Result<MessageStream, Unreachable> {
    for _ in 1..BROKERS {
        match greeted_by(dial()?) {
            Err(Unreachable::Greeting(error)) if is_hung_up(&error) => {}
            greeted => return greeted,
        }
    }
    greeted_by(dial()?)
}

fn greeted_by(stream: UnixStream) -> Result<MessageStream, Unreachable> {
    let (sender, greeted) = sync_channel(1);
    io::spawn(async move {
        // If the receiver is gone, the process is about to end.
        let _ = sender.send(greet(stream).await);
    })?;
    greeted.recv().unwrap_or(Err(Unreachable::Broke))
}

/// Performs the D-Bus handshake, peer to peer. There is no bus, so `Hello` is not called.
async fn greet(stream: UnixStream) -> Result<MessageStream, Unreachable> {
    let stream = stream.set_nonblocking(true).and_then(|()| tokio::net::UnixStream::from_std(stream));
    let stream = Bytes(stream.map_err(|error| Unreachable::Greeting(error.into()))?);
    let greeting = Builder::socket(stream).p2p().build_message_stream();
    match timeout(Duration::from_secs(GREETING_SECONDS), greeting).await {
        Ok(greeted) => greeted.map_err(Unreachable::Greeting),
        Err(_) => Err(Unreachable::GreetingLate { seconds: GREETING_SECONDS }),
    }
}

/// The other end has closed the connection, or has ended.
fn is_hung_up(error: &zbus::Error) -> bool {
    let zbus::Error::InputOutput(error) = error else { return false };
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof)
}
