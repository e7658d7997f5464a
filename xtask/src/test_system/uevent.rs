//! Uevents of the guest's kernel. sysfs(5) is read-only there, so that nothing reaches the
//! machine's devices, but root can make the kernel send any uevent in its own network namespace.
//! See `uevent_net_rcv` in the kernel's `lib/kobject_uevent.c`.

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, netlink, sendto, socket_with};

use super::failure::Failure;

/// The smallest type that is not a control message, and `NLM_F_REQUEST`, from `linux/netlink.h`.
const TYPE_AND_FLAGS: [u16; 2] = [0x10, 1];

/// Makes the kernel report that a device has changed.
pub(super) fn changed(subsystem: &str, device: &str) -> Result<(), Failure> {
    let path = format!("/devices/virtual/{subsystem}/{device}");
    let uevent = format!("change@{path}\0ACTION=change\0DEVPATH={path}\0SUBSYSTEM={subsystem}\0");
    let length = u32::try_from(16 + uevent.len()).unwrap_or(u32::MAX);
    // `struct nlmsghdr`: length, type and flags, sequence number, sender.
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(TYPE_AND_FLAGS.map(u16::to_ne_bytes).concat());
    message.extend([0; 8]);
    message.extend(uevent.as_bytes());
    let send = || {
        let kind = Some(netlink::KOBJECT_UEVENT);
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, kind)?;
        sendto(&socket, &message, SendFlags::empty(), &netlink::SocketAddrNetlink::new(0, 0))
    };
    send().map(drop).map_err(|errno| Failure::system("sending a uevent")(errno.into()))
}
