//! Follows the kernel's links and default routes with rtnetlink(7), as the fallback for
//! NetworkManager.
//!
//! A notification only triggers a new dump of all links and routes. So lost notifications, and
//! changes for which the kernel sends none, need no special handling.

mod route_message;
mod route_table;

use std::io;
use std::os::fd::OwnedFd;

use route_message::RouteMessage;
use route_table::RouteTable;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, netlink::SocketAddrNetlink, recv,
    send, socket_with,
};
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use crate::descriptor;

/// `RTMGRP_LINK`, `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV4_ROUTE`, `RTMGRP_IPV6_ROUTE` and the group
/// `RTNLGRP_NEXTHOP` (32) of `linux/rtnetlink.h`. IPv6 addresses are not included: they are renewed
/// all the time, and when one is removed, there are notifications for its routes.
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x400 | 1 << 31;

/// The maximum size of a datagram in a dump (`netlink_recvmsg`, `net/netlink`).
const DATAGRAM_BYTES: usize = 32 * 1024;

/// How often to repeat a dump during which something changed. After that, it is used as it is,
/// because relevant changes cause notifications.
const DUMP_ATTEMPTS: u32 = 3;

/// What the kernel reports about the internet.
#[derive(Debug)]
pub(super) enum Routes {
    /// Not known yet.
    Awaited,
    /// Whether a default route uses a link that is up.
    Judged { internet: bool },
    /// They can no longer be watched.
    Lost(io::Error),
}

/// Keeps `account` up to date until the routes can no longer be watched.
pub(super) async fn follow(account: &watch::Sender<Routes>) {
    let Err(error) = follow_notices(account).await;
    tracing::warn!(%error, "cannot watch routes");
    account.send_replace(Routes::Lost(error));
}

async fn follow_notices(account: &watch::Sender<Routes>) -> io::Result<std::convert::Infallible> {
    let mut buffer = vec![0; DATAGRAM_BYTES];
    // Opened before the first dump, so that no change between it and the first notification is
    // missed.
    let notices = open(GROUPS)?;
    loop {
        let table = dump(&mut buffer).await?;
        account.send_replace(Routes::Judged { internet: table.internet() });
        while !outdated(&table, &notices, &mut buffer).await? {}
    }
}

fn open(groups: u32) -> io::Result<AsyncFd<OwnedFd>> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None, // NETLINK_ROUTE
    )?;
    bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    descriptor::readable(socket)
}

/// Waits for notifications, reads all of them, and returns whether one of them outdates `table`.
async fn outdated(table: &RouteTable, notices: &AsyncFd<OwnedFd>, buffer: &mut [u8]) -> io::Result<bool> {
    let mut ready = notices.readable().await?;
    let mut outdated = false;
    loop {
        match ready.try_io(|socket| receive(socket.get_ref(), buffer)) {
            Ok(Ok(datagram)) => {
                outdated |= route_message::messages(datagram).any(|(_, notice)| table.outdated_by(&notice));
            }
            Ok(Err(error)) if is_overrun(&error) => outdated = true,
            Ok(Err(error)) => return Err(error),
            Err(_would_block) => return Ok(outdated),
        }
    }
}

/// Reads the current links and routes.
async fn dump(buffer: &mut [u8]) -> io::Result<RouteTable> {
    let mut attempt = 1;
    loop {
        // A separate socket: its answers do not mix with notifications, and an abandoned dump ends
        // when it is closed.
        let socket = open(0)?;
        let mut table = RouteTable::default();
        let mut consistent = true;
        for request in [route_message::all_links(), route_message::all_routes()] {
            send(&socket, &request, SendFlags::empty())?;
            consistent &= learn(&mut table, &socket, buffer).await?;
        }
        if consistent || attempt == DUMP_ATTEMPTS {
            return Ok(table);
        }
        attempt += 1;
    }
}

/// Reads one dump; returns false if something changed in the meantime.
async fn learn(table: &mut RouteTable, socket: &AsyncFd<OwnedFd>, buffer: &mut [u8]) -> io::Result<bool> {
    let mut consistent = true;
    loop {
        let mut ready = socket.readable().await?;
        let Ok(datagram) = ready.try_io(|socket| receive(socket.get_ref(), buffer)) else {
            continue;
        };
        for (interrupted, message) in route_message::messages(datagram?) {
            consistent &= !interrupted;
            match message {
                RouteMessage::End { errno: 0 } => return Ok(consistent),
                RouteMessage::End { errno } => return Err(io::Error::from_raw_os_error(errno)),
                RouteMessage::Link { .. }
                | RouteMessage::LinkGone { .. }
                | RouteMessage::DefaultRoute { .. }
                | RouteMessage::DefaultRouteGone
                | RouteMessage::AddressGone
                | RouteMessage::NextHopChanged
                | RouteMessage::Other => table.learn(message),
            }
        }
    }
}

fn receive<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let room = buffer.len();
    let (_, length) = rustix::io::retry_on_intr(|| recv(socket, &mut *buffer, RecvFlags::TRUNC))?;
    match length <= room {
        true => Ok(&buffer[..length]),
        // Equivalent to lost notifications.
        false => Err(Errno::NOBUFS.into()),
    }
}

/// Whether notifications were lost because they were read too slowly.
fn is_overrun(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::NOBUFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machines_routes_can_be_read() {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        dump(&mut buffer).await.unwrap();
    }
}
