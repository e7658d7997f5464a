//! What NetworkManager tells about the internet, followed while it comes, goes and changes its
//! mind.
//!
//! A signal only says that it is time to look again: the answer is always what its present owner
//! says now. NetworkManager is never started by asking.

#[cfg(test)]
mod fake_bus;

use std::time::Duration;

use futures_util::{StreamExt, future::Fuse, future::FusedFuture, future::FutureExt, stream};
use tokio::sync::watch;
use tokio::time::timeout;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, MessageStream, OwnedVariant, message};

const BUS: &str = "org.freedesktop.DBus";
const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// How long NetworkManager may take to answer before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// NetworkManager's account of the internet.
#[derive(Debug)]
pub(super) enum NetworkManager {
    /// It has not been asked to the end yet.
    Awaited,
    /// There is no system bus, or it is gone or gives no answer.
    NoBus,
    /// It does not run.
    Absent,
    /// It runs, and gives no answer of use.
    Silent(Silence),
    /// Its properties `Connectivity` (`NMConnectivityState`) and `Metered` (`NMMetered`), see
    /// "D-Bus API Types" in NetworkManager's reference manual.
    Told { connectivity: u32, metered: u32 },
}

/// Why NetworkManager gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    #[error("NetworkManager cannot be asked: {0}")]
    Refused(#[from] zbus::Error),
    #[error("NetworkManager cannot be asked: no answer within {} s", PATIENCE.as_secs())]
    TimedOut,
}

impl NetworkManager {
    /// Whether the internet is within reach, if NetworkManager knows.
    pub(super) fn internet(&self) -> Option<bool> {
        match self {
            Self::Told { connectivity, .. } => internet(*connectivity),
            _ => None,
        }
    }

    /// Whether the connection is free, if NetworkManager knows.
    pub(super) fn free(&self) -> Option<bool> {
        match self {
            Self::Told { metered, .. } => free(*metered),
            _ => None,
        }
    }

    /// Whether it has been asked and does not know about the internet.
    pub(super) fn leaves_it_to_the_routes(&self) -> bool {
        !matches!(self, Self::Awaited) && self.internet().is_none()
    }

    /// Why nobody knows whether the connection is free: only NetworkManager could.
    pub(super) fn why_free_is_unknown(&self) -> String {
        match self {
            Self::Awaited | Self::Told { .. } => {
                "NetworkManager does not know whether the connection is metered".into()
            }
            Self::NoBus => {
                "the system bus is out of reach: only NetworkManager tells whether a connection is metered"
                    .into()
            }
            Self::Absent => {
                "NetworkManager does not run: only it tells whether a connection is metered".into()
            }
            Self::Silent(silence) => silence.to_string(),
        }
    }
}

/// `NMConnectivityState`: full is the internet; a portal, limited or no connectivity is not.
fn internet(connectivity: u32) -> Option<bool> {
    match connectivity {
        4 => Some(true),
        1..=3 => Some(false),
        _ => None,
    }
}

/// `NMMetered`: a guess counts as much as knowledge.
fn free(metered: u32) -> Option<bool> {
    match metered {
        2 | 4 => Some(true),
        1 | 3 => Some(false),
        _ => None,
    }
}

/// Keeps `account` up to date until the bus is gone.
pub(super) async fn follow(system_bus: Option<Connection>, account: &watch::Sender<NetworkManager>) {
    if let Some(bus) = system_bus
        && let Err(silence) = follow_on(&bus, account).await
    {
        tracing::warn!(error = %silence, "NetworkManager cannot be followed");
    }
    account.send_replace(NetworkManager::NoBus);
}

async fn follow_on(bus: &Connection, account: &watch::Sender<NetworkManager>) -> Result<(), Silence> {
    let subscribed = async { Ok((owner_changes(bus).await?, property_changes(bus).await?)) };
    let (owner_changes, property_changes) =
        timeout(PATIENCE, subscribed).await.unwrap_or(Err(Silence::TimedOut))?;
    let mut signals = stream::select(owner_changes, property_changes);

    let asking = Fuse::terminated();
    tokio::pin!(asking);
    let mut outdated = true;
    loop {
        // An answer under way is awaited rather than dropped: its call may be half written.
        if outdated && asking.is_terminated() {
            asking.set(ask(bus, account).fuse());
            outdated = false;
        }
        // The signals are read meanwhile too: unread ones would hold up the answer behind them.
        tokio::select! {
            () = &mut asking, if !asking.is_terminated() => {}
            signal = signals.next() => match signal {
                Some(_) => outdated = true,
                None => return Ok(()),
            },
        }
    }
}

async fn owner_changes(bus: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(BUS)
        .interface(BUS)
        .member("NameOwnerChanged")
        .add_arg(NAME)
        .build()?;
    MessageStream::for_match_rule(rule, bus, None).await
}

async fn property_changes(bus: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(NAME)
        .path(PATH)
        .interface("org.freedesktop.DBus.Properties")
        .member("PropertiesChanged")
        .add_arg(NAME)
        .build()?;
    MessageStream::for_match_rule(rule, bus, None).await
}

/// Brings `account` up to date. A late answer counts too, after a time of silence.
async fn ask(bus: &Connection, account: &watch::Sender<NetworkManager>) {
    let answer = ask_owner(bus);
    tokio::pin!(answer);
    let answer = match timeout(PATIENCE, &mut answer).await {
        Ok(answer) => answer,
        Err(_) => {
            account.send_replace(NetworkManager::Silent(Silence::TimedOut));
            answer.await
        }
    };
    account.send_replace(answer.unwrap_or_else(|error| NetworkManager::Silent(error.into())));
}

async fn ask_owner(bus: &Connection) -> zbus::Result<NetworkManager> {
    let found = bus.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "GetNameOwner", &NAME).await;
    // The owner's unique name, unlike the well-known one, makes the bus start nothing.
    let owner: OwnedUniqueName = match found {
        Ok(reply) => reply.body().deserialize()?,
        Err(error) if is_no_owner(&error) => return Ok(NetworkManager::Absent),
        Err(error) => return Err(error),
    };
    Ok(NetworkManager::Told {
        connectivity: property(bus, &owner, "Connectivity").await?,
        // Absent before NetworkManager 1.2, and then as unknown as its 0.
        metered: property(bus, &owner, "Metered").await.unwrap_or(0),
    })
}

async fn property(bus: &Connection, owner: &OwnedUniqueName, name: &str) -> zbus::Result<u32> {
    let reply = bus
        .call_method(Some(owner), PATH, Some("org.freedesktop.DBus.Properties"), "Get", &(NAME, name))
        .await?;
    let value: OwnedVariant = reply.body().deserialize()?;
    u32::try_from(value)
}

fn is_no_owner(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::FDO(fdo) if matches!(**fdo, zbus::fdo::Error::NameHasNoOwner(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_connectivity_is_the_internet() {
        let [unknown, none, portal, limited, full] = [0, 1, 2, 3, 4].map(internet);
        assert_eq!(unknown, None);
        assert_eq!([none, portal, limited], [Some(false); 3]);
        assert_eq!(full, Some(true));
        assert_eq!(internet(5), None, "a state of a later NetworkManager");
    }

    #[test]
    fn a_guess_about_metering_counts() {
        let [unknown, yes, no, guess_yes, guess_no] = [0, 1, 2, 3, 4].map(free);
        assert_eq!(unknown, None);
        assert_eq!([yes, guess_yes], [Some(false); 2]);
        assert_eq!([no, guess_no], [Some(true); 2]);
    }

    #[test]
    fn routes_are_asked_only_where_network_manager_does_not_know() {
        let told = |connectivity| NetworkManager::Told { connectivity, metered: 2 };
        assert!(told(0).leaves_it_to_the_routes());
        assert!(!told(1).leaves_it_to_the_routes());
        assert!(NetworkManager::Silent(Silence::TimedOut).leaves_it_to_the_routes());
        assert!(!NetworkManager::Awaited.leaves_it_to_the_routes());
    }
}
