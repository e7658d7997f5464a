//! A service of the system bus, followed while it comes, goes and changes its mind.
//!
//! A signal only says that it is time to look again: the account is always what the service's
//! present owner says now. No service is ever started by asking.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{StreamExt, future::Fuse, future::FusedFuture, future::FutureExt, stream};
use tokio::sync::watch;
use tokio::time::timeout;
#[cfg(test)]
use zbus::connection::Builder;
use zbus::names::OwnedUniqueName;
use zbus::{Connection, MatchRule, MessageStream, OwnedVariant, message};

use super::SystemBus;

/// How a fact begins to say that it is unknown for want of the system bus.
pub const NO_SYSTEM_BUS: &str = "the system bus is not available";

const BUS: &str = "org.freedesktop.DBus";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How long a service may take to answer before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// A service: its name, what makes its state outdated, and how to ask for the new state.
pub(super) trait Service {
    /// The state that it reports.
    type Told;

    /// Its name on the bus.
    fn name(&self) -> &'static str;

    /// The signals after which it must be asked again.
    fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>>;

    /// Asks it for all it has to tell.
    async fn ask(&self, owner: &Owner<'_>) -> zbus::Result<Self::Told>;
}

/// The answer of a service.
#[derive(Debug)]
pub(super) enum Account<T> {
    /// It has not answered yet.
    Awaited,
    /// There is no system bus, or it does not answer.
    NoBus,
    /// It is not running.
    Absent,
    /// It is running, but its answers are unusable.
    Silent(Silence),
    /// It answered this.
    Told(T),
}

/// Why a service gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    #[error("it cannot be queried: {0}")]
    Refused(#[from] zbus::Error),
    #[error("it cannot be queried: no answer within {} s", PATIENCE.as_secs())]
    TimedOut,
}

impl<T> Account<T> {
    /// Returns the state, if there is one.
    pub(super) fn told(&self) -> Option<&T> {
        match self {
            Self::Told(told) => Some(told),
            Self::Awaited | Self::NoBus | Self::Absent | Self::Silent(_) => None,
        }
    }

    /// Whether it has been asked and has nothing to tell.
    pub(super) fn is_missing(&self) -> bool {
        !matches!(self, Self::Awaited | Self::Told(_))
    }

    /// Why `what` is unknown, if only `service` knows it.
    pub(super) fn why_unknown(&self, service: &str, what: &str) -> String {
        match self {
            Self::Awaited | Self::Told(_) => format!("{service} does not report {what}"),
            Self::NoBus => format!("{NO_SYSTEM_BUS}, and only {service} reports {what}"),
            Self::Absent => format!("{service} is not running, and only it reports {what}"),
            Self::Silent(silence) => format!("{service} does not report {what}: {silence}"),
        }
    }
}

/// Who owns a service's name at the moment.
pub(super) struct Owner<'b> {
    bus: &'b Connection,
    /// The unique name, unlike the well-known one, makes the bus start nothing.
    name: OwnedUniqueName,
}

impl Owner<'_> {
    /// Calls a method.
    pub(super) async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> zbus::Result<message::Message>
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        self.bus.call_method(Some(&self.name), path, Some(interface), method, body).await
    }

    /// Gets a property.
    pub(super) async fn property<T>(&self, path: &str, interface: &str, name: &str) -> zbus::Result<T>
    where
        T: TryFrom<OwnedVariant>,
        T::Error: Into<zbus::Error>,
    {
        let reply = self.call(path, PROPERTIES, "Get", &(interface, name)).await?;
        let value: OwnedVariant = reply.body().deserialize()?;
        T::try_from(value).map_err(Into::into)
    }

    /// Gets all properties.
    pub(super) async fn properties(&self, path: &str, interface: &str) -> zbus::Result<Properties> {
        let reply = self.call(path, PROPERTIES, "GetAll", &interface).await?;
        Ok(Properties(reply.body().deserialize()?))
    }
}

/// The properties of one interface.
pub(super) struct Properties(HashMap<String, OwnedVariant>);

impl Properties {
    /// Takes one; nothing if it is not there or is something else.
    pub(super) fn take<T: TryFrom<OwnedVariant>>(&mut self, name: &str) -> Option<T> {
        T::try_from(self.0.remove(name)?).ok()
    }
}

/// The rule for the changes of properties: of one object, or of all below a path.
pub(super) fn changes(
    service: &'static str,
    interface: &'static str,
    at: At,
) -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(service)
        .interface(PROPERTIES)
        .member("PropertiesChanged")
        .add_arg(interface);
    match at {
        At::Path(path) => rule.path(path),
        At::Below(path) => rule.path_namespace(path),
    }
    .build()
}

/// Whose signals a rule is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    /// One object's.
    Path(&'static str),
    /// Those of all objects below.
    Below(&'static str),
}

/// Keeps `account` up to date, on each connection to the bus.
pub(super) async fn follow<S: Service>(
    mut system_bus: SystemBus,
    service: &S,
    account: &watch::Sender<Account<S::Told>>,
) {
    loop {
        if let Some(bus) = system_bus.get().await
            && let Err(silence) = follow_on(&bus, service, account).await
        {
            tracing::warn!(error = %silence, service = service.name(), "cannot watch a service");
        }
        account.send_replace(Account::NoBus);
        system_bus.changed().await;
    }
}

async fn follow_on<S: Service>(
    bus: &Connection,
    service: &S,
    account: &watch::Sender<Account<S::Told>>,
) -> Result<(), Silence> {
    let mut signals = timeout(PATIENCE, subscribe(bus, service)).await.unwrap_or(Err(Silence::TimedOut))?;

    let asking = Fuse::terminated();
    tokio::pin!(asking);
    let mut outdated = true;
    loop {
        // An answer under way is awaited rather than dropped: its call may be half written.
        if outdated && asking.is_terminated() {
            asking.set(ask(bus, service, account).fuse());
            outdated = false;
        }
        // The signals are read in the meantime, too: unread ones would hold up the answer behind them.
        tokio::select! {
            () = &mut asking, if !asking.is_terminated() => {}
            signal = signals.next() => match signal {
                Some(_) => outdated = true,
                None => return Ok(()),
            },
        }
    }
}

async fn subscribe<S: Service>(
    bus: &Connection,
    service: &S,
) -> Result<impl StreamExt<Item = zbus::Result<message::Message>> + Unpin, Silence> {
    let owner_changes = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender(BUS)
        .interface(BUS)
        .member("NameOwnerChanged")
        .add_arg(service.name())
        .build()?;
    let mut streams = stream::SelectAll::new();
    for rule in std::iter::once(owner_changes).chain(service.signals()?) {
        streams.push(MessageStream::for_match_rule(rule, bus, None).await?);
    }
    Ok(streams)
}

/// Brings `account` up to date. A late answer counts too, after a time of silence.
async fn ask<S: Service>(bus: &Connection, service: &S, account: &watch::Sender<Account<S::Told>>) {
    let answer = ask_owner(bus, service);
    tokio::pin!(answer);
    let answer = match timeout(PATIENCE, &mut answer).await {
        Ok(answer) => answer,
        Err(_) => {
            account.send_replace(Account::Silent(Silence::TimedOut));
            answer.await
        }
    };
    account.send_replace(answer.unwrap_or_else(|error| Account::Silent(error.into())));
}

async fn ask_owner<S: Service>(bus: &Connection, service: &S) -> zbus::Result<Account<S::Told>> {
    let asked = (Some(BUS), "/org/freedesktop/DBus", Some(BUS), "GetNameOwner");
    let found = bus.call_method(asked.0, asked.1, asked.2, asked.3, &service.name()).await;
    let name: OwnedUniqueName = match found {
        Ok(reply) => reply.body().deserialize()?,
        Err(error) if is_no_owner(&error) => return Ok(Account::Absent),
        Err(error) => return Err(error),
    };
    service.ask(&Owner { bus, name }).await.map(Account::Told)
}

/// Returns both ends of a connection without a bus: the test's own, and the one that is tested.
#[cfg(test)]
pub(crate) async fn connected() -> (Connection, Connection) {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let ours = Builder::unix_stream(ours).server(zbus::Guid::generate()).p2p().build();
    let theirs = Builder::unix_stream(theirs).p2p().build();
    tokio::try_join!(ours, theirs).unwrap()
}

fn is_no_owner(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::FDO(fdo) if matches!(**fdo, zbus::fdo::Error::NameHasNoOwner(_)))
}
