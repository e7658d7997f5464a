//! The broker's socket as a stream of messages: the handshake, then what arrives and what is sent.
//!
//! Nothing here waits for the other end to read: what the socket does not take at once is the caller's
//! to keep. File descriptors are not received; the kernel closes any that are sent along.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncue_wire::frame::{self, Frame};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use zbus::message::Message;

use crate::broker::unreachable::Unreachable;

/// How long the broker may take to complete the handshake.
const GREETING_SECONDS: u64 = 5;
/// The longest line of a handshake; the broker's take less than 50 bytes.
const LINE: usize = 512;
/// How much to read at a time, unless a message has announced more.
const CHUNK: usize = 4 << 10;
/// How much to read at a time at most, so that memory grows with what has arrived.
const MOST: usize = 256 << 10;

/// How many brokers to try, one after another, before the end of the last one is reported.
pub(crate) const BROKERS: usize = 4;

/// A connection whose handshake is complete.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Arc<UnixStream>,
    /// Data received but not taken yet.
    arrived: Vec<u8>,
    /// How much at its beginning has been taken.
    taken: usize,
}

/// Whether to wait until something arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Yes,
    No,
}

/// Connects with `dial` and performs the handshake.
///
/// A broker that is ending closes connections whose handshake is not complete. Nothing has been
/// requested over them, so the next broker is tried, and started if necessary.
pub(crate) fn greeted(dial: impl Fn() -> Result<UnixStream, Unreachable>) -> Result<Socket, Unreachable> {
    for _ in 1..BROKERS {
        match Socket::greet(dial()?) {
            Err(Unreachable::Greeting(error)) if is_hung_up(&error) => {}
            greeted => return greeted,
        }
    }
    Socket::greet(dial()?)
}

impl Socket {
    /// Performs the D-Bus handshake, peer to peer. There is no bus, so `Hello` is not called.
    fn greet(mut stream: UnixStream) -> Result<Self, Unreachable> {
        let arrived = introduce(&mut stream).map_err(|error| {
            if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
                Unreachable::GreetingLate { seconds: GREETING_SECONDS }
            } else {
                Unreachable::Greeting(error)
            }
        })?;
        Ok(Self { stream: Arc::new(stream), arrived, taken: 0 })
    }

    /// Returns the socket, to send messages.
    pub(crate) fn stream(&self) -> &Arc<UnixStream> {
        &self.stream
    }

    /// Takes the next message that has arrived completely.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, Unreachable> {
        let arrived = &self.arrived[self.taken..];
        let announced = Frame::announced(arrived).map_err(|_| Unreachable::Broke)?;
        match announced.and_then(|frame| arrived.get(..frame.length)) {
            Some(whole) => {
                let message = frame::message(whole.to_vec()).map_err(|_| Unreachable::Broke)?;
                self.taken += whole.len();
                Ok(Some(message))
            }
            None => {
                self.arrived.drain(..self.taken);
                self.taken = 0;
                Ok(None)
            }
        }
    }

    /// Waits for the next message.
    pub(crate) fn receive(&mut self) -> Result<Message, Unreachable> {
        loop {
            if let Some(message) = self.next()? {
                return Ok(message);
            }
            self.read(Wait::Yes)?;
        }
    }

    /// Reads what has arrived. Returns whether anything did; that the other end has closed is an error.
    pub(crate) fn read(&mut self, wait: Wait) -> Result<bool, Unreachable> {
        let announced = Frame::announced(&self.arrived).ok().flatten();
        let missing = announced.map_or(0, |frame| frame.length.saturating_sub(self.arrived.len()));
        if self.arrived.is_empty() {
            // An idle connection keeps no large buffer.
            self.arrived.shrink_to(CHUNK);
        }
        self.arrived.reserve(missing.clamp(CHUNK, MOST));
        let flags = match wait {
            Wait::Yes => RecvFlags::empty(),
            Wait::No => RecvFlags::DONTWAIT,
        };
        loop {
            return match recv(&*self.stream, spare_capacity(&mut self.arrived), flags) {
                Ok((0, _)) => Err(Unreachable::Broke),
                Ok(_) => Ok(true),
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => Ok(false),
                Err(_) => Err(Unreachable::Broke),
            };
        }
    }
}

/// Sends as much as the socket takes at once, and returns how much. Whoever reads from the socket notices
/// that the connection is lost.
pub(crate) fn send_now(stream: &UnixStream, bytes: &[u8]) -> usize {
    loop {
        return match send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(_) => 0,
        };
    }
}

/// The client's half of the handshake; returns what the broker has already sent after it. The kernel has
/// told the broker whose process this is, so the user id is only repeated.
fn introduce(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let digits = rustix::process::getuid().as_raw().to_string();
    let digits: String = digits.bytes().map(|digit| format!("{digit:02x}")).collect();
    // Nothing that follows depends on the answer, so all of it is sent at once.
    stream.write_all(format!("\0AUTH EXTERNAL {digits}\r\nBEGIN\r\n").as_bytes())?;
    let until = Instant::now() + Duration::from_secs(GREETING_SECONDS);
    let mut heard = Vec::new();
    let end = loop {
        if let Some(end) = heard.windows(2).position(|end| end == b"\r\n") {
            break end;
        }
        if heard.len() > LINE {
            return Err(io::Error::other("its answer is too long"));
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let mut piece = [0; LINE];
        match stream.read(&mut piece) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => heard.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    stream.set_read_timeout(None)?;
    let rest = heard.split_off(end + 2);
    if heard.starts_with(b"OK ") {
        return Ok(rest);
    }
    let answer = String::from_utf8_lossy(&heard[..end]);
    Err(io::Error::other(format!("it answered `{answer}`")))
}

/// The other end has closed the connection, or has ended.
fn is_hung_up(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers the handshake, and sends a message with it.
    fn with_answer(answer: &[u8]) -> Result<Socket, Unreachable> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(answer).unwrap();
        Socket::greet(ours)
    }

    #[test]
    fn messages_that_arrive_with_the_handshake_are_read() {
        let message = Message::signal("/org/oncue/Broker1", "org.oncue.Broker1", "Ended");
        let bytes = message.build(&7_u32).unwrap().data().to_vec();
        let answer = [b"OK cafe\r\n", &bytes[..], &bytes[..], &bytes[..3]].concat();
        let mut socket = with_answer(&answer).unwrap();
        for _ in 0..2 {
            assert_eq!(socket.next().unwrap().unwrap().body().deserialize::<u32>().unwrap(), 7);
        }
        assert!(socket.next().unwrap().is_none());
    }

    #[test]
    fn a_broker_that_refuses_the_user_is_quoted() {
        let Err(Unreachable::Greeting(error)) = with_answer(b"REJECTED EXTERNAL\r\n") else {
            panic!("it was not refused");
        };
        assert_eq!(error.to_string(), "it answered `REJECTED EXTERNAL`");
        assert!(!is_hung_up(&error));
    }

    #[test]
    fn a_socket_that_is_full_takes_what_it_can() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let long = vec![0; 16 << 20];
        assert!((1..long.len()).contains(&send_now(&ours, &long)));
        drop(theirs);
        assert_eq!(send_now(&ours, &long), 0);
    }
}
