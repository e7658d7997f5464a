//! The connection to the system bus, which all sources share. It is established when there is a bus, and
//! again when the bus starts later or restarts.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use zbus::Connection;
use zbus::connection::Builder;

use crate::arrival::Arrival;

/// The default address of the bus.
const ADDRESS: &str = "unix:path=/run/dbus/system_bus_socket";

/// How long a connection must have lasted to be re-established at once.
const STEADY: Duration = Duration::from_secs(60);

/// The current connection, and which state this handle has seen.
#[derive(Clone, Debug)]
pub(crate) struct SystemBus(watch::Receiver<State>);

#[derive(Debug)]
enum State {
    /// The first attempt has not ended.
    Awaited,
    /// There is no bus, or it is gone.
    Absent,
    /// The bus is connected.
    Here(Connection),
}

impl SystemBus {
    /// Starts to connect to the bus.
    pub(crate) fn keep() -> Self {
        let address = std::env::var("DBUS_SYSTEM_BUS_ADDRESS").ok().filter(|address| !address.is_empty());
        Self::keep_at(address.unwrap_or_else(|| ADDRESS.to_owned()))
    }

    fn keep_at(address: String) -> Self {
        let (sender, state) = watch::channel(State::Awaited);
        tokio::spawn(keep(address, sender));
        Self(state)
    }

    /// A connection that never changes.
    #[cfg(test)]
    pub(super) fn fixed(connection: Option<Connection>) -> Self {
        Self(watch::channel(connection.map_or(State::Absent, State::Here)).1)
    }

    /// Returns the connection, or `None` while there is no bus.
    pub(crate) async fn get(&mut self) -> Option<Connection> {
        let state = self.0.wait_for(|state| !matches!(state, State::Awaited)).await.ok()?;
        match &*state {
            State::Here(connection) => Some(connection.clone()),
            State::Awaited | State::Absent => None,
        }
    }

    /// Waits until the connection differs from the one that `get` returned last, or is gone.
    pub(super) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

async fn keep(address: String, state: watch::Sender<State>) {
    let mut arrival = Arrival::of(&address);
    loop {
        // Before the attempt, so that a bus that starts in the meantime is noticed.
        arrival.watch();
        match connect(&address).await {
            Ok(bus) => {
                tracing::debug!("connected to the system bus");
                let since = Instant::now();
                state.send_replace(State::Here(bus.clone()));
                bus.closed().await;
                state.send_replace(State::Absent);
                tracing::info!("the system bus is gone; using what the kernel reports until it is back");
                // A bus that ends each connection at once is not retried without a pause.
                if since.elapsed() > STEADY {
                    arrival.begin_again();
                }
                arrival.next().await;
            }
            Err(error) => {
                let is_first = state.send_if_modified(|state| {
                    let first = matches!(state, State::Awaited);
                    *state = State::Absent;
                    first
                });
                if is_first {
                    tracing::info!("no system bus: {error}; using what the kernel reports until it comes");
                }
                arrival.next().await;
            }
        }
    }
}

async fn connect(address: &str) -> zbus::Result<Connection> {
    Builder::address(address).build().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::service::{Account, Owner, Service, follow};
    use crate::source::watches::small_bus::SmallBus;
    use zbus::MatchRule;

    /// A service that does not exist.
    struct Nobody;

    impl Service for Nobody {
        type Told = ();

        fn name(&self) -> &'static str {
            "org.oncue.Nobody"
        }

        fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>> {
            Ok(Vec::new())
        }

        async fn ask(&self, _owner: &Owner<'_>) -> zbus::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn services_of_a_bus_that_comes_later_or_comes_back_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("run/dbus/socket");
        let account = watch::Sender::new(Account::Awaited);
        let mut heard = account.subscribe();
        let story = async {
            heard.wait_for(|account| matches!(account, Account::NoBus)).await.unwrap();
            std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
            for _ in 0..2 {
                let bus = SmallBus::open(&socket);
                heard.wait_for(|account| matches!(account, Account::Absent)).await.unwrap();
                drop(bus);
                heard.wait_for(|account| matches!(account, Account::NoBus)).await.unwrap();
            }
        };
        let bus = SystemBus::keep_at(format!("unix:path={}", socket.display()));
        tokio::select! {
            () = follow(bus, &Nobody, &account) => panic!("followed no longer"),
            () = story => {}
        }
    }
}
