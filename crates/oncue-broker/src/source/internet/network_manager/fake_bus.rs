//! Follows a NetworkManager that comes, changes its mind and goes, on a bus made up for the test.

use std::cell::Cell;
use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::{Connection, Message, MessageStream, Variant, message::Type};

use super::{NAME, Network, NetworkManager, PATH};
use crate::source::SystemBus;
use crate::source::service::{Account, connected, follow};

const BUS: &str = "org.freedesktop.DBus";

/// NetworkManager's unique name while it runs.
const OWNER: &str = ":1.7";

/// The far end of the connection: the bus and, while it has a state, NetworkManager.
struct FakeBus {
    connection: Connection,
    /// `Connectivity` and `Metered`
    state: Cell<Option<(u32, u32)>>,
}

impl FakeBus {
    /// A bus and a client's connection to it.
    async fn new() -> (Self, Connection) {
        let (connection, client) = connected().await;
        let state = Cell::new(None);
        (Self { connection, state }, client)
    }

    async fn serve(&self) {
        let mut calls = MessageStream::from(&self.connection);
        while let Some(Ok(call)) = calls.next().await {
            let header = call.header();
            if call.message_type() != Type::MethodCall {
                continue;
            }
            let member = header.member().unwrap().as_str();
            let replied = match (member, self.state.get()) {
                ("GetNameOwner", Some(_)) => self.connection.reply(&header, &OWNER).await,
                ("GetNameOwner", None) => self.reply_no_owner(&header).await,
                ("Get", Some((connectivity, metered))) => {
                    assert_eq!(header.destination().unwrap().as_str(), OWNER);
                    let (_, property): (String, String) = call.body().deserialize().unwrap();
                    let value = match property.as_str() {
                        "Connectivity" => connectivity,
                        _ => metered,
                    };
                    self.connection.reply(&header, &Variant::from(value)).await
                }
                other => panic!("{other:?} must not be called"),
            };
            replied.unwrap();
        }
    }

    async fn reply_no_owner(&self, call: &zbus::message::Header<'_>) -> zbus::Result<()> {
        let error = "org.freedesktop.DBus.Error.NameHasNoOwner";
        self.connection.reply_error(call, error, &"nobody").await
    }

    /// NetworkManager comes with a state, or goes.
    async fn hand_over(&self, state: Option<(u32, u32)>) {
        self.state.set(state);
        let signal = Message::signal("/org/freedesktop/DBus", BUS, "NameOwnerChanged");
        let signal = signal.sender(BUS).build(&(NAME, "", "")).unwrap();
        self.connection.send(&signal).await.unwrap();
    }

    /// NetworkManager changes its mind.
    async fn change(&self, state: (u32, u32)) {
        self.state.set(Some(state));
        let interface = "org.freedesktop.DBus.Properties";
        let changes = (NAME, HashMap::<&str, Variant<'_>>::new(), ["Connectivity"]);
        let signal = Message::signal(PATH, interface, "PropertiesChanged");
        let signal = signal.sender(OWNER).build(&changes).unwrap();
        self.connection.send(&signal).await.unwrap();
    }
}

#[tokio::test]
async fn network_manager_is_followed_as_it_comes_changes_and_goes() {
    let (bus, client) = FakeBus::new().await;
    let account = watch::Sender::new(Account::Awaited);
    let mut heard = account.subscribe();
    let mut heard = async |expected: Option<(u32, u32)>| {
        let as_expected = |account: &Account<Network>| match *account {
            Account::Absent => expected.is_none(),
            Account::Told(Network { connectivity, metered }) => expected == Some((connectivity, metered)),
            _ => false,
        };
        heard.wait_for(as_expected).await.unwrap();
    };
    let story = async {
        heard(None).await;
        bus.hand_over(Some((1, 0))).await;
        heard(Some((1, 0))).await;
        bus.change((4, 2)).await;
        heard(Some((4, 2))).await;
        bus.hand_over(None).await;
        heard(None).await;
        bus.hand_over(Some((2, 1))).await;
        heard(Some((2, 1))).await;
    };
    tokio::select! {
        () = bus.serve() => panic!("the connection ended"),
        () = follow(SystemBus::fixed(Some(client)), &NetworkManager, &account) => panic!("followed no longer"),
        () = story => {}
    }
}

#[tokio::test]
async fn a_bus_that_goes_away_leaves_no_bus() {
    let (bus, client) = FakeBus::new().await;
    let account = watch::Sender::new(Account::Awaited);
    let mut heard = account.subscribe();
    let bus_goes_away = async {
        tokio::select! {
            () = bus.serve() => {}
            absent = heard.wait_for(|account| matches!(account, Account::Absent)) => {
                absent.unwrap();
            }
        }
        bus.connection.close().await.unwrap();
    };
    let mut later = account.subscribe();
    tokio::select! {
        () = follow(SystemBus::fixed(Some(client)), &NetworkManager, &account) => panic!("followed no longer"),
        () = async {
            bus_goes_away.await;
            later.wait_for(|account| matches!(account, Account::NoBus)).await.unwrap();
        } => {}
    }
}
