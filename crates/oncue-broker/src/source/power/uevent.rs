//! Follows the kernel's power supplies through uevents, netlink(7) `NETLINK_KOBJECT_UEVENT`.
//!
//! A uevent only triggers a new look at all supplies, so lost uevents need no special handling: the
//! kernel reports the loss, which triggers a new look too.

use std::io;
use std::path::Path;

use tokio::sync::watch;

use super::{Power, supplies};
use crate::source::uevent::{Teller, Told, Uevents};

/// What the kernel reports about the power supplies.
#[derive(Debug)]
pub(super) enum Kernel {
    /// Not known yet.
    Awaited,
    /// The current state.
    Seen(Power),
    /// They can no longer be watched.
    Lost(io::Error),
}

/// Keeps `account` up to date until the supplies can no longer be watched.
pub(super) async fn follow(account: &watch::Sender<Kernel>) {
    let Err(error) = follow_uevents(account).await;
    tracing::warn!(%error, "cannot watch power supplies");
    account.send_replace(Kernel::Lost(error));
}

async fn follow_uevents(account: &watch::Sender<Kernel>) -> io::Result<std::convert::Infallible> {
    // Opened before the first look, so that no change between it and the first uevent is missed.
    let uevents = Uevents::open(Teller::Kernel)?;
    loop {
        account.send_replace(Kernel::Seen(supplies::read(Path::new(supplies::FOLDER))?));
        while !outdated(&uevents).await? {}
    }
}

/// Waits for uevents, reads all of them, and returns whether one is about a power supply.
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
