//! The sources: each observes one part of the machine, without judging it.
//!
//! | source | observes | by |
//! |---|---|---|
//! | `internet` | whether the internet is reachable and free | NetworkManager, else rtnetlink |
//! | `session` | whether the user is present and in the foreground | logind |
//! | `power` | mains and battery | UPower, else the kernel |
//! | `energy_saver` | whether energy is to be saved | power-profiles-daemon |
//! | `storage` | whether the disk has room | statvfs(3), whenever something else happens |
//! | `clock` | clock changes and time zone changes | timerfd, inotify |
//! | `logind` | sleep, shutdown and the end of the session, and delays the first two | logind |
//! | `memory` | shortage of memory | the kernel's pressure stall information |
//! | `watches` | what single tasks wait for | depends on the trigger |
//!
//! No source polls: each is notified by a signal or the kernel, so that an idle broker sleeps.

mod clock;
pub(crate) mod delay;
mod energy_saver;
mod internet;
mod logind;
mod memory;
mod power;
mod service;
mod session;
mod storage;
mod system_bus;
mod teller;
mod timing;
mod uevent;
mod watches;

use oncue_core::{Event, FactKind, Observation, Reading, Wall};
use tokio::sync::mpsc;

use crate::errand::Errands;
use crate::inbox::Inbox;

pub(crate) use delay::Delays;
pub(crate) use logind::why_ending;
pub use service::NO_SYSTEM_BUS;
#[cfg(test)]
pub(crate) use service::connected;
pub(crate) use storage::Storage;
pub(crate) use system_bus::SystemBus;
use teller::Teller;
pub(crate) use watches::Watches;
#[cfg(test)]
pub(crate) use watches::small_bus;

/// The facts that the sources report soon after they have started.
pub(crate) const OBSERVED: [FactKind; 8] = FactKind::ALL;

/// How many observations may wait for the loop; faster sources wait.
const QUEUE: usize = 16;

/// Starts the sources; they end with the inbox.
pub(crate) fn start(inbox: &mpsc::Sender<Inbox>, bus: &SystemBus, errands: &Errands) {
    let (seen, changed) = mpsc::channel(QUEUE);
    let teller = || Teller::new(inbox.clone());
    let run = |source| run(inbox.clone(), source);
    run(Box::pin({
        let bus = bus.clone();
        async move { internet::observe(bus, seen).await }
    }));
    run(Box::pin(tell_internet(changed, teller())));
    run(Box::pin(session::observe(bus.clone(), teller(), inbox.clone())));
    run(Box::pin(power::observe(bus.clone(), teller())));
    run(Box::pin(energy_saver::observe(bus.clone(), teller())));
    run(Box::pin(clock::observe(errands.clone(), inbox.clone())));
    run(Box::pin(logind::observe(bus.clone(), inbox.clone())));
    run(Box::pin(memory::observe(inbox.clone())));
}

/// Runs a source as long as the loop lives.
fn run(inbox: mpsc::Sender<Inbox>, source: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {
    tokio::spawn(async move {
        tokio::select! {
            () = source => {}
            () = inbox.closed() => {}
        }
    });
}

/// A source's observation of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    kind: FactKind,
    /// The value, or why it is unknown.
    value: Result<Reading, String>,
    /// Where it comes from.
    source: &'static str,
}

impl Seen {
    fn new(
        kind: FactKind,
        source: &'static str,
        value: Option<Reading>,
        why: impl FnOnce() -> String,
    ) -> Self {
        Self { kind, value: value.ok_or_else(why), source }
    }

    fn event(self, since: Wall) -> Event {
        let Self { kind, value, source } = self;
        let (value, why) = match value {
            Ok(value) => (Some(value), String::new()),
            Err(why) => (None, why),
        };
        Event::FactObserved { kind, seen: Observation { value, source: source.to_owned(), why, since } }
    }
}

async fn tell_internet(mut changed: mpsc::Receiver<internet::Observation>, mut teller: Teller) {
    while let Some(seen) = changed.recv().await {
        let why = seen.why.unwrap_or_default();
        let fact =
            |kind, value: Option<bool>| Seen::new(kind, seen.source, value.map(Reading::Is), || why.clone());
        // Report first whether the connection is free, so that nothing starts on a wrong assumption.
        teller.tell(fact(FactKind::FreeNetwork, seen.free)).await;
        teller.tell(fact(FactKind::Internet, seen.internet)).await;
    }
}
