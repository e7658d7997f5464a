//! Asks the systemd user manager for the environment that it gives to its services.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::UnixStream;
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
    /// Its own socket, which needs no bus.
    socket: PathBuf,
    /// The session bus, if there is one.
    bus: Option<String>,
    /// The connection, which stays open as long as it works.
    link: Arc<Mutex<Option<Link>>>,
}

/// A connection, and the manager's name on it: none at its own socket, or its name on a bus.
#[derive(Clone, Debug)]
struct Link {
    connection: Connection,
    name: Option<&'static str>,
}

impl UserManager {
    /// The manager of the session that a login would join.
    pub(super) fn of(login: &Login) -> Self {
        let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
        Self::at(login.runtime().join("systemd/private"), bus.or_else(|| login.bus()))
    }

    pub(super) fn at(socket: PathBuf, bus: Option<String>) -> Self {
        Self { socket, bus, link: Arc::default() }
    }

    /// Returns the variables, or `None` if no user manager answers.
    pub(super) async fn environment(&self) -> Option<Variables> {
        let told = self.told().await;
        let told = told.inspect_err(|error| tracing::debug!("asking the user manager: {error}")).ok()??;
        let pairs = told.iter().filter_map(|entry| entry.split_once('='));
        Some(pairs.map(|(name, value)| (name.into(), value.into())).collect())
    }

    async fn told(&self) -> zbus::Result<Option<Vec<String>>> {
        let known = self.link().clone();
        if let Some(link) = known {
            match link.ask().await {
                Err(error) if is_broken(&error) => self.link().take(),
                told => return told.map(Some),
            };
        }
        let Some(link) = self.connect().await? else { return Ok(None) };
        let told = link.ask().await;
        // On a bus without a manager, a connection would be kept for nothing.
        if told.is_ok() {
            *self.link() = Some(link);
        }
        told.map(Some)
    }

    async fn connect(&self) -> zbus::Result<Option<Link>> {
        if let Ok(stream) = UnixStream::connect(&self.socket).await {
            let connection = Builder::unix_stream(stream.into_std()?).p2p().build().await?;
            return Ok(Some(Link { connection, name: None }));
        }
        let Some(address) = &self.bus else { return Ok(None) };
        let connection = Builder::address(address.as_str()).build().await?;
        Ok(Some(Link { connection, name: Some(NAME) }))
    }

    fn link(&self) -> MutexGuard<'_, Option<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    async fn ask(&self) -> zbus::Result<Vec<String>> {
        let asked = (INTERFACE, "Environment");
        let reply = self.connection.call_method(self.name, PATH, Some(PROPERTIES), "Get", &asked).await?;
        let value: OwnedVariant = reply.body().deserialize()?;
        value.try_into()
    }
}

/// Returns whether the connection is to blame, and not the manager.
fn is_broken(error: &zbus::Error) -> bool {
    !matches!(error, zbus::Error::MethodError(..))
}
