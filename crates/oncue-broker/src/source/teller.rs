//! Reports each observation of a source to the loop once.

use std::collections::HashMap;

use oncue_core::FactKind;
use tokio::sync::mpsc;

use super::Seen;
use crate::clock;
use crate::inbox::Inbox;

/// The connection between one source and the loop.
pub(super) struct Teller {
    inbox: mpsc::Sender<Inbox>,
    told: HashMap<FactKind, Seen>,
}

impl Teller {
    pub(super) fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self { inbox, told: HashMap::new() }
    }

    /// Reports an observation, unless it is the same as the last one.
    pub(super) async fn tell(&mut self, seen: Seen) {
        if self.told.get(&seen.kind) == Some(&seen) {
            return;
        }
        tracing::debug!(fact = %seen.kind, value = ?seen.value, source = seen.source, "seen");
        self.told.insert(seen.kind, seen.clone());
        // If the loop is gone, the source will be ended.
        let _ = self.inbox.send(seen.event(clock::now().wall).into()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oncue_core::{Event, Reading};

    #[tokio::test]
    async fn what_has_not_changed_is_not_told_again() {
        let (inbox, mut heard) = mpsc::channel(8);
        let mut teller = Teller::new(inbox);
        for value in [true, true, false] {
            let seen = Seen::new(FactKind::OnAc, "UPower", Some(Reading::Is(value)), String::new);
            teller.tell(seen).await;
        }
        drop(teller);
        let mut values = Vec::new();
        while let Some(Inbox::Event(Event::FactObserved { seen, .. })) = heard.recv().await {
            values.push(seen.value);
        }
        assert_eq!(values, [Some(Reading::Is(true)), Some(Reading::Is(false))]);
    }
}
