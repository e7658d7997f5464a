//! A message bus in the test's own process: names, match rules and routing, as far as the tests
//! need them.

use std::collections::HashMap;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt;
use rustix::process::getuid;
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zbus::connection::Builder;
use zbus::message::{Header, Type};
use zbus::names::UniqueName;
use zbus::{Connection, Guid, MatchRule, Message, Variant};

const BUS: &str = "org.freedesktop.DBus";

/// How many rules a client may have.
const MAX_RULES: usize = 16;

/// A bus, which ends when this is dropped.
pub(crate) struct SmallBus {
    address: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// The requests of clients, such as `AddMatch RULE`, in order.
    asked: watch::Sender<Vec<String>>,
}

#[derive(Default)]
struct State {
    clients: HashMap<String, Client>,
    owners: HashMap<String, String>,
    serving: Vec<JoinHandle<()>>,
    last: u32,
}

struct Client {
    connection: Connection,
    rules: Vec<String>,
}

impl Client {
    fn link(&self) -> Connection {
        self.connection.clone()
    }
}

impl SmallBus {
    /// Opens a bus at a path.
    pub(crate) fn open(path: &Path) -> Self {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address: format!("unix:path={}", path.display()), shared, accepting }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until a client has made this request.
    pub(crate) async fn asked(&self, wanted: &str) {
        let has = |asked: &Vec<String>| asked.iter().any(|one| one == wanted);
        self.shared.asked.subscribe().wait_for(has).await.unwrap();
    }

    /// The number of clients.
    pub(crate) fn n_clients(&self) -> usize {
        self.shared.state().clients.len()
    }
}

impl Drop for SmallBus {
    fn drop(&mut self) {
        self.accepting.abort();
        let mut state = self.shared.state();
        state.serving.drain(..).for_each(|serving| serving.abort());
        state.clients.clear();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: UnixListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let serving = tokio::spawn(serve(stream.into_std().unwrap(), shared.clone()));
        shared.state().serving.push(serving);
    }
}

async fn serve(stream: UnixStream, shared: Arc<Shared>) {
    let building = Builder::unix_stream(stream).server(Guid::generate()).p2p();
    let Ok(mut messages) = building.build_message_stream().await else { return };
    let connection = Connection::from(&messages);
    let name = {
        let mut state = shared.state();
        state.last += 1;
        let name = format!(":1.{}", state.last);
        state.clients.insert(name.clone(), Client { connection, rules: Vec::new() });
        name
    };
    while let Some(Ok(message)) = messages.next().await {
        let header = message.header();
        if header.destination().is_some_and(|to| to.as_str() == BUS) {
            answer(&shared, &name, &header, &message).await;
        } else {
            let sender = UniqueName::try_from(name.as_str()).unwrap();
            route(&shared, &message.with_sender(&sender).unwrap()).await;
        }
    }
    let left = {
        let mut state = shared.state();
        state.clients.remove(&name);
        let theirs: Vec<String> =
            state.owners.iter().filter(|(_, owner)| **owner == name).map(|(name, _)| name.clone()).collect();
        theirs.iter().for_each(|name| drop(state.owners.remove(name)));
        theirs
    };
    tell_owner(&shared, &name, &name, "").await;
    for owned in left {
        tell_owner(&shared, &owned, &name, "").await;
    }
}

async fn answer(shared: &Shared, name: &str, header: &Header<'_>, call: &Message) {
    let method = header.member().unwrap().as_str();
    let argument = match method {
        "RequestName" => call.body().deserialize::<(String, u32)>().unwrap().0,
        _ => call.body().deserialize::<String>().unwrap_or_default(),
    };
    let connection = shared.state().clients[name].connection.clone();
    let mut owner_changes = false;
    let reply = match method {
        "Hello" => Ok(Message::method_return(header).sender(BUS).build(&name)),
        "AddMatch" => shared.state().add_rule(name, &argument).map(|()| empty(header)),
        "RemoveMatch" => {
            shared.state().remove_rule(name, &argument);
            Ok(empty(header))
        }
        "RequestName" => {
            shared.state().owners.insert(argument.clone(), name.into());
            owner_changes = true;
            Ok(Message::method_return(header).sender(BUS).build(&1_u32))
        }
        "ListNames" => {
            let names: Vec<String> = shared.state().owners.keys().cloned().collect();
            Ok(Message::method_return(header).sender(BUS).build(&names))
        }
        "NameHasOwner" => {
            let has = shared.state().clients.contains_key(&argument);
            Ok(Message::method_return(header).sender(BUS).build(&has))
        }
        "GetConnectionCredentials" => {
            let own = [("UnixUserID", getuid().as_raw()), ("ProcessID", std::process::id())];
            let own: HashMap<&str, Variant<'_>> = own.map(|(name, value)| (name, value.into())).into();
            Ok(Message::method_return(header).sender(BUS).build(&own))
        }
        "ListActivatableNames" => Ok(Message::method_return(header).sender(BUS).build(&Vec::<String>::new())),
        "GetNameOwner" => match shared.state().owners.get(&argument) {
            Some(owner) => Ok(Message::method_return(header).sender(BUS).build(owner)),
            None => Err("org.freedesktop.DBus.Error.NameHasNoOwner"),
        },
        other => panic!("the small bus has no {other}"),
    };
    let refused = |error| Message::error(header, error).sender(BUS).build(&format!("no {argument}"));
    let _ = connection.send(&reply.unwrap_or_else(refused).unwrap()).await;
    shared.asked.send_modify(|asked| asked.push(format!("{method} {argument}")));
    if owner_changes {
        tell_owner(shared, &argument, "", name).await;
    }
}

fn empty(header: &Header<'_>) -> zbus::Result<Message> {
    Message::method_return(header).sender(BUS).build(&())
}

impl State {
    fn add_rule(&mut self, name: &str, rule: &str) -> Result<(), &'static str> {
        let client = self.clients.get_mut(name).unwrap();
        if client.rules.len() == MAX_RULES {
            return Err("org.freedesktop.DBus.Error.LimitsExceeded");
        }
        client.rules.push(rule.into());
        Ok(())
    }

    fn remove_rule(&mut self, name: &str, rule: &str) {
        let rules = &mut self.clients.get_mut(name).unwrap().rules;
        if let Some(at) = rules.iter().position(|one| one == rule) {
            rules.remove(at);
        }
    }
}

async fn tell_owner(shared: &Shared, name: &str, old: &str, new: &str) {
    let signal = Message::signal("/org/freedesktop/DBus", BUS, "NameOwnerChanged");
    route(shared, &signal.sender(BUS).build(&(name, old, new)).unwrap()).await;
}

/// Sends a message to its destination, and a signal without one to all clients with a matching
/// rule.
async fn route(shared: &Shared, message: &Message) {
    let header = message.header();
    let receivers: Vec<Connection> = {
        let state = shared.state();
        let named = |to: &str| state.owners.get(to).map_or_else(|| to.to_owned(), Clone::clone);
        let to = header.destination().map(|to| named(to.as_str()));
        let wants = |rule: &String| MatchRule::try_from(rule.as_str()).unwrap().matches(message).unwrap();
        let is_receiver = |(name, client): &(&String, &Client)| match &to {
            Some(to) => to == *name,
            None => message.message_type() == Type::Signal && client.rules.iter().any(wants),
        };
        state.clients.iter().filter(is_receiver).map(|(_, client)| client.connection.clone()).collect()
    };
    if receivers.is_empty() && message.message_type() == Type::MethodCall {
        let caller =
            header.sender().and_then(|name| shared.state().clients.get(name.as_str()).map(Client::link));
        let error = Message::error(&header, "org.freedesktop.DBus.Error.ServiceUnknown").sender(BUS);
        if let Some(caller) = caller {
            let _ = caller.send(&error.build(&"no client has this name").unwrap()).await;
        }
    }
    for receiver in receivers {
        let _ = receiver.send(message).await;
    }
}
