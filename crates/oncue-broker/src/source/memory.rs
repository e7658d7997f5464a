//! Short memory, as the kernel measures it: how long programs stall for it. See psi in the kernel's
//! documentation, "Pressure Stall Information".

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;

use tokio::sync::mpsc;

use crate::descriptor;
use crate::event_loop::Inbox;

const PATH: &str = "/proc/pressure/memory";

/// Tell when every program stalled for memory during five seconds of ten: a machine that writes back a
/// full page cache stalls for a second too, and is not short of anything. Whoever is not root may
/// choose windows of whole multiples of two seconds, and nobody a longer one than this.
const TRIGGER: &str = "full 5000000 10000000\0";

/// Tells the loop each time that memory is short, at most every ten seconds; costs nothing meanwhile.
pub(super) async fn observe(inbox: mpsc::Sender<Inbox>) {
    if let Err(error) = follow_on(&inbox).await {
        tracing::info!("{PATH}: {error}; short memory is not noticed");
    }
}

async fn follow_on(inbox: &mpsc::Sender<Inbox>) -> io::Result<()> {
    let trigger = descriptor::urgent(OwnedFd::from(set(TRIGGER)?))?;
    loop {
        let mut ready = trigger.ready(descriptor::URGENT).await?;
        if ready.ready().is_error() {
            return Err(io::Error::other("the trigger is gone"));
        }
        ready.clear_ready();
        if inbox.send(Inbox::MemoryShort).await.is_err() {
            return Ok(());
        }
    }
}

/// Sets a trigger; it lasts as long as the file is open.
fn set(trigger: &str) -> io::Result<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut file = OpenOptions::new().read(true).write(true).custom_flags(nonblocking).open(PATH)?;
    file.write_all(trigger.as_bytes())?;
    Ok(file)
}
