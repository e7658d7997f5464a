//! Observes whether the user wants to save energy: whether the profile of power-profiles-daemon is
//! `power-saver`.
//!
//! Before its version 0.20, the service was named `net.hadess.PowerProfiles`; since then it has both
//! names. If both are owned, the new one counts. TuneD provides the same interface. Without any of them,
//! the fact is unknown.

use oncue_core::{FactKind, Reading};
use tokio::sync::watch;
use zbus::MatchRule;

use super::service::{self, Account, At, Owner, Service};
use super::{Seen, SystemBus, Teller};

/// One name of the service; its interface has the same name.
#[derive(Clone, Copy)]
struct PowerProfiles {
    name: &'static str,
    path: &'static str,
}

const NEW: PowerProfiles = PowerProfiles {
    name: "org.freedesktop.UPower.PowerProfiles",
    path: "/org/freedesktop/UPower/PowerProfiles",
};
const OLD: PowerProfiles =
    PowerProfiles { name: "net.hadess.PowerProfiles", path: "/net/hadess/PowerProfiles" };

/// Observes until the broker ends.
pub(super) async fn observe(bus: SystemBus, mut teller: Teller) {
    let (new, old) = (watch::Sender::new(Account::Awaited), watch::Sender::new(Account::Awaited));
    let (mut new_news, mut old_news) = (new.subscribe(), old.subscribe());
    let telling = async {
        loop {
            let seen = fact(&new.borrow(), &old.borrow());
            if let Some(seen) = seen {
                teller.tell(seen).await;
            }
            tokio::select! {
                _ = new_news.changed() => {}
                _ = old_news.changed() => {}
            }
        }
    };
    tokio::join!(service::follow(bus.clone(), &NEW, &new), service::follow(bus, &OLD, &old), telling);
}

impl Service for PowerProfiles {
    /// The active profile.
    type Told = String;

    fn name(&self) -> &'static str {
        self.name
    }

    fn signals(&self) -> zbus::Result<Vec<MatchRule<'static>>> {
        Ok(vec![service::changes(self.name, self.name, At::Path(self.path))?])
    }

    async fn ask(&self, owner: &Owner<'_>) -> zbus::Result<String> {
        owner.property(self.path, self.name, "ActiveProfile").await
    }
}

/// Returns what is seen; `None` while an account that counts is awaited.
fn fact(new: &Account<String>, old: &Account<String>) -> Option<Seen> {
    let account = match (new, old) {
        (Account::Awaited, _) => return None,
        (Account::Told(_), _) => new,
        (_, Account::Awaited) => return None,
        (Account::NoBus | Account::Absent | Account::Silent(_), _) => old,
    };
    let saves = account.told().map(|profile| Reading::Is(profile == "power-saver"));
    Some(Seen::new(FactKind::EnergySaver, "power-profiles-daemon", saves, || {
        account.why_unknown("power-profiles-daemon", "whether energy is to be saved")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(profile: &str) -> Account<String> {
        Account::Told(profile.into())
    }

    fn saves(new: &Account<String>, old: &Account<String>) -> Option<Reading> {
        fact(new, old).unwrap().value.ok()
    }

    #[test]
    fn only_the_power_saver_saves() {
        assert_eq!(saves(&told("power-saver"), &Account::Absent), Some(Reading::Is(true)));
        for profile in ["balanced", "performance"] {
            assert_eq!(saves(&Account::Absent, &told(profile)), Some(Reading::Is(false)));
        }
    }

    #[test]
    fn the_new_name_outranks_the_old_one() {
        assert_eq!(saves(&told("balanced"), &told("power-saver")), Some(Reading::Is(false)));
    }

    #[test]
    fn nobody_knows_without_the_service() {
        assert_eq!(saves(&Account::Absent, &Account::Absent), None);
        assert_eq!(fact(&Account::Absent, &Account::Awaited), None, "it is not known yet");
        assert_eq!(fact(&Account::Awaited, &told("balanced")), None);
    }
}
