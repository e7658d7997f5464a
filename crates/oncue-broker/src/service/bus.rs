//! The session bus, as far as the service and its status need it.

use std::time::Duration;

use oncue_wire::names::BROKER_INTERFACE;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::{Address, Connection, message};

const BUS: &str = "org.freedesktop.DBus";

/// How long the bus may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The state of the broker's name on the session bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NameOnBus {
    /// There is no session bus.
    #[default]
    NoBus,
    /// No program has it.
    Free {
        /// Whether the bus starts the broker when the name is called.
        activatable: bool,
    },
    /// A program has it.
    Owned {
        /// The program's process, if the bus knows it.
        pid: Option<u32>,
    },
}

/// The session bus.
#[derive(Debug)]
pub(super) struct Bus(Option<Address>);

impl Bus {
    pub(super) fn here() -> Self {
        Self(Address::session().ok())
    }

    /// No bus, for tests.
    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self(None)
    }

    /// Makes the bus read its service files again. A bus that cannot be reached reads them when it starts.
    pub(super) fn reload(&self) {
        let reloaded = self.with(async |bus| call(bus, "ReloadConfig", &()).await.map(drop));
        if let Err(error) = reloaded {
            tracing::debug!("asking the session bus to read its service files again: {error}");
        }
    }

    fn with<T>(&self, ask: impl AsyncFnOnce(&Connection) -> zbus::Result<T>) -> zbus::Result<T> {
        let address = self.0.clone().ok_or(zbus::Error::Unsupported)?;
        let asked = async { ask(&Builder::address(address).build().await?).await };
        let silent = || zbus::Error::from(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer"));
        let answered = super::portal::block_on(async { timeout(PATIENCE, asked).await })?;
        answered.unwrap_or_else(|_| Err(silent()))
    }
}

/// Asks the session bus about the broker's name, without starting a broker.
#[must_use]
pub fn name_on_bus() -> NameOnBus {
    Bus::here().with(async |bus| Ok(look(bus).await?)).unwrap_or_default()
}

async fn look(bus: &Connection) -> zbus::Result<NameOnBus> {
    let has_owner: bool = call(bus, "NameHasOwner", &BROKER_INTERFACE).await?.body().deserialize()?;
    if has_owner {
        let pid = call(bus, "GetConnectionUnixProcessID", &BROKER_INTERFACE).await;
        return Ok(NameOnBus::Owned { pid: pid.and_then(|pid| pid.body().deserialize()).ok() });
    }
    let names: Vec<String> = call(bus, "ListActivatableNames", &()).await?.body().deserialize()?;
    Ok(NameOnBus::Free { activatable: names.iter().any(|name| name == BROKER_INTERFACE) })
}

async fn call<B: serde::Serialize + zbus::DynamicType>(
    bus: &Connection,
    method: &str,
    body: &B,
) -> zbus::Result<message::Message> {
    bus.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), method, body).await
}
