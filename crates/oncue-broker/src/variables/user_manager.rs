//! Asks the systemd user manager for the environment that it gives to its services.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio::sync::Mutex;
use zbus::connection::Builder;
use zbus::{Connection, OwnedVariant};

use super::Variables;
use super::login::Login;

const NAME: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const INTERFACE: &str = "org.freedesktop.systemd1.Manager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How the manager is reached.
#[derive(Clone, Debug)]
pub(super) struct UserManager {
    /// Its own socket, where no bus is needed.
    socket: PathBuf,
    /// The session bus, if there is one, and the connection to it while that holds.
    bus: Option<String>,
    connection: Arc<Mutex<Option<Connection>>>,
}

impl UserManager {
    /// The manager of the session that a login would join.
    pub(super) fn of(login: &Login) -> Self {
        let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
        Self::at(login.runtime().join("systemd/private"), bus.or_else(|| login.bus()))
    }

    pub(super) fn at(socket: PathBuf, bus: Option<String>) -> Self {
        Self { socket, bus, connection: Arc::default() }
    }

    /// Returns the variables, or nothing where no user manager answers.
    pub(super) async fn environment(&self) -> Option<Variables> {
        let told = match UnixStream::connect(&self.socket).await {
            Ok(stream) => self.privately(stream).await,
            Err(_) => self.over_bus().await,
        };
        let told = told.inspect_err(|error| tracing::debug!("asking the user manager: {error}")).ok()??;
        let pairs = told.iter().filter_map(|entry| entry.split_once('='));
        Some(pairs.map(|(name, value)| (name.into(), value.into())).collect())
    }

    async fn privately(&self, stream: UnixStream) -> zbus::Result<Option<Vec<String>>> {
        let manager = Builder::unix_stream(stream.into_std()?).p2p().build().await?;
        ask(&manager, None).await.map(Some)
    }

    async fn over_bus(&self) -> zbus::Result<Option<Vec<String>>> {
        let Some(address) = &self.bus else { return Ok(None) };
        let mut known = self.connection.lock().await;
        let bus = match known.take() {
            Some(bus) => bus,
            None => Builder::address(address.as_str()).build().await?,
        };
        let told = ask(&bus, Some(NAME)).await;
        // A manager may appear on this bus later; a bus that is gone is connected to again.
        if matches!(told, Ok(_) | Err(zbus::Error::MethodError(..))) {
            *known = Some(bus);
        }
        told.map(Some)
    }
}

async fn ask(connection: &Connection, name: Option<&str>) -> zbus::Result<Vec<String>> {
    let asked = (INTERFACE, "Environment");
    let reply = connection.call_method(name, PATH, Some(PROPERTIES), "Get", &asked).await?;
    let value: OwnedVariant = reply.body().deserialize()?;
    value.try_into()
}
