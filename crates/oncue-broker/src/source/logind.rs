//! logind: announces sleep and shutdown, delays them until the broker is ready, and knows why a session
//! ends. See org.freedesktop.login1(5), and "Inhibitor Locks" in systemd's documentation.

#[cfg(test)]
mod fake_logind;

use std::os::fd::OwnedFd;
use std::time::Duration;

use futures_util::StreamExt as _;
use oncue_core::{CancellationReason, Event};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zbus::{Connection, MatchRule, MessageStream, OwnedObjectPath, OwnedVariant, message};

use super::SystemBus;
use super::delay::Delay;
use crate::inbox::Inbox;

pub(super) const NAME: &str = "org.freedesktop.login1";
pub(super) const PATH: &str = "/org/freedesktop/login1";
pub(super) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(super) const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";

/// How much earlier than the system the broker ends the wait, to kill processes and record the result.
const MARGIN: Duration = Duration::from_millis(500);

/// How long a broker that ends waits to learn the reason.
const PATIENCE: Duration = Duration::from_millis(300);

/// Reports sleep and shutdown to the loop while there is a system bus.
pub(super) async fn observe(mut bus: SystemBus, inbox: mpsc::Sender<Inbox>) {
    loop {
        if let Some(bus) = bus.get().await {
            follow(&bus, &inbox).await;
        }
        bus.changed().await;
    }
}

/// Reports sleep and shutdown to the loop until the bus or the loop is gone.
async fn follow(bus: &Connection, inbox: &mpsc::Sender<Inbox>) {
    if let Err(error) = follow_on(bus, inbox).await {
        tracing::info!("cannot watch logind: {error}; sleep and shutdown are not announced");
    }
}

async fn follow_on(bus: &Connection, inbox: &mpsc::Sender<Inbox>) -> zbus::Result<()> {
    let mut signals = MessageStream::for_match_rule(signals_of_the_manager()?, bus, None).await?;
    let mut sleep = delay(bus, "sleep").await;
    let mut shutdown = delay(bus, "shutdown").await;
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        let header = signal.header();
        let Some(member) = header.member() else { continue };
        let begins = || signal.body().deserialize::<bool>();
        let news = match member.as_str() {
            "PrepareForSleep" if begins()? => {
                Inbox::Announced(Event::GoingToSleep, Delay::Sleep(sleep.take()))
            }
            "PrepareForSleep" => {
                sleep = delay(bus, "sleep").await;
                Inbox::Announced(Event::Woke { slept: Duration::ZERO }, Delay::Sleep(None))
            }
            "PrepareForShutdown" if begins()? => {
                let (reason, within) = (CancellationReason::Terminating, granted(bus).await);
                Inbox::Announced(Event::SessionEnding { reason, within }, Delay::Shutdown(shutdown.take()))
            }
            "PrepareForShutdown" => {
                shutdown = delay(bus, "shutdown").await;
                Inbox::Announced(Event::SessionGoesOn, Delay::Shutdown(None))
            }
            _ => continue,
        };
        if inbox.send(news).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// The rule for logind's broadcast signals: new and removed sessions, sleep and shutdown.
pub(super) fn signals_of_the_manager() -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(NAME);
    rule.path(PATH).interface(MANAGER).build()
}

/// Asks logind to wait for the broker. It waits while the descriptor is open, up to its limit.
async fn delay(bus: &Connection, what: &str) -> Option<OwnedFd> {
    let why = "cancelling background tasks and recording their runs";
    let asked = (what, "oncue", why, "delay");
    let taken = bus.call_method(Some(NAME), PATH, Some(MANAGER), "Inhibit", &asked).await;
    match taken.and_then(|reply| reply.body().deserialize::<zbus::OwnedFd>()) {
        Ok(descriptor) => Some(descriptor.into()),
        Err(error) => {
            tracing::info!("delaying {what}: {error}; {what} will not wait for the broker");
            None
        }
    }
}

/// How long a shutdown waits.
async fn granted(bus: &Connection) -> Option<Duration> {
    let micros: u64 = property(bus, PATH, MANAGER, "InhibitDelayMaxUSec").await.ok()?;
    Some(Duration::from_micros(micros).saturating_sub(MARGIN))
}

/// Returns why the broker is to end: the user logs off, or the system or only the broker ends.
pub(crate) async fn why_ending(bus: &mut SystemBus) -> CancellationReason {
    let ask = async {
        match bus.get().await {
            Some(bus) => is_logging_off(&bus).await,
            None => Ok(false),
        }
    };
    match timeout(PATIENCE, ask).await {
        Ok(Ok(true)) => CancellationReason::LoggingOff,
        Ok(Ok(false) | Err(_)) | Err(_) => CancellationReason::Terminating,
    }
}

/// Returns whether the session of this process, or the user's last session, has ended for a reason other
/// than a shutdown.
async fn is_logging_off(bus: &Connection) -> zbus::Result<bool> {
    let process = rustix::process::getpid().as_raw_nonzero().get().cast_unsigned();
    let user = rustix::process::getuid().as_raw();
    let closes = is_closing(bus, "GetSessionByPID", process, SESSION).await
        || is_closing(bus, "GetUser", user, USER).await;
    Ok(closes && !property::<bool>(bus, PATH, MANAGER, "PreparingForShutdown").await?)
}

/// Returns whether the session or user that a method finds is closing; false if it is unknown.
async fn is_closing(bus: &Connection, find: &str, key: u32, interface: &str) -> bool {
    let state = async {
        let found = bus.call_method(Some(NAME), PATH, Some(MANAGER), find, &key).await?;
        let path: OwnedObjectPath = found.body().deserialize()?;
        property::<String>(bus, path.as_str(), interface, "State").await
    };
    state.await.is_ok_and(|state| state == "closing")
}

async fn property<T>(bus: &Connection, path: &str, interface: &str, name: &str) -> zbus::Result<T>
where
    T: TryFrom<OwnedVariant, Error: Into<zbus::Error>>,
{
    let asked = (interface, name);
    let get = bus.call_method(Some(NAME), path, Some("org.freedesktop.DBus.Properties"), "Get", &asked);
    let value: OwnedVariant = get.await?.body().deserialize()?;
    T::try_from(value).map_err(Into::into)
}
