//! Follows the kernel's power supplies by its uevents, netlink(7) `NETLINK_KOBJECT_UEVENT`.
//!
//! A uevent only says that it is time to look again, so lost ones need no care of their own: the
//! kernel says that it lost some, and that is one more reason to look.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SocketFlags, SocketType, bind, netlink, netlink::SocketAddrNetlink, recv,
    socket_with,
};
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use super::{Power, supplies};
use crate::descriptor;

/// The group of the kernel's own uevents; the other is udev's.
const KERNEL: u32 = 1;

/// More than the kernel puts into a uevent (`UEVENT_BUFFER_SIZE` and the path).
const UEVENT_BYTES: usize = 8 * 1024;

/// The kernel's account of the power supplies.
#[derive(Debug)]
pub(super) enum Kernel {
    /// They have not been looked at yet.
    Awaited,
    /// As it shows them.
    Seen(Power),
    /// They can no longer be followed.
    Lost(io::Error),
}

/// Keeps `account` up to date until the supplies can no longer be followed.
pub(super) async fn follow(account: &watch::Sender<Kernel>) {
    let Err(error) = follow_uevents(account).await;
    tracing::warn!(%error, "power supplies cannot be followed");
    account.send_replace(Kernel::Lost(error));
}

async fn follow_uevents(account: &watch::Sender<Kernel>) -> io::Result<std::convert::Infallible> {
    // Before the first look, so that no change falls between it and the first uevent.
    let uevents = open()?;
    loop {
        account.send_replace(Kernel::Seen(supplies::read(Path::new(supplies::FOLDER))?));
        while !outdated(&uevents).await? {}
    }
}

fn open() -> io::Result<AsyncFd<OwnedFd>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let kind = Some(netlink::KOBJECT_UEVENT);
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, kind)?;
    bind(&socket, &SocketAddrNetlink::new(0, KERNEL))?;
    descriptor::readable(socket)
}

/// Waits for uevents, reads all there are and tells whether one is about a power supply.
async fn outdated(uevents: &AsyncFd<OwnedFd>) -> io::Result<bool> {
    let mut ready = uevents.readable().await?;
    let (mut outdated, mut buffer) = (false, [0; UEVENT_BYTES]);
    loop {
        let received = ready.try_io(|socket| {
            let received = rustix::io::retry_on_intr(|| recv(socket, &mut buffer, RecvFlags::empty()));
            received.map_err(io::Error::from)
        });
        match received {
            Ok(Ok((length, _))) => outdated |= is_about_power(&buffer[..length]),
            Ok(Err(error)) if Errno::from_io_error(&error) == Some(Errno::NOBUFS) => outdated = true,
            Ok(Err(error)) => return Err(error),
            Err(_would_block) => return Ok(outdated),
        }
    }
}

/// Whether a uevent, `change@PATH` and its variables with a zero behind each, is about a power supply.
fn is_about_power(uevent: &[u8]) -> bool {
    uevent.split(|byte| *byte == 0).any(|variable| variable == b"SUBSYSTEM=power_supply")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_power_supplies_outdate_what_was_read() {
        assert!(is_about_power(b"change@/devices/x/BAT0\0ACTION=change\0SUBSYSTEM=power_supply\0SEQNUM=7\0"));
        assert!(!is_about_power(b"add@/devices/y\0ACTION=add\0SUBSYSTEM=usb\0"));
        assert!(!is_about_power(b""));
    }

    #[tokio::test]
    async fn this_machines_supplies_can_be_followed() {
        let account = watch::Sender::new(Kernel::Awaited);
        let mut news = account.subscribe();
        tokio::select! {
            () = follow(&account) => panic!("{:?}", account.borrow()),
            seen = news.wait_for(|account| matches!(account, Kernel::Seen(_))) => drop(seen.unwrap()),
        }
    }
}
