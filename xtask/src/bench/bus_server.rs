//! The server that dbus-daemon activates and that clients call.

use std::sync::Arc;

use tokio::sync::Notify;
use zbus::connection::Builder;
use zbus::interface;

use super::bus::runtime;
use super::unmeasured::Unmeasured;

/// The server's name on the bus.
pub(super) const NAME: &str = "org.oncue.Bench";
/// The path of its one object.
pub(super) const OBJECT: &str = "/org/oncue/Bench";
/// The interface of that object.
pub(super) const INTERFACE: &str = "org.oncue.Bench1";

struct Server {
    leave: Arc<Notify>,
}

#[interface(name = "org.oncue.Bench1")]
impl Server {
    fn echo(&self, number: u64) -> u64 {
        number
    }

    fn leave(&self) {
        self.leave.notify_one();
    }
}

/// Serves on the bus at `address` until told to leave or until the bus is gone.
pub(super) fn serve(address: &str) -> Result<(), Unmeasured> {
    runtime()?.block_on(async {
        let leave = Arc::new(Notify::new());
        let server = Server { leave: Arc::clone(&leave) };
        let connection = Builder::address(address).serve_at(OBJECT, server).name(NAME).build().await?;
        tokio::select! {
            () = leave.notified() => {}
            () = connection.closed() => {}
        }
        // The connection closes only with the process, so that a client that sees the name
        // disappear does not measure the end of this server together with the start of the next.
        std::process::exit(0)
    })
}
