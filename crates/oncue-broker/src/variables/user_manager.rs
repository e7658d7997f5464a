//! The systemd user manager: for the environment that it gives to its services, and for oncue's own units.

mod private;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zbus::connection::Builder;
use zbus::{Connection, DynamicType, Message, OwnedVariant, Type};

use self::private::Private;
use super::Variables;
use super::login::Login;

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const INTERFACE: &str = "org.freedesktop.systemd1.Manager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How the manager is reached.
#[derive(Clone, Debug)]
pub(crate) struct UserManager {
    /// Its own socket, which needs no bus.
    socket: PathBuf,
    /// The session bus, if there is one.
    bus: Option<String>,
    /// The connection, which stays open as long as it works.
    link: Arc<Mutex<Option<Link>>>,
}

/// A connection to the manager.
#[derive(Debug)]
enum Link {
    /// At its own socket.
    Private(Private),
    /// On the session bus.
    Bus(Connection),
}

impl UserManager {
    /// The manager of the session that a login would join.
    pub(super) fn of(login: &Login) -> Self {
        let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
        Self::at(login.runtime().join("systemd/private"), bus.or_else(|| login.bus()))
    }

    /// The manager of the user of this process.
    pub(crate) fn of_this_process() -> Self {
        Self::of(&Login::of_this_process())
    }

    pub(crate) fn at(socket: PathBuf, bus: Option<String>) -> Self {
        Self { socket, bus, link: Arc::default() }
    }

    /// Calls a method of the manager over a connection of its own.
    pub(crate) async fn call<B, T>(&self, method: &'static str, body: &B) -> zbus::Result<T>
    where
        B: Serialize + DynamicType,
        T: DeserializeOwned + Type,
    {
        let link = self.connect().await?;
        let mut link = link.ok_or_else(|| zbus::Error::Failure("it is not running".into()))?;
        link.call(INTERFACE, method, body).await
    }

    /// Returns the variables, or `None` if no user manager answers.
    pub(super) async fn environment(&self) -> Option<Variables> {
        let told = self.told().await;
        let told = told.inspect_err(|error| tracing::debug!("asking the user manager: {error}")).ok()??;
        let pairs = told.iter().filter_map(|entry| entry.split_once('='));
        Some(pairs.map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Asks over the connection that is open, or over a new one. While it is asked, the connection belongs to
    /// this call: one whose answer is no longer awaited is closed.
    async fn told(&self) -> zbus::Result<Option<Vec<String>>> {
        let known = self.link().take();
        if let Some(mut link) = known
            && let Ok(told) = link.ask().await
        {
            *self.link() = Some(link);
            return Ok(Some(told));
        }
        let Some(mut link) = self.connect().await? else { return Ok(None) };
        let told = link.ask().await?;
        *self.link() = Some(link);
        Ok(Some(told))
    }

    async fn connect(&self) -> zbus::Result<Option<Link>> {
        match Private::connect(&self.socket).await {
            Ok(private) => return Ok(Some(Link::Private(private))),
            Err(error) => tracing::debug!("connecting to the user manager's own socket: {error}"),
        }
        let Some(address) = &self.bus else { return Ok(None) };
        let connection = Builder::address(address.as_str()).build().await?;
        Ok(Some(Link::Bus(connection)))
    }

    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    async fn ask(&mut self) -> zbus::Result<Vec<String>> {
        let value: OwnedVariant = self.call(PROPERTIES, "Get", &(INTERFACE, "Environment")).await?;
        value.try_into()
    }

    async fn call<B, T>(&mut self, interface: &'static str, method: &'static str, body: &B) -> zbus::Result<T>
    where
        B: Serialize + DynamicType,
        T: DeserializeOwned + Type,
    {
        match self {
            Self::Private(private) => {
                let call = Message::method_call(PATH, method).interface(interface).build(body)?;
                Ok(private.ask(&call).await?)
            }
            Self::Bus(connection) => {
                let reply = connection.call_method(Some(NAME), PATH, Some(interface), method, body).await?;
                reply.body().deserialize()
            }
        }
    }
}
