//! Follows the kernel's power supplies by its uevents, netlink(7) `NETLINK_KOBJECT_UEVENT`.
//!
//! A uevent only says that it is time to look again, so lost ones need no care of their own: the
//! kernel says that it lost some, and that is one more reason to look.

use std::io;
use std::path::Path;

use tokio::sync::watch;

use super::{Power, supplies};
use crate::source::uevent::{Teller, Told, Uevents};

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
    tracing::warn!(%error, "cannot watch power supplies");
    account.send_replace(Kernel::Lost(error));
}

async fn follow_uevents(account: &watch::Sender<Kernel>) -> io::Result<std::convert::Infallible> {
    // Before the first look, so that no change falls between it and the first uevent.
    let uevents = Uevents::open(Teller::Kernel)?;
    loop {
        account.send_replace(Kernel::Seen(supplies::read(Path::new(supplies::FOLDER))?));
        while !outdated(&uevents).await? {}
    }
}

/// Waits for uevents, reads all there are and tells whether one is about a power supply.
async fn outdated(uevents: &Uevents) -> io::Result<bool> {
    let mut outdated = false;
    uevents.read(|told| outdated |= is_about_power(told)).await?;
    Ok(outdated)
}

fn is_about_power(told: Told<'_>) -> bool {
    match told {
        Told::Uevent(uevent) => uevent.get("SUBSYSTEM") == Some(b"power_supply"),
        Told::Lost => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::uevent::Uevent;

    #[test]
    fn only_power_supplies_outdate_what_was_read() {
        let is_about_power =
            |message: &[u8]| is_about_power(Told::Uevent(Uevent::parse(Teller::Kernel, message).unwrap()));
        assert!(is_about_power(b"change@/devices/x/BAT0\0ACTION=change\0SUBSYSTEM=power_supply\0SEQNUM=7\0"));
        assert!(!is_about_power(b"add@/devices/y\0ACTION=add\0SUBSYSTEM=usb\0"));
        assert!(super::is_about_power(Told::Lost));
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
