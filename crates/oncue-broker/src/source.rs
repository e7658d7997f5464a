//! The sources: each observes one part of the machine and judges nothing.

mod internet;
mod logind;
mod memory;
mod watches;

use oncue_core::{FactKind, Observation, Reading, Wall};
use tokio::sync::mpsc;

use crate::clock;
use crate::event_loop::Inbox;

pub(crate) use logind::why_ending;
pub(crate) use watches::Watches;

/// The facts that the sources tell about soon after they have started.
pub(crate) const OBSERVED: [FactKind; 2] = [FactKind::Internet, FactKind::FreeNetwork];

/// How many observations may wait for the loop; a source that is faster waits itself.
const QUEUE: usize = 16;

/// Starts the sources; they end with the inbox.
pub(crate) fn start(inbox: mpsc::Sender<Inbox>) {
    let (seen, mut changed) = mpsc::channel(QUEUE);
    let machine = inbox.clone();
    tokio::spawn(async move {
        let system_bus = match zbus::Connection::system().await {
            Ok(bus) => Some(bus),
            Err(error) => {
                tracing::info!("no system bus: {error}; going by the kernel's routes");
                None
            }
        };
        if let Some(bus) = system_bus.clone() {
            let machine = machine.clone();
            tokio::spawn(async move { logind::follow(&bus, &machine).await });
        }
        tokio::spawn(async move { memory::follow(&machine).await });
        internet::observe(system_bus, seen).await;
    });
    tokio::spawn(async move {
        while let Some(internet) = changed.recv().await {
            for message in facts(internet, clock::now().wall) {
                if inbox.send(message).await.is_err() {
                    return;
                }
            }
        }
    });
}

fn facts(seen: internet::Observation, since: Wall) -> [Inbox; 2] {
    let why = seen.why.unwrap_or_default();
    let fact = |kind, value: Option<bool>| {
        let why = if value.is_some() { String::new() } else { why.clone() };
        let value = value.map(Reading::Is);
        Inbox::Fact { kind, seen: Observation { value, source: seen.source.to_owned(), why, since } }
    };
    // Whether the connection is free comes first, so that nothing starts on a wrong assumption.
    [fact(FactKind::FreeNetwork, seen.free), fact(FactKind::Internet, seen.internet)]
}
