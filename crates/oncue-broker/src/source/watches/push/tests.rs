//! A distributor on a bus of the test's own, in both versions of the interface.

use std::collections::HashMap;

use oncue_core::Guid;
use tempfile::TempDir;
use zbus::Variant as Value;
use zbus::connection::Builder;
use zbus::{Connection, MessageStream};

use super::super::bus::small_bus::SmallBus;
use super::*;

const ONE: TaskId = TaskId(Guid::from_u128(1));
const THEIRS: &str = "org.unifiedpush.Distributor.Test";

/// A desk with a bus, on which push messages are awaited.
struct Desk {
    home: TempDir,
    bus: SmallBus,
    push: Orders<()>,
    inbox: mpsc::Receiver<Inbox>,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let bus = SmallBus::open(&home.path().join("bus"));
        let (push, inbox) = open(&home, &bus);
        Self { home, bus, push, inbox }
    }

    /// Restarts the broker.
    fn restart(&mut self) {
        (self.push, self.inbox) = open(&self.home, &self.bus);
    }

    async fn trouble(&mut self) -> Option<String> {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Troubled { task: ONE, why }) => why,
            other => panic!("{other:?} instead of trouble"),
        }
    }

    async fn told(&mut self) -> String {
        match self.inbox.recv().await.unwrap() {
            Inbox::Event(Event::Noticed { task: ONE, details, .. }) => details.items.join(" "),
            other => panic!("{other:?} instead of a message"),
        }
    }
}

fn open(home: &TempDir, bus: &SmallBus) -> (Orders<()>, mpsc::Receiver<Inbox>) {
    let (sender, inbox) = mpsc::channel(64);
    let place = Place::At(bus.address().into());
    (super::open(place, home.path().join("push"), crate::errand::Errands::default(), sender), inbox)
}

/// A distributor.
struct Fake {
    bus: Connection,
    calls: MessageStream,
    second: bool,
}

impl Fake {
    async fn come(desk: &Desk, second: bool) -> Self {
        let calls = Builder::address(desk.bus.address()).build_message_stream().await.unwrap();
        let bus = Connection::from(&calls);
        bus.request_name(THEIRS).await.unwrap();
        Self { bus, calls, second }
    }

    /// Answers a registration; a distributor of the first version refuses those of the second.
    async fn registers(&mut self) {
        loop {
            let call = self.called("Register").await;
            let header = call.header();
            let asks_second = header.interface().unwrap().ends_with('2');
            if asks_second != self.second {
                let error = Message::error(&header, "org.freedesktop.DBus.Error.UnknownInterface");
                self.bus.send(&error.build(&"no").unwrap()).await.unwrap();
                continue;
            }
            let reply = Message::method_return(&header);
            let reply = if self.second {
                reply.build(&HashMap::from([("success", Value::from("REGISTRATION_SUCCEEDED"))]))
            } else {
                reply.build(&("REGISTRATION_SUCCEEDED", ""))
            };
            self.bus.send(&reply.unwrap()).await.unwrap();
            return;
        }
    }

    async fn called(&mut self, wanted: &str) -> Message {
        loop {
            let message = self.calls.next().await.unwrap().unwrap();
            if message.header().member().is_some_and(|member| member.as_str() == wanted)
                && message.message_type() == zbus::message::Type::MethodCall
            {
                return message;
            }
        }
    }

    async fn says(&self, member: &str, named: &[(&str, Value<'_>)]) {
        let version = if self.second { '2' } else { '1' };
        let call = Message::method_call("/org/unifiedpush/Connector", member);
        let interface = format!("org.unifiedpush.Connector{version}");
        let call = call.destination("org.oncue.Push").interface(interface.as_str());
        let token = ONE.to_string();
        let call = match (self.second, named) {
            (true, named) => {
                let mut all: HashMap<&str, &Value<'_>> =
                    named.iter().map(|(name, value)| (*name, value)).collect();
                let token = Value::from(token);
                all.insert("token", &token);
                call.build(&all)
            }
            (false, [("endpoint", Value::Str(url))]) => call.build(&(token, url.as_str())),
            (false, [("message", Value::Array(bytes))]) => {
                call.build(&(token, Vec::<u8>::try_from(bytes.try_clone().unwrap()).unwrap(), ""))
            }
            (false, _) => call.build(&token),
        };
        self.bus.send(&call.unwrap()).await.unwrap();
    }
}

async fn play(second: bool) {
    let mut desk = Desk::new();
    desk.push.begin(ONE, ());
    assert_eq!(desk.trouble().await.as_deref(), Some(distributor::NONE));
    let mut fake = Fake::come(&desk, second).await;
    fake.registers().await;
    assert_eq!(desk.trouble().await, None);
    fake.says("NewEndpoint", &[("endpoint", Value::from("https://push.example/1"))]).await;
    assert_eq!(desk.told().await, "endpoint=https://push.example/1");
    fake.says("Message", &[("message", Value::from(b"hello".to_vec()))]).await;
    assert_eq!(desk.told().await, "hello");
    fake.says("Message", &[("message", Value::from(vec![0xff_u8, 0x00]))]).await;
    assert_eq!(desk.told().await, "hex:ff00");

    // After a restart the task is known again, and is not told again what it knows.
    desk.restart();
    desk.push.begin(ONE, ());
    fake.registers().await;
    fake.says("NewEndpoint", &[("endpoint", Value::from("https://push.example/1"))]).await;
    fake.says("NewEndpoint", &[("endpoint", Value::from("https://push.example/2"))]).await;
    assert_eq!(desk.told().await, "endpoint=https://push.example/2");

    // A task that the distributor removes registers again; one that ends unregisters.
    fake.says("Unregistered", &[]).await;
    fake.registers().await;
    desk.push.end(ONE);
    fake.called("Unregister").await;
}

#[tokio::test]
async fn messages_come_by_the_second_version_of_the_interface() {
    play(true).await;
}

#[tokio::test]
async fn messages_come_by_the_first_version_of_the_interface() {
    play(false).await;
}

#[tokio::test]
async fn nobody_but_the_distributor_is_heard() {
    let mut desk = Desk::new();
    desk.push.begin(ONE, ());
    desk.trouble().await;
    let mut fake = Fake::come(&desk, true).await;
    fake.registers().await;
    assert_eq!(desk.trouble().await, None);
    let other = Builder::address(desk.bus.address()).build_message_stream().await.unwrap();
    let stranger = Fake { bus: Connection::from(&other), calls: other, second: true };
    stranger.says("Message", &[("message", Value::from(b"from nobody".to_vec()))]).await;
    // Calls of one client arrive in order, but those of two clients may not. So the stranger makes a call,
    // and waits for its answer.
    let nothing = HashMap::<&str, Value<'_>>::new();
    let answered = stranger.bus.call_method(
        Some("org.oncue.Push"),
        "/org/unifiedpush/Connector",
        Some("org.unifiedpush.Connector2"),
        "Message",
        &nothing,
    );
    answered.await.unwrap();
    fake.says("Message", &[("message", Value::from(b"hello".to_vec()))]).await;
    assert_eq!(desk.told().await, "hello");
    drop(fake);
    assert_eq!(desk.trouble().await.as_deref(), Some(distributor::NONE));
}
