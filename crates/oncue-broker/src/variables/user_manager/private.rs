//! The user manager's own socket, which needs no bus.
//!
//! There, systemd names itself as the sender of its messages (`org.freedesktop.systemd1`). The D-Bus
//! specification requires a unique name in that place, so zbus does not parse these messages. Only their frames
//! and bodies are read.

use std::io;
use std::path::Path;

use oncue_wire::frame::{FIXED, Frame};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use zbus::wire::serialized::{Context, Data};
use zbus::wire::{BE, LE};
use zbus::{Message, Type};

/// The maximum length of a line of the handshake.
const LINE: usize = 256;

/// The types of messages that answer a call, in the second byte of a header.
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;

/// A connection whose handshake is complete.
#[derive(Debug)]
pub(super) struct Private(UnixStream);

impl Private {
    /// Connects, and authenticates as the user of this process.
    pub(super) async fn connect(socket: &Path) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket).await?;
        let user = rustix::process::getuid().as_raw().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        stream.write_all(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes()).await?;
        let answer = line(&mut stream).await?;
        if !answer.starts_with(b"OK ") {
            return Err(invalid(format!("it refused the handshake: {}", answer.escape_ascii())));
        }
        // sd-bus does not notice a call that it reads together with `BEGIN`. The answer to the command before it
        // says that it has read both. Descriptors are not used.
        stream.write_all(b"NEGOTIATE_UNIX_FD\r\nBEGIN\r\n").await?;
        line(&mut stream).await?;
        Ok(Self(stream))
    }

    /// Sends a call and waits for its answer.
    pub(super) async fn ask<T: DeserializeOwned + Type>(&mut self, call: &Message) -> io::Result<T> {
        self.0.write_all(call.data()).await?;
        loop {
            let mut bytes = vec![0; FIXED];
            self.0.read_exact(&mut bytes).await?;
            let frame = Frame::announced(&bytes).map_err(invalid)?.filter(|frame| !frame.is_too_long());
            let frame = frame.ok_or_else(|| invalid("its answer is too long"))?;
            bytes.resize(frame.length, 0);
            self.0.read_exact(&mut bytes[FIXED..]).await?;
            match bytes[1] {
                METHOD_RETURN => return body(&bytes, frame),
                ERROR => {
                    let why = body(&bytes, frame).unwrap_or_else(|_| "it refused the call".to_owned());
                    return Err(io::Error::other(why));
                }
                // A signal.
                _ => {}
            }
        }
    }
}

/// Reads a line of the handshake, without its end.
async fn line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        if line.len() == LINE {
            return Err(invalid("its answer to the handshake is too long"));
        }
        line.push(stream.read_u8().await?);
    }
    line.truncate(line.len() - 2);
    Ok(line)
}

fn body<T: DeserializeOwned + Type>(message: &[u8], frame: Frame) -> io::Result<T> {
    let order = if message[0] == b'l' { LE } else { BE };
    let body = Data::new(&message[frame.header..], Context::new(order, 0));
    body.deserialize().map(|(value, _)| value).map_err(invalid)
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
