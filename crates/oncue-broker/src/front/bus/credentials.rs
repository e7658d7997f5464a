//! Identifies callers on the bus, whose processes only the bus daemon knows.
//!
//! It is asked over a connection of its own, which is opened when the first caller comes. There, its answers do
//! not wait behind calls, and it can pass pidfds.

use std::time::Duration;

use rustix::process::{Pid, getuid};
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::fdo::ConnectionCredentials;
use zbus::names::OwnedUniqueName;
use zbus::{Address, Connection};

use crate::caller::Process;

const BUS: &str = "org.freedesktop.DBus";

/// How long the bus may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Identifies callers.
#[derive(Debug)]
pub(super) struct Credentials {
    address: Address,
    bus: Option<Connection>,
}

/// A caller cannot be identified.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unidentified {
    /// The bus does not say who it is, most likely because the caller has left.
    #[error("the bus does not identify {client}: {source}")]
    Unknown { client: OwnedUniqueName, source: zbus::Error },
    /// It does not answer in time.
    #[error("the bus does not say in time who {0} is")]
    Silent(OwnedUniqueName),
    /// It does not know the caller's process.
    #[error("the bus does not know the process of {0}")]
    NoProcess(OwnedUniqueName),
    /// It is another user.
    #[error("user {0} called a broker that is not theirs")]
    OtherUser(u32),
}

impl From<Address> for Credentials {
    fn from(address: Address) -> Self {
        Self { address, bus: None }
    }
}

impl Credentials {
    /// Returns the process of a client, as it was when it connected to the bus.
    pub(super) async fn process_of(&mut self, client: &OwnedUniqueName) -> Result<Process, Unidentified> {
        let told = timeout(PATIENCE, self.ask(client)).await;
        let told = told
            .map_err(|_| Unidentified::Silent(client.clone()))
            .and_then(|told| told.map_err(|source| Unidentified::Unknown { client: client.clone(), source }));
        let credentials = told.inspect_err(|_| self.bus = None)?;
        match credentials.unix_user_id() {
            Some(user) if user == getuid().as_raw() => {}
            Some(user) => return Err(Unidentified::OtherUser(user)),
            None => return Err(Unidentified::NoProcess(client.clone())),
        }
        let pid = credentials.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let pid = pid.ok_or_else(|| Unidentified::NoProcess(client.clone()))?;
        Ok(match credentials.into_process_fd() {
            Some(pidfd) => Process::held(pid, pidfd.into()),
            None => Process::hold(pid),
        })
    }

    async fn ask(&mut self, client: &OwnedUniqueName) -> zbus::Result<ConnectionCredentials> {
        let bus = match &self.bus {
            Some(bus) => bus,
            None => self.bus.insert(Builder::address(self.address.clone()).build().await?),
        };
        let path = "/org/freedesktop/DBus";
        let told = bus.call_method(Some(BUS), path, Some(BUS), "GetConnectionCredentials", client).await?;
        told.body().deserialize()
    }
}
