//! Observes that somebody set the clock, changed the time zone, or replaced the rules of the zones.
//!
//! A step of the clock is told by a timer on it that never ends but is cancelled by one, see
//! timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`; waking from sleep counts as one. The zone is the
//! link `/etc/localtime`, localtime(5): whoever changes it, be it systemd-timedated, replaces that
//! link, so that there is no need to ask anybody. The rules are files too, tzfile(5), which an update
//! replaces.

mod steps;
mod zone;

use tokio::sync::mpsc;

use crate::errand::Errands;
use crate::event_loop::Inbox;

/// Observes for ever.
pub(super) async fn observe(errands: Errands, inbox: mpsc::Sender<Inbox>) {
    let steps = async {
        let Err(error) = steps::follow(&inbox).await;
        tracing::warn!(%error, "cannot watch the clock");
    };
    let zone = async {
        let Err(error) = zone::follow(errands, &inbox).await;
        tracing::warn!(%error, "cannot watch the time zone");
    };
    tokio::join!(steps, zone);
}

async fn tell(inbox: &mpsc::Sender<Inbox>, zone_changed: bool) {
    tracing::info!(zone_changed, "the clock or the time zone was set");
    // Without a loop there is nobody to tell, and the source is ended.
    let _ = inbox.send(Inbox::ClockSet { zone_changed }).await;
}
