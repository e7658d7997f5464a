//! A connection that sends D-Bus byte by byte, so that it can violate the protocol.

use std::io::{self, IoSlice, Read as _, Write as _};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

use oncue_wire::Place;
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde::Serialize;
use zbus::message::Message;
use zbus::zvariant::DynamicType;

use crate::stage::PATIENCE;

pub(crate) struct Stranger(UnixStream);

impl Stranger {
    /// Connects and sends nothing.
    pub(crate) fn silent(home: &Path) -> Self {
        let stream = UnixStream::connect(Place::below(home).socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    /// Connects and performs the handshake.
    pub(crate) fn introduced(home: &Path) -> Self {
        let mut stranger = Self::silent(home);
        stranger.say(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
        let said = stranger.lines(2);
        assert!(said.starts_with("DATA\r\nOK "), "{said}");
        stranger
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Sends as much as the broker accepts; returns how much that is, and whether the broker has
    /// disconnected.
    pub(crate) fn say_on(&mut self, bytes: &[u8]) -> (usize, bool) {
        self.0.set_nonblocking(true).unwrap();
        let mut said = 0;
        let hung_up = loop {
            match self.0.write(&bytes[said..]) {
                Ok(0) => break false,
                Ok(count) => said += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break false,
                Err(_) => break true,
            }
        };
        self.0.set_nonblocking(false).unwrap();
        (said, hung_up)
    }

    /// Sends bytes and passes descriptors along.
    pub(crate) fn pass(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
        let mut space = vec![std::mem::MaybeUninit::uninit(); 4 * descriptors.len() + 64];
        let mut along = SendAncillaryBuffer::new(&mut space);
        assert!(along.push(SendAncillaryMessage::ScmRights(descriptors)));
        sendmsg(&self.0, &[IoSlice::new(bytes)], &mut along, SendFlags::empty()).unwrap();
    }

    /// Waits for this many lines.
    fn lines(&mut self, count: usize) -> String {
        let mut said = Vec::new();
        while said.iter().filter(|byte| **byte == b'\n').count() < count {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
        String::from_utf8(said).unwrap()
    }

    /// Waits for data, and returns it without everything that is not text.
    pub(crate) fn heard(&mut self) -> String {
        let mut bytes = [0; 4_096];
        let count = self.0.read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    /// Waits until the broker disconnects.
    pub(crate) fn is_hung_up_on(&mut self) {
        let mut bytes = [0; 4_096];
        loop {
            match self.0.read(&mut bytes) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return,
                Err(error) => panic!("the broker does not hang up: {error}"),
            }
        }
    }
}

/// The bytes of a call.
pub(crate) fn call(name: &str, body: &(impl Serialize + DynamicType)) -> Vec<u8> {
    let call = Message::method_call(BROKER_PATH, name).interface(BROKER_INTERFACE);
    call.build(body).unwrap().data().to_vec()
}
