//! Converts bytes to messages, without trusting a message before it is complete.
//!
//! The fixed part of the header is checked against the limits first; only a whole message within
//! them reaches zbus's parser. Memory grows with the data received, never with the length
//! that a header announces. The kernel closes file descriptors sent along, because plain reads are
//! used.

use std::io;

use oncue_wire::frame::{self, Frame, FrameError};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use zbus::Message;

use super::account::Account;
use super::pace::READ;

/// How much to read at a time.
const CHUNK: usize = 4 << 10;

/// The data received is not a message.
#[derive(Debug, thiserror::Error)]
pub(super) enum FramingError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("the connection was closed in the middle of a message")]
    Cut,
}

/// Reads messages from a connection.
#[derive(Debug)]
pub(super) struct Framing<R> {
    from: R,
    /// Data received but not taken yet.
    arrived: Vec<u8>,
    /// Charged for messages that arrive in pieces, if they are all of one process.
    account: Option<Account>,
}

impl<R: AsyncRead + Unpin> Framing<R> {
    /// Continues where the handshake ended.
    pub(super) fn new(from: R, arrived: Vec<u8>, account: Option<Account>) -> Self {
        Self { from, arrived, account }
    }

    /// Waits for the beginning of the next message; returns `None` after an orderly end.
    pub(super) async fn next(&mut self) -> Result<Option<Frame>, FramingError> {
        if self.arrived.is_empty() {
            // An idle connection keeps no buffer.
            self.arrived.shrink_to(CHUNK);
            if self.read().await? == 0 {
                return Ok(None);
            }
        }
        self.wait_for(frame::FIXED).await?;
        Ok(Frame::announced(&self.arrived)?)
    }

    /// Takes the announced message.
    pub(super) async fn take(&mut self, announced: Frame) -> Result<Message, FramingError> {
        self.wait_for(announced.length).await?;
        let rest = self.arrived.split_off(announced.length);
        Ok(frame::message(std::mem::replace(&mut self.arrived, rest))?)
    }

    /// Returns the announced message without its body, so that it can be answered.
    pub(super) async fn header(&mut self, announced: Frame) -> Result<Message, FramingError> {
        self.wait_for(announced.header).await?;
        let mut header = self.arrived[..announced.header].to_vec();
        header[4..8].fill(0);
        Ok(frame::message(header)?)
    }

    /// Discards the announced message as it arrives.
    pub(super) async fn skip(&mut self, announced: Frame) -> Result<(), FramingError> {
        let mut left = announced.length;
        while left > self.arrived.len() {
            left -= self.arrived.len();
            self.arrived.clear();
            self.more().await?;
        }
        self.arrived.drain(..left);
        Ok(())
    }

    async fn wait_for(&mut self, length: usize) -> Result<(), FramingError> {
        while self.arrived.len() < length {
            self.more().await?;
        }
        Ok(())
    }

    async fn more(&mut self) -> Result<(), FramingError> {
        if let Some(account) = &self.account {
            account.steps(READ).await;
        }
        if self.read().await? == 0 { Err(FramingError::Cut) } else { Ok(()) }
    }

    async fn read(&mut self) -> io::Result<usize> {
        self.arrived.reserve(CHUNK);
        self.from.read_buf(&mut self.arrived).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use oncue_wire::limits;

    use super::*;
    use crate::front::Shared;

    fn call(body: &str) -> Message {
        Message::method_call("/org/oncue/Broker1", "Find").build(&body).unwrap()
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn framing<R: AsyncRead + Unpin>(from: R, arrived: Vec<u8>) -> Framing<R> {
        Framing::new(from, arrived, Some(Account::new(Shared::default())))
    }

    /// Returns one byte at a time.
    struct Drop<'a>(&'a [u8]);

    impl AsyncRead for Drop<'_> {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            let count = self.0.len().min(1);
            buffer.put_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            std::task::Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn messages_are_whole_however_they_arrive() {
        let bytes = [call("first").data().to_vec(), call("second").data().to_vec()].concat();
        run(async {
            let mut framing = framing(Drop(&bytes[3..]), bytes[..3].to_vec());
            for text in ["first", "second"] {
                let announced = framing.next().await.unwrap().unwrap();
                let message = framing.take(announced).await.unwrap();
                assert_eq!(message.body().deserialize::<String>().unwrap(), text);
            }
            assert!(framing.next().await.unwrap().is_none());
        });
    }

    #[test]
    fn what_is_announced_takes_no_memory_before_it_arrives() {
        let mut fixed = call("x").data()[..frame::FIXED].to_vec();
        fixed[4..8].copy_from_slice(&(limits::MESSAGE as u32 / 2).to_le_bytes());
        run(async {
            let mut framing = framing(&fixed[..], Vec::new());
            let announced = framing.next().await.unwrap().unwrap();
            assert!(!announced.is_too_long());
            assert!(matches!(framing.take(announced).await, Err(FramingError::Cut)));
            assert!(framing.arrived.capacity() <= 4 * CHUNK, "{}", framing.arrived.capacity());
        });
    }

    #[test]
    fn a_message_that_is_too_long_is_dropped_and_can_be_answered() {
        let long = call(&"x".repeat(limits::MESSAGE));
        let bytes = [long.data().to_vec(), call("after").data().to_vec()].concat();
        run(async {
            let mut framing = framing(&bytes[..], Vec::new());
            let announced = framing.next().await.unwrap().unwrap();
            assert!(announced.is_too_long());
            let refused = framing.header(announced).await.unwrap();
            assert_eq!(refused.primary_header().serial_num(), long.primary_header().serial_num());
            framing.skip(announced).await.unwrap();
            assert!(framing.arrived.capacity() <= 4 * CHUNK, "{}", framing.arrived.capacity());
            let announced = framing.next().await.unwrap().unwrap();
            let after = framing.take(announced).await.unwrap();
            assert_eq!(after.body().deserialize::<String>().unwrap(), "after");
        });
    }

    #[test]
    fn a_client_that_sends_a_message_byte_by_byte_has_to_wait() {
        let long = call(&"x".repeat(limits::MESSAGE));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let mut framing = framing(Drop(long.data()), Vec::new());
        let announced = framing.next().now_or_never().unwrap().unwrap().unwrap();
        assert!(announced.is_too_long());
        assert!(framing.skip(announced).now_or_never().is_none(), "all of it was read at once");
        assert!(framing.from.0.len() < long.data().len() - limits::STEPS as usize / 2, "too little was read");
        let account = framing.account.unwrap();
        assert_eq!(account.steps_within(READ, std::time::Duration::ZERO), None);
    }
}
