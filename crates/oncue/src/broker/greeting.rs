//! The greeting: a connection counts once the broker at its other end has answered the handshake.
//!
//! A broker that ends closes connections that it has not greeted yet. Nothing was asked over them, so
//! the next broker is tried, and started if need be.

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

/// How long the broker has for its first words.
const GREETING_SECONDS: u64 = 5;

/// How many brokers are tried, one after another, before the last one's end is reported.
pub(crate) const BROKERS: usize = 4;

/// Connects with `dial` and waits until a broker has greeted.
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
        // Whoever waits for it may be gone only when the process is about to end.
        let _ = sender.send(greet(stream).await);
    })?;
    greeted.recv().unwrap_or(Err(Unreachable::Broke))
}

/// Greets the broker as the D-Bus protocol has it, peer to peer: there is no bus to say hello to.
async fn greet(stream: UnixStream) -> Result<MessageStream, Unreachable> {
    let stream = stream.set_nonblocking(true).and_then(|()| tokio::net::UnixStream::from_std(stream));
    let stream = Bytes(stream.map_err(|error| Unreachable::Greeting(error.into()))?);
    let greeting = Builder::socket(stream).p2p().build_message_stream();
    match timeout(Duration::from_secs(GREETING_SECONDS), greeting).await {
        Ok(greeted) => greeted.map_err(Unreachable::Greeting),
        Err(_) => Err(Unreachable::GreetingLate { seconds: GREETING_SECONDS }),
    }
}

/// The other end was closed, or has ended.
fn is_hung_up(error: &zbus::Error) -> bool {
    let zbus::Error::InputOutput(error) = error else { return false };
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof)
}
