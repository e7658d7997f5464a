//! logind: sleep and shutdown, announced, and delayed until the broker is done; and why a session
//! ends. See org.freedesktop.login1(5), "Inhibitor Locks" in systemd's documentation.

#[cfg(test)]
mod fake_logind;

use std::os::fd::OwnedFd;
use std::time::Duration;

use futures_util::StreamExt as _;
use oncue_core::CancellationReason;
use tokio::sync::mpsc;
use tokio::time::timeout;
use zbus::{Connection, MatchRule, MessageStream, OwnedObjectPath, OwnedVariant, message};

use crate::event_loop::Inbox;

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const USER: &str = "org.freedesktop.login1.User";

/// How much earlier than the system the broker ends the wait, to kill, record and say so.
const MARGIN: Duration = Duration::from_millis(500);

/// How long the end of the broker waits to learn why it is to end.
const PATIENCE: Duration = Duration::from_millis(300);

/// Tells the loop of sleep and shutdown until the bus or the loop is gone.
pub(super) async fn follow(bus: &Connection, inbox: &mpsc::Sender<Inbox>) {
    if let Err(error) = follow_on(bus, inbox).await {
        tracing::info!("logind cannot be followed: {error}; sleep and shutdown come unannounced");
    }
}

async fn follow_on(bus: &Connection, inbox: &mpsc::Sender<Inbox>) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(NAME)
        .path(PATH)
        .interface(MANAGER)
        .build()?;
    let mut signals = MessageStream::for_match_rule(rule, bus, None).await?;
    let mut sleep = delay(bus, "sleep").await;
    let mut shutdown = delay(bus, "shutdown").await;
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        let header = signal.header();
        let Some(member) = header.member() else { continue };
        let begins = || signal.body().deserialize::<bool>();
        let news = match member.as_str() {
            "PrepareForSleep" if begins()? => Inbox::GoingToSleep(sleep.take()),
            "PrepareForSleep" => {
                sleep = delay(bus, "sleep").await;
                Inbox::Woke
            }
            "PrepareForShutdown" if begins()? => {
                Inbox::ShuttingDown { delay: shutdown.take(), within: granted(bus).await }
            }
            "PrepareForShutdown" => {
                shutdown = delay(bus, "shutdown").await;
                Inbox::ShutdownCalledOff
            }
            _ => continue,
        };
        if inbox.send(news).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Asks logind to wait for the broker; it waits while the descriptor is open, up to its limit.
async fn delay(bus: &Connection, what: &str) -> Option<OwnedFd> {
    let why = "runs of background tasks are told, and what happened is written down";
    let asked = (what, "oncue", why, "delay");
    let taken = bus.call_method(Some(NAME), PATH, Some(MANAGER), "Inhibit", &asked).await;
    match taken.and_then(|reply| reply.body().deserialize::<zbus::OwnedFd>()) {
        Ok(descriptor) => Some(descriptor.into()),
        Err(error) => {
            tracing::info!("delaying {what}: {error}; it will not wait for the broker");
            None
        }
    }
}

/// How long a shutdown waits.
async fn granted(bus: &Connection) -> Option<Duration> {
    let micros: u64 = property(bus, PATH, MANAGER, "InhibitDelayMaxUSec").await.ok()?;
    Some(Duration::from_micros(micros).saturating_sub(MARGIN))
}

/// Says why the broker is to end now: the user logs off, or the system or the broker alone ends.
pub(crate) async fn why_ending() -> CancellationReason {
    let ask = async { is_logging_off(&Connection::system().await?).await };
    match timeout(PATIENCE, ask).await {
        Ok(Ok(true)) => CancellationReason::LoggingOff,
        Ok(Ok(false) | Err(_)) | Err(_) => CancellationReason::Terminating,
    }
}

/// Returns whether the user's last session has ended, and not because the system shuts down.
async fn is_logging_off(bus: &Connection) -> zbus::Result<bool> {
    let user = rustix::process::getuid().as_raw();
    let found = bus.call_method(Some(NAME), PATH, Some(MANAGER), "GetUser", &user).await?;
    let path: OwnedObjectPath = found.body().deserialize()?;
    let state: String = property(bus, path.as_str(), USER, "State").await?;
    Ok(state == "closing" && !property::<bool>(bus, PATH, MANAGER, "PreparingForShutdown").await?)
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
