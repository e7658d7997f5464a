//! Connects the programs of a test to its world: their connections, and the threads of task
//! servers.

use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread;

use futures_util::StreamExt;
use oncue_core::{Exit, Moment, Settings};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use zbus::connection::Builder;
use zbus::message::Message;

use super::io;
use super::package::{Ended, Main};
use super::process::{Process, ProcessId, over};
use super::settle::catch_up;
use super::time::Time;
use super::world::{Peer, PeerId, World};
use crate::broker::client::Client;
use crate::broker::dial::By;
use crate::broker::scope::Scope;
use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

/// The maximum number of messages in one write.
const AT_ONCE: usize = 64;

/// One test: its world and its clock.
pub(super) struct Hub {
    world: Mutex<World>,
    pub(super) time: Arc<Time>,
}

impl Hub {
    pub(super) fn new(now: Moment, settings: Settings) -> Arc<Self> {
        let time = Arc::new(Time::new());
        Arc::new_cyclic(|hub| {
            let world = World::new(now, settings, Weak::clone(hub), Arc::clone(&time));
            Self { world: Mutex::new(world), time }
        })
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Connects a program to the world.
    pub(super) fn dial(self: Arc<Self>, process: ProcessId, by: By) -> Result<UnixStream, Unreachable> {
        let broken = |source| Unreachable::Connect { socket: "a test".into(), source };
        let (theirs, ours) = UnixStream::pair().map_err(broken)?;
        let (outbox, to_send) = unbounded_channel();
        let id = self.world().connected(Peer::new(process, by, outbox)).ok_or_else(over)?;
        io::spawn(async move {
            // Only the end of the connection matters, not its cause.
            let _ = self.speak(id, ours, to_send).await;
            self.world().closed(id);
        })?;
        Ok(theirs)
    }

    async fn speak(
        &self,
        id: PeerId,
        stream: UnixStream,
        mut to_send: UnboundedReceiver<Message>,
    ) -> zbus::Result<()> {
        let greeting = Builder::unix_stream(stream).server(zbus::Guid::generate()).p2p();
        let mut received = greeting.build_message_stream().await?;
        let connection = zbus::Connection::from(&received);
        let mut ready = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                message = received.next() => match message {
                    Some(message) => self.world().received(id, &message?),
                    None => return Ok(()),
                },
                count = to_send.recv_many(&mut ready, AT_ONCE) => {
                    if count == 0 {
                        return connection.close().await;
                    }
                    connection.send_all(&ready).await?;
                    ready.clear();
                }
            }
        }
    }

    /// Starts a task server: its code runs on a thread that acts for a separate process.
    pub(super) fn start(
        self: Arc<Self>,
        id: ProcessId,
        process: &Process,
        main: &Main,
    ) -> std::io::Result<()> {
        let Main::Code(main) = main else { return Ok(()) };
        let (main, client) = (Arc::clone(main), Arc::clone(&process.client));
        let hub = Arc::downgrade(&self);
        let body = move || {
            let ended = Scope(Some(Arc::clone(&client))).within(|| main());
            if let Some(hub) = hub.upgrade() {
                hub.returned(id, &client, ended);
            }
        };
        thread::Builder::new().name("oncue test server".to_owned()).spawn(body).map(|_| ())
    }

    /// A server's code has returned: its process ends, unless the test has already ended it.
    fn returned(&self, id: ProcessId, client: &Client, ended: Ended) {
        // Its last messages are delivered first.
        catch_up(client);
        self.world().ends(id, ended.exit, ended.last_lines);
    }

    /// Ends everything; code that is still running is disconnected.
    pub(super) fn close(&self) {
        let processes = self.world().end_all();
        drop(processes);
    }

    /// Ends a process from outside.
    pub(super) fn crash(&self, id: ProcessId, exit: Exit) {
        self.world().ends(id, exit, String::new());
    }
}
