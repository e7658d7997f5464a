//! The one connection to the system bus that all sources share.

use std::sync::Arc;

use tokio::sync::OnceCell;
use zbus::Connection;

/// The connection, made when it is first asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct SystemBus(Arc<OnceCell<Option<Connection>>>);

impl SystemBus {
    /// Returns the connection, or nothing where there is no system bus.
    pub(crate) async fn get(&self) -> Option<Connection> {
        self.0.get_or_init(connect).await.clone()
    }
}

async fn connect() -> Option<Connection> {
    match Connection::system().await {
        Ok(bus) => Some(bus),
        Err(error) => {
            tracing::info!("no system bus: {error}; using what the kernel reports");
            None
        }
    }
}
