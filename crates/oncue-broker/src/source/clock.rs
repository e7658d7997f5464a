//! Observes when the clock is set, the time zone is changed, or the zones' rules are replaced.
//!
//! A timer that never expires, but is cancelled when the clock is set, reports such steps: see
//! `TFD_TIMER_CANCEL_ON_SET` in timerfd_create(2). Waking from sleep counts as a step. The zone is the
//! link `/etc/localtime`, localtime(5): every tool that changes the zone, such as systemd-timedated,
//! replaces that link. The rules are files too, tzfile(5), which updates replace.

mod steps;
mod zone;

use tokio::sync::mpsc;

use crate::errand::Errands;
use crate::inbox::Inbox;

/// Observes until the broker ends.
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
