//! Short memory, as the kernel measures it: how long programs stall for it. See psi in the kernel's
//! documentation, "Pressure Stall Information".

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::descriptor;
use crate::event_loop::Inbox;

const PATH: &str = "/proc/pressure/memory";

/// Tell when every program stalled for memory during five seconds of ten: a machine that writes back a
/// full page cache stalls for a second too, and is not short of anything. Whoever is not root may
/// choose windows of whole multiples of two seconds, and nobody a longer one than this.
const TRIGGER: &str = "full 5000000 10000000\0";

/// How much longer every program must have stalled since the trigger was set, or the kernel told
/// last: it tells of a trigger that is new as if all of the past had happened just now. Half of what
/// the trigger asks for, since the kernel reckons in parts of the window before.
const NEWS: Duration = Duration::from_millis(2_500);

/// Tells the loop each time that memory is short, at most every ten seconds; costs nothing meanwhile.
pub(super) async fn observe(inbox: mpsc::Sender<Inbox>) {
    if let Err(error) = follow_on(&inbox).await {
        tracing::info!("{PATH}: {error}; cannot detect a shortage of memory");
    }
}

async fn follow_on(inbox: &mpsc::Sender<Inbox>) -> io::Result<()> {
    let trigger = descriptor::urgent(OwnedFd::from(set(TRIGGER)?))?;
    let mut told = stalled()?;
    loop {
        let mut ready = trigger.ready(descriptor::URGENT).await?;
        if ready.ready().is_error() {
            return Err(io::Error::other("the trigger is gone"));
        }
        ready.clear_ready();
        let before = std::mem::replace(&mut told, stalled()?);
        if told.saturating_sub(before) < NEWS {
            continue;
        }
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

/// For how long every program has stalled since the machine booted.
fn stalled() -> io::Result<Duration> {
    let pressure = std::fs::read_to_string(PATH)?;
    let unknown = || io::Error::other("it does not say for how long all programs stalled");
    total(&pressure).ok_or_else(unknown)
}

fn total(pressure: &str) -> Option<Duration> {
    let full = pressure.lines().find(|line| line.starts_with("full "))?;
    let micros = full.split(' ').find_map(|part| part.strip_prefix("total="))?;
    micros.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_programs_stalled_is_told_from_what_some_did() {
        let pressure = "some avg10=0.00 avg60=0.00 avg300=0.07 total=6827955\n\
                        full avg10=0.00 avg60=0.00 avg300=0.00 total=1521746\n";
        assert_eq!(total(pressure), Some(Duration::from_micros(1_521_746)));
        assert_eq!(total("some avg10=0.00 total=1\n"), None);
    }
}
