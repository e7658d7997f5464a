//! Observes mains power and the battery.
//!
//! If UPower is running, its answer counts; otherwise, `/sys/class/power_supply` does, which is read again
//! whenever the kernel sends an event about a power supply. It is watched only while it is needed.

mod supplies;
mod uevent;
mod upower;

use futures_util::future::{Fuse, FusedFuture, FutureExt};
use oncue_core::{FactKind, Reading};
use tokio::sync::watch;

use super::service::{self, Account};
use super::{Seen, SystemBus, Teller};
use uevent::Kernel;
use upower::UPower;

/// Mains power and battery, as reported by one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Power {
    /// Whether the machine runs on external power.
    on_ac: bool,
    /// The charge of its battery in percent; `None` if it has none.
    battery: Option<u8>,
}

/// Observes until the broker ends.
pub(super) async fn observe(bus: SystemBus, mut teller: Teller) {
    let (upower, kernel) = (watch::Sender::new(Account::Awaited), watch::Sender::new(Kernel::Awaited));
    let (mut upower_news, mut kernel_news) = (upower.subscribe(), kernel.subscribe());
    let telling = async {
        loop {
            let seen = facts(&upower.borrow(), &kernel.borrow());
            for seen in seen.into_iter().flatten() {
                teller.tell(seen).await;
            }
            tokio::select! {
                _ = upower_news.changed() => {}
                _ = kernel_news.changed() => {}
            }
        }
    };
    let fallback = follow_kernel_while_needed(upower.subscribe(), &kernel);
    tokio::join!(service::follow(bus, &UPower, &upower), fallback, telling);
}

async fn follow_kernel_while_needed(
    mut upower: watch::Receiver<Account<Power>>,
    kernel: &watch::Sender<Kernel>,
) {
    let following = Fuse::terminated();
    tokio::pin!(following);
    let mut needed = false;
    loop {
        let missing = upower.borrow_and_update().is_missing();
        if missing != needed {
            needed = missing;
            kernel.send_replace(Kernel::Awaited);
            following.set(match needed {
                true => uevent::follow(kernel).fuse(),
                false => Fuse::terminated(),
            });
        }
        tokio::select! {
            _ = upower.changed() => {}
            () = &mut following, if !following.is_terminated() => {}
        }
    }
}

/// Returns what is seen; `None` while an account that counts is awaited.
fn facts(upower: &Account<Power>, kernel: &Kernel) -> Option<[Seen; 2]> {
    let (source, power) = match (upower, kernel) {
        (Account::Awaited, _) => return None,
        (Account::Told(power), _) => ("UPower", Ok(*power)),
        (_, Kernel::Awaited) => return None,
        (_, Kernel::Seen(power)) => ("kernel", Ok(*power)),
        (_, Kernel::Lost(error)) => ("kernel", Err(format!("cannot watch power supplies: {error}"))),
    };
    let on_ac = power.as_ref().map(|power| Reading::Is(power.on_ac)).map_err(Clone::clone);
    let battery = power.and_then(|power| match power.battery {
        Some(percent) => Ok(Reading::Percent(percent)),
        None => Err("this machine has no battery".to_owned()),
    });
    Some([
        Seen { kind: FactKind::Battery, value: battery, source },
        Seen { kind: FactKind::OnAc, value: on_ac, source },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_BATTERY: Power = Power { on_ac: false, battery: Some(42) };
    const DESKTOP: Power = Power { on_ac: true, battery: None };

    fn values(upower: &Account<Power>, kernel: &Kernel) -> Option<[Option<Reading>; 2]> {
        facts(upower, kernel).map(|seen| seen.map(|seen| seen.value.ok()))
    }

    #[test]
    fn upower_outranks_the_kernel() {
        let seen = values(&Account::Told(ON_BATTERY), &Kernel::Seen(DESKTOP));
        assert_eq!(seen, Some([Some(Reading::Percent(42)), Some(Reading::Is(false))]));
    }

    #[test]
    fn the_kernel_answers_where_upower_does_not_run() {
        let seen = values(&Account::Absent, &Kernel::Seen(ON_BATTERY));
        assert_eq!(seen, Some([Some(Reading::Percent(42)), Some(Reading::Is(false))]));
        assert_eq!(values(&Account::NoBus, &Kernel::Awaited), None);
        assert_eq!(values(&Account::Awaited, &Kernel::Seen(DESKTOP)), None);
    }

    #[test]
    fn a_machine_without_a_battery_says_so() {
        let [battery, on_ac] = facts(&Account::Told(DESKTOP), &Kernel::Awaited).unwrap();
        assert_eq!(on_ac.value, Ok(Reading::Is(true)));
        assert!(battery.value.unwrap_err().contains("no battery"));
    }

    #[test]
    fn a_lost_kernel_leaves_both_unknown_and_says_why() {
        let lost = Kernel::Lost(std::io::Error::other("no netlink here"));
        let seen = facts(&Account::Absent, &lost).unwrap();
        assert!(seen.iter().all(|seen| seen.value.as_ref().unwrap_err().contains("no netlink here")));
    }
}
