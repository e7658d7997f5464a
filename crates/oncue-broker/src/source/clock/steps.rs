//! Changes of the wall clock.

use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;

use oncue_core::Event;
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

use crate::descriptor;
use crate::inbox::Inbox;

/// Reports every change of the clock.
pub(super) async fn follow(inbox: &mpsc::Sender<Inbox>) -> io::Result<Infallible> {
    let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
    let timer = descriptor::readable(timer)?;
    arm(&timer)?;
    loop {
        let mut ready = timer.readable().await?;
        match ready.try_io(|timer| Ok(rustix::io::read(timer, &mut [0; 8])?)) {
            Ok(Err(error)) if Errno::from_io_error(&error) == Some(Errno::CANCELED) => {
                arm(&timer)?;
                tracing::info!("the clock was set");
                // If the loop is gone, the source is about to end.
                let _ = inbox.send(Event::ClockSet { zone_changed: false }.into()).await;
            }
            Ok(Err(error)) => return Err(error),
            // The end of time has been reached, or nothing has happened.
            Ok(Ok(_)) | Err(_) => {}
        }
    }
}

/// Sets the timer to an instant that never comes; a change of the clock cancels it.
fn arm(timer: &AsyncFd<OwnedFd>) -> io::Result<()> {
    let never = Timespec { tv_sec: i64::MAX, tv_nsec: 0 };
    let spec = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: never };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(timer.get_ref(), flags, &spec)?;
    Ok(())
}
