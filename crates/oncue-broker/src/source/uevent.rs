//! Uevents, by which the kernel and udev report events of devices: netlink(7)
//! `NETLINK_KOBJECT_UEVENT`.

use std::borrow::Cow;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SocketFlags,
    SocketType, bind, netlink, netlink::SocketAddrNetlink, recvmsg, socket_with,
};
use tokio::io::unix::AsyncFd;

use crate::descriptor;

/// A file that exists while udevd runs; sd_device_monitor(3) uses it in the same way.
const UDEV_CONTROL: &str = "/run/udev/control";

/// More than the kernel (`UEVENT_BUFFER_SIZE` and the path) or udev puts into a message.
const LONGEST: usize = 16 * 1024;

/// The first bytes of udev's messages, and the number after them.
const UDEV_PREFIX: &[u8] = b"libudev\0";
const UDEV_MAGIC: u32 = 0xfeed_cafe;

/// The sender of uevents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Teller {
    /// The kernel itself.
    Kernel,
    /// udev, after it has named a device and added properties.
    Udev,
}

impl Teller {
    /// Returns the sender that provides the most information on this machine.
    pub(crate) fn best() -> Self {
        if Path::new(UDEV_CONTROL).exists() { Self::Udev } else { Self::Kernel }
    }

    const fn group(self) -> u32 {
        match self {
            Self::Kernel => 1,
            Self::Udev => 2,
        }
    }

    /// Whether a message comes from this sender; messages sent only to this socket do not.
    fn sent(self, sender: Option<&SocketAddrNetlink>, uid: Option<u32>) -> bool {
        sender.is_some_and(|sender| {
            sender.groups() == self.group()
                && match self {
                    // Nobody else has this port.
                    Self::Kernel => sender.pid() == 0,
                    Self::Udev => uid == Some(0),
                }
        })
    }
}

/// What was received.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told<'b> {
    /// One uevent.
    Uevent(Uevent<'b>),
    /// Some uevents were lost.
    Lost,
}

/// One uevent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uevent<'b> {
    /// `KEY=VALUE` entries, each followed by a zero byte.
    properties: &'b [u8],
}

impl<'b> Uevent<'b> {
    /// Parses a message; returns `None` if it is incomplete or of another kind.
    pub(crate) fn parse(teller: Teller, message: &'b [u8]) -> Option<Self> {
        let properties = match teller {
            Teller::Kernel => {
                // ACTION@DEVPATH precedes the properties, which repeat both.
                let end = message.iter().position(|byte| *byte == 0)?;
                message[..end].contains(&b'@').then(|| &message[end + 1..])?
            }
            Teller::Udev => {
                let word = |at: usize| message.get(at..at + 4)?.try_into().ok();
                let magic = u32::from_be_bytes(word(8)?);
                let number = |at| usize::try_from(u32::from_ne_bytes(word(at)?)).ok();
                let (begin, length) = (number(16)?, number(20)?);
                let is_udev = message.starts_with(UDEV_PREFIX) && magic == UDEV_MAGIC;
                is_udev.then(|| message.get(begin..begin.checked_add(length)?))??
            }
        };
        let whole = properties.last() == Some(&0);
        whole.then_some(Self { properties }).filter(|uevent| uevent.get("ACTION").is_some())
    }

    fn all(&self) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        self.properties.split(|byte| *byte == 0).filter(|property| property.contains(&b'='))
    }

    /// Returns a property's value.
    pub(crate) fn get(&self, key: &str) -> Option<&'b [u8]> {
        self.all().find_map(|property| property.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
    }

    /// Returns every property, `KEY=VALUE`.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Cow<'b, str>> + use<'b> {
        self.all().map(String::from_utf8_lossy)
    }
}

/// Receives uevents.
pub(crate) struct Uevents {
    teller: Teller,
    socket: AsyncFd<OwnedFd>,
}

impl Uevents {
    pub(crate) fn open(teller: Teller) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let kind = Some(netlink::KOBJECT_UEVENT);
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, kind)?;
        if teller == Teller::Udev {
            set_socket_passcred(&socket, true)?;
        }
        bind(&socket, &SocketAddrNetlink::new(0, teller.group()))?;
        Ok(Self { teller, socket: descriptor::readable(socket)? })
    }

    /// Waits for uevents and passes on all of them.
    pub(crate) async fn read(&self, mut each: impl FnMut(Told<'_>)) -> io::Result<()> {
        let mut ready = self.socket.readable().await?;
        let mut buffer = [0; LONGEST];
        loop {
            match ready.try_io(|socket| self.receive(socket, &mut buffer, &mut each)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) if Errno::from_io_error(&error) == Some(Errno::NOBUFS) => each(Told::Lost),
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => return Ok(()),
            }
        }
    }

    fn receive(
        &self,
        socket: &AsyncFd<OwnedFd>,
        buffer: &mut [u8],
        each: &mut impl FnMut(Told<'_>),
    ) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmCredentials(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            let into = &mut [IoSliceMut::new(buffer)];
            match recvmsg(socket, into, &mut control, RecvFlags::empty()) {
                Err(Errno::INTR) => {}
                received => break received?,
            }
        };
        let sender = received.address.and_then(|address| SocketAddrNetlink::try_from(address).ok());
        let uid = control.drain().find_map(|message| {
            let RecvAncillaryMessage::ScmCredentials(sender) = message else { return None };
            Some(sender.uid.as_raw())
        });
        if !self.teller.sent(sender.as_ref(), uid) {
            tracing::debug!(?sender, uid, "ignoring a uevent from another sender");
        } else if received.flags.contains(ReturnFlags::TRUNC) {
            each(Told::Lost);
        } else if let Some(uevent) = Uevent::parse(self.teller, &buffer[..received.bytes]) {
            each(Told::Uevent(uevent));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod recorded;

#[cfg(test)]
mod tests {
    use super::recorded::{KERNEL, udev};
    use super::*;

    #[test]
    fn both_kinds_are_read() {
        let kernel = Uevent::parse(Teller::Kernel, KERNEL).unwrap();
        assert_eq!(kernel.get("SUBSYSTEM"), Some(&b"mem"[..]));
        assert_eq!(kernel.get("SUB"), None);
        assert_eq!(kernel.texts().next().unwrap(), "ACTION=change");
        let message = udev();
        let udev = Uevent::parse(Teller::Udev, &message).unwrap();
        assert_eq!(udev.get("DEVNAME"), Some(&b"/dev/null"[..]));
        assert_eq!(udev.texts().last().unwrap(), "USEC_INITIALIZED=17883406018");
    }

    #[test]
    fn what_is_not_whole_or_of_another_kind_is_nothing() {
        let udev = udev();
        assert_eq!(Uevent::parse(Teller::Kernel, &udev), None);
        assert_eq!(Uevent::parse(Teller::Udev, KERNEL), None);
        for end in 0..udev.len() {
            assert_eq!(Uevent::parse(Teller::Udev, &udev[..end]), None, "the first {end} bytes");
        }
        // Truncated after a property, the kernel's message looks like a shorter one; recvmsg(2)
        // reports it.
        for end in (0..KERNEL.len()).filter(|end| *end == 0 || KERNEL[end - 1] != 0) {
            assert_eq!(Uevent::parse(Teller::Kernel, &KERNEL[..end]), None, "the first {end} bytes");
        }
        for (at, wrong) in [(0, [0; 4]), (8, [0; 4]), (16, [0xff; 4]), (20, [0xff; 4]), (20, [0; 4])] {
            let mut message = udev.clone();
            message[at..at + 4].copy_from_slice(&wrong);
            assert_eq!(Uevent::parse(Teller::Udev, &message), None, "{wrong:?} at {at}");
        }
    }

    #[test]
    fn only_the_kernel_and_root_are_believed_and_only_when_they_speak_to_all() {
        let told =
            |teller: Teller, port, groups, uid| teller.sent(Some(&SocketAddrNetlink::new(port, groups)), uid);
        assert!(told(Teller::Kernel, 0, 1, None));
        assert!(!told(Teller::Kernel, 0, 0, None), "to this socket alone");
        assert!(!told(Teller::Kernel, 77, 1, Some(0)), "not the kernel's port");
        assert!(told(Teller::Udev, 77, 2, Some(0)));
        assert!(!told(Teller::Udev, 77, 2, Some(1000)));
        assert!(!told(Teller::Udev, 77, 2, None));
        assert!(!told(Teller::Udev, 77, 0, Some(0)), "to this socket alone");
        assert!(!Teller::Kernel.sent(None, Some(0)));
    }
}
