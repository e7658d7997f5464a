//! Wraps the broker's socket for zbus, so that it carries bytes but no descriptors.
//!
//! The broker does not accept descriptors. On a socket that can pass them, zbus would request this,
//! and would log a warning for each connection because the broker refuses.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use zbus::Message;
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};
use zbus::export::async_trait::async_trait;

#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) UnixStream);

#[derive(Debug)]
pub(crate) struct Reading(OwnedReadHalf);

#[derive(Debug)]
pub(crate) struct Writing(OwnedWriteHalf);

impl Socket for Bytes {
    type ReadHalf = Reading;
    type WriteHalf = Writing;

    fn split(self) -> Split<Reading, Writing> {
        let (read, write) = self.0.into_split();
        Split::new(Reading(read), Writing(write))
    }
}

#[async_trait]
impl ReadHalf for Reading {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        match self.0.read(buffer).await? {
            // zbus would report a connection closed during the handshake only as text.
            0 if !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok((count, Vec::new())),
        }
    }
}

#[async_trait]
impl WriteHalf for Writing {
    async fn send_messages(&mut self, messages: &[Message]) -> zbus::Result<()> {
        // Writes all of them at once.
        let bytes: Vec<&[u8]> = messages.iter().map(|message| &message.data()[..]).collect();
        Ok(self.0.write_all(&bytes.concat()).await?)
    }

    async fn sendmsg(&mut self, buffer: &[u8], _: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.0.write(buffer).await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.0.shutdown().await
    }
}
