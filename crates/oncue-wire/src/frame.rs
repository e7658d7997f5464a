//! Where a message ends in a stream of bytes, and how a whole one is read.
//!
//! The fixed part of a header says how long its message is. Both ends of a connection check it against limits
//! before they keep anything, and only a whole message reaches zbus's parser.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use zbus::Message;
use zbus::connection::socket::ReadHalf;
use zbus::export::async_trait::async_trait;

use crate::limits;

/// The fixed part of a header, at the beginning of every message.
pub const FIXED: usize = 16;

/// The maximum length of the array of header fields. Names take at most 255 bytes each, and the broker's
/// paths are short.
const FIELDS: usize = 4 << 10;

/// The maximum length of a D-Bus message.
const LONGEST: usize = 128 << 20;

/// The announced length of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The whole message, in bytes.
    pub length: usize,
    /// The part before its body.
    pub header: usize,
}

/// The data received is not a message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The fixed part of its header cannot be that of a message.
    #[error("the data received is not a D-Bus message: {0}")]
    NotDBus(&'static str),
    /// It has the length that it announced, and cannot be parsed.
    #[error("the data received is not a D-Bus message: {0}")]
    Invalid(zbus::Error),
}

impl Frame {
    /// Reads the beginning of a message: `None` if less than the fixed part has arrived.
    ///
    /// # Errors
    /// Returns an error if this is not the beginning of a message, or if a length is above the limits.
    pub fn announced(arrived: &[u8]) -> Result<Option<Self>, FrameError> {
        let Some(fixed) = arrived.first_chunk::<FIXED>() else { return Ok(None) };
        let number = |at: usize| {
            let bytes = [fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]];
            let number = if fixed[0] == b'l' { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
            number as usize
        };
        let (body, fields) = (number(4), number(12));
        let header = (FIXED + fields.min(FIELDS)).next_multiple_of(8);
        let length = header.saturating_add(body);
        match () {
            () if !matches!(fixed[0], b'l' | b'B') => Err(FrameError::NotDBus("its byte order is unknown")),
            () if fixed[3] != 1 => Err(FrameError::NotDBus("its protocol version is not 1")),
            () if fields > FIELDS => Err(FrameError::NotDBus("its header is too long")),
            () if length > LONGEST => Err(FrameError::NotDBus("it is longer than 128 MiB")),
            () => Ok(Some(Self { length, header })),
        }
    }

    /// Returns whether the message is longer than a client may send.
    #[must_use]
    pub const fn is_too_long(self) -> bool {
        self.length > limits::MESSAGE
    }
}

/// Parses a whole message.
///
/// # Errors
/// Returns an error if the bytes are not one message.
pub fn message(mut bytes: Vec<u8>) -> Result<Message, FrameError> {
    // zbus only reads from a socket what it was not given, so it does not have to wait.
    let mut fds = Vec::new();
    let mut nothing = Nothing;
    let mut parsing = pin!(nothing.receive_message(0, &mut bytes, &mut fds));
    match parsing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(parsed) => parsed.map_err(FrameError::Invalid),
        Poll::Pending => Err(FrameError::NotDBus("it is incomplete")),
    }
}

/// A socket from which nothing arrives.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl ReadHalf for Nothing {
    async fn recvmsg(&mut self, _: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        Ok((0, Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &str) -> Vec<u8> {
        Message::method_call("/org/oncue/Broker1", "Find").build(&body).unwrap().data().to_vec()
    }

    #[test]
    fn a_message_announces_its_length() {
        let bytes = call("a task");
        let frame = Frame::announced(&bytes).unwrap().unwrap();
        assert_eq!(frame.length, bytes.len());
        assert_eq!(message(bytes.clone()).unwrap().body().deserialize::<String>().unwrap(), "a task");
        assert!(Frame::announced(&bytes[..FIXED - 1]).unwrap().is_none());
        assert!(message(bytes[..bytes.len() - 1].to_vec()).is_err());
    }

    #[test]
    fn what_is_not_a_message_is_refused_by_its_first_bytes() {
        let good = call("x");
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Frame::announced(&bytes).is_ok()
        };
        assert!(!with(0, b'x'));
        assert!(!with(3, 2));
        assert!(!with(7, 0xff));
        assert!(!with(14, 1));
        assert!(with(1, 1));
    }
}
