//! The entrance from the session bus: the name `org.oncue.Broker1`, where there is a session bus.
//!
//! A program on the bus becomes a client with its first call, as one that connects to the socket does: it is
//! identified, takes a place, and is charged and paced together with the connections of its process. All
//! clients on the bus share one connection, so a client that may not call now cannot be made to wait by not
//! reading from it, as at the socket; its call is refused instead.
//!
//! A thread of its own reads the calls and identifies callers, so that a flood takes that thread's time and not
//! the loop's.

mod credentials;
mod guests;
mod link;

use std::convert::Infallible;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use zbus::Address;

use self::credentials::Credentials;
use self::guests::Guests;
use self::link::{Heard, Link, LinkError};
use super::connection::{too_long, write_all};
use super::door::give_way;
use super::holders::Holders;
use crate::arrival::Arrival;
use crate::inbox::Inbox;

/// How long connecting to the bus may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the last messages to clients may take when the broker ends.
const LAST: Duration = Duration::from_secs(1);

/// How long a connection must have lasted to be re-established at once.
const STEADY: Duration = Duration::from_secs(60);

/// The thread that serves the session bus.
#[derive(Debug)]
pub(crate) struct OpenBus {
    close: oneshot::Sender<Infallible>,
    thread: thread::JoinHandle<()>,
}

/// The thread of a bus whose name has been released.
#[derive(Debug)]
pub(crate) struct ClosedBus(thread::JoinHandle<()>);

impl OpenBus {
    /// Takes the name on the session bus, now and whenever the bus comes back. Without an address of a bus,
    /// nothing is done.
    pub(crate) fn open(inbox: mpsc::Sender<Inbox>, holders: Holders) -> io::Result<Option<Self>> {
        let address = match Address::session() {
            Ok(address) => address,
            Err(error) => {
                tracing::debug!("no session bus: {error}");
                return Ok(None);
            }
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (close, closed) = oneshot::channel();
        let thread = thread::Builder::new().name("bus".into()).spawn(move || {
            give_way();
            runtime.block_on(keep(&address, &inbox, &holders, closed));
        })?;
        Ok(Some(Self { close, thread }))
    }

    /// Releases the name and reads no further calls. Answers are still sent.
    pub(crate) fn close(self) -> ClosedBus {
        drop(self.close);
        ClosedBus(self.thread)
    }
}

impl ClosedBus {
    /// Waits until the answers to clients that have been disconnected are sent, but not for long.
    pub(crate) fn end(self) {
        // If it panicked, the panic is in the log.
        let _ = self.0.join();
    }
}

/// The end of serving the bus.
enum End {
    /// The connection is lost.
    Lost(LinkError),
    /// The broker ends.
    Closed,
}

async fn keep(
    address: &Address,
    inbox: &mpsc::Sender<Inbox>,
    holders: &Holders,
    mut closed: oneshot::Receiver<Infallible>,
) {
    let mut arrival = Arrival::of(&address.to_string());
    let mut name = Name::default();
    loop {
        // Before the attempt, so that a bus that starts in the meantime is noticed.
        arrival.watch();
        let opening =
            async { timeout(PATIENCE, Link::open(address)).await.unwrap_or(Err(LinkError::Silent)) };
        let opened = tokio::select! {
            opened = opening => opened,
            _ = &mut closed => return,
        };
        match opened {
            Ok(opened) => {
                let since = Instant::now();
                let guests = Guests::new(Credentials::from(address.clone()), inbox.clone(), holders.clone());
                match serve(opened, guests, &mut name, &mut closed).await {
                    End::Lost(error) => tracing::info!("the session bus is gone: {error}; waiting for it"),
                    End::Closed => return,
                }
                // A bus that ends each connection at once is not retried without a pause.
                if since.elapsed() > STEADY {
                    arrival.begin_again();
                }
            }
            Err(error) => tracing::debug!("the session bus at {address} is not available: {error}"),
        }
        tokio::select! {
            () = arrival.next() => {}
            _ = &mut closed => return,
        }
    }
}

async fn serve(
    (mut link, writer): (Link, link::Writer),
    mut guests: Guests,
    name: &mut Name,
    closed: &mut oneshot::Receiver<Infallible>,
) -> End {
    let writing = write_all(writer.to, writer.waiting);
    tokio::pin!(writing);
    let lost = tokio::select! {
        Err(error) = read_all(&mut link, &mut guests, name) => error,
        written = &mut writing => written.map_or_else(LinkError::Connection, |()| LinkError::Ended),
        _ = closed => {
            let _ = timeout(LAST, link.release_name()).await;
            // The writer ends when the last client has been disconnected.
            drop(link);
            let _ = timeout(LAST, writing).await;
            return End::Closed;
        }
    };
    End::Lost(lost)
}

async fn read_all(link: &mut Link, guests: &mut Guests, name: &mut Name) -> Result<Infallible, LinkError> {
    loop {
        match link.hear().await? {
            Heard::Call(sender, call) => {
                if let Err(refused) = guests.called(&sender, &call, link).await? {
                    link.refuse(&call, &refused).await?;
                }
            }
            Heard::TooLong(call, length) => link.refuse(&call, &too_long(length)).await?,
            Heard::Left(client) => {
                if guests.left(&client) {
                    link.unfollow(&client).await?;
                }
            }
            Heard::NameIsOurs => name.is_ours(),
            Heard::NameIsTaken => name.is_taken(),
            Heard::Nothing => {}
        }
    }
}

/// The name on the bus, as far as the log has told about it.
#[derive(Debug, Default)]
struct Name {
    told_taken: bool,
}

impl Name {
    fn is_ours(&mut self) {
        self.told_taken = false;
        tracing::debug!("the session bus knows this broker as {}", link::NAME);
    }

    fn is_taken(&mut self) {
        if !std::mem::replace(&mut self.told_taken, true) {
            tracing::info!(
                "{} on the session bus belongs to another program, which `oncue service status` shows; \
                 waiting until it is released",
                link::NAME
            );
        }
    }
}

#[cfg(test)]
mod tests;
