//! A shortage of memory, as measured by the kernel: how long programs stall for it. See psi in the
//! kernel's documentation, "Pressure Stall Information".

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use oncue_core::Event;
use tokio::sync::mpsc;

use crate::descriptor;
use crate::inbox::Inbox;

const PATH: &str = "/proc/pressure/memory";

/// Reports if all programs stalled for memory during five seconds out of ten. A machine that writes
/// back a full page cache also stalls for a second, without being short of memory. Users other than
/// root can only choose multiples of two seconds as windows, and nobody a longer one than this.
const TRIGGER: &str = "full 5000000 10000000\0";

/// How much longer all programs must have stalled since the trigger was set, or since the last
/// report. For a new trigger, the kernel reports as if the whole past had just happened. Half of
/// the trigger's value, because the kernel also counts parts of the previous window.
const NEWS: Duration = Duration::from_millis(2_500);

/// Notifies the loop each time that memory is short, at most every ten seconds; otherwise it costs
/// nothing.
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
        if inbox.send(Event::MemoryShort.into()).await.is_err() {
            return Ok(());
        }
    }
}

/// Sets a trigger, which lasts as long as the file is open.
fn set(trigger: &str) -> io::Result<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut file = OpenOptions::new().read(true).write(true).custom_flags(nonblocking).open(PATH)?;
    file.write_all(trigger.as_bytes())?;
    Ok(file)
}

/// How long all programs have stalled since the machine booted.
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
