//! Tests the entrance with a small bus.

use futures_util::StreamExt as _;
use oncue_wire::limits;
use zbus::connection::Builder;
use zbus::{Connection, Message, MessageStream};

use super::*;
use crate::front::Shared;
use crate::front::hear::respond;
use crate::front::peers::Peers;
use crate::front::questions::{Call, Reply};
use crate::source::small_bus::SmallBus;

/// A bus, and the broker's entrance from it.
struct Entrance {
    bus: SmallBus,
    inbox: mpsc::Receiver<Inbox>,
    holders: Holders,
    _close: oneshot::Sender<Infallible>,
    _folder: tempfile::TempDir,
}

impl Entrance {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bus = SmallBus::open(&folder.path().join("bus"));
        let (sender, inbox) = mpsc::channel(64);
        let (_close, closed) = oneshot::channel();
        let (address, holders) = (bus.address().parse().unwrap(), Holders::new(Shared::default()));
        let of_task = holders.clone();
        tokio::spawn(async move { keep(&address, &sender, &of_task, closed).await });
        bus.asked("RequestName org.oncue.Broker1").await;
        Self { bus, inbox, holders, _close, _folder: folder }
    }

    async fn client(&self) -> (Connection, MessageStream) {
        let messages = Builder::address(self.bus.address()).build_message_stream().await.unwrap();
        (Connection::from(&messages), messages)
    }

    async fn connected(&mut self, peers: &mut Peers) -> super::super::PeerId {
        let Some(Inbox::Connected(id, peer)) = self.inbox.recv().await else { panic!("no client") };
        peers.insert(id, peer);
        id
    }

    async fn received(&mut self) -> Call {
        let Some(Inbox::Received(_, call)) = self.inbox.recv().await else { panic!("no call") };
        call
    }
}

fn call(body: &str) -> Message {
    let call = Message::method_call("/org/oncue/Broker1", "Find");
    call.destination(link::NAME).interface(link::NAME).build(&body).unwrap()
}

/// Waits for the answer to a call: its error's name, or an empty text.
async fn answer_to(call: &Message, messages: &mut MessageStream) -> String {
    loop {
        let message = messages.next().await.unwrap().unwrap();
        if message.header().reply_serial() == Some(call.primary_header().serial_num()) {
            return message.header().error_name().map(ToString::to_string).unwrap_or_default();
        }
    }
}

#[tokio::test]
async fn a_program_on_the_bus_is_a_client_from_its_first_call_until_it_leaves() {
    let mut entrance = Entrance::open().await;
    let mut peers = Peers::default();
    let (client, mut messages) = entrance.client().await;
    let first = call("a");
    client.send(&first).await.unwrap();
    let id = entrance.connected(&mut peers).await;
    peers.let_speak(id);
    let Call { message, charge } = entrance.received().await;
    let answer = respond(&message, &Vec::<String>::new()).unwrap();
    peers.reply(Reply { peer: id, message: answer, charge });
    assert_eq!(answer_to(&first, &mut messages).await, "");
    client.send(&call("b")).await.unwrap();
    assert_eq!(entrance.received().await.message.body().deserialize::<String>().unwrap(), "b");
    assert_eq!(entrance.holders.taken(), 1);
    drop((client, messages));
    assert!(matches!(entrance.inbox.recv().await, Some(Inbox::Closed(closed)) if closed == id));
    peers.remove(id);
    while entrance.holders.taken() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_that_would_have_to_wait_at_the_socket_are_refused() {
    let mut entrance = Entrance::open().await;
    let mut peers = Peers::default();
    let (client, mut messages) = entrance.client().await;
    let long = call(&"x".repeat(limits::MESSAGE));
    client.send(&long).await.unwrap();
    assert_eq!(answer_to(&long, &mut messages).await, "org.oncue.Error.NotEnoughQuota");
    // The loop does not read its calls, and answers none.
    let calls: Vec<Message> = (0..limits::CALLS_PER_PROCESS / limits::CALL).map(|_| call("x")).collect();
    for call in &calls {
        client.send(call).await.unwrap();
    }
    let last = calls.last().unwrap();
    assert_eq!(answer_to(last, &mut messages).await, "org.oncue.Error.NotEnoughQuota");
    // As soon as it does, there is room again.
    let id = entrance.connected(&mut peers).await;
    peers.let_speak(id);
    drop(entrance.received().await);
    loop {
        client.send(&call("again")).await.unwrap();
        while let Ok(happened) = entrance.inbox.try_recv() {
            if let Inbox::Received(_, call) = happened
                && call.message.body().deserialize::<&str>().unwrap() == "again"
            {
                return;
            }
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_that_is_disconnected_can_call_again() {
    let mut entrance = Entrance::open().await;
    let mut peers = Peers::default();
    let (client, mut messages) = entrance.client().await;
    client.send(&call("a")).await.unwrap();
    let id = entrance.connected(&mut peers).await;
    peers.remove(id);
    // The call may still be passed on before that.
    while !matches!(entrance.inbox.recv().await, Some(Inbox::Closed(closed)) if closed == id) {}
    let refused = call("b");
    client.send(&refused).await.unwrap();
    assert_eq!(answer_to(&refused, &mut messages).await, "org.oncue.Error.NotEnoughQuota");
    client.send(&call("c")).await.unwrap();
    assert_ne!(entrance.connected(&mut peers).await, id);
}
