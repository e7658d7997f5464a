//! The predicates of conditions: those of WinRT's `SystemConditionType`, and more.

use alloc::string::String;
use core::fmt;

use crate::cost::WorkCost;
use crate::fact::{FactKind, Facts};

/// A statement about the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Predicate {
    /// `InternetAvailable`: the internet is reachable.
    Internet,
    /// `InternetNotAvailable`: the internet is not reachable.
    NoInternet,
    /// `FreeNetworkAvailable`: the internet is reachable over a connection that is not metered.
    FreeNetwork,
    /// `UserPresent`: the session is in use.
    UserPresent,
    /// `UserNotPresent`: the session is idle or locked.
    UserNotPresent,
    /// `SessionConnected`: the user's session is in the foreground.
    SessionConnected,
    /// `SessionDisconnected`: the user's session is not in the foreground.
    SessionDisconnected,
    /// `BackgroundWorkCostNotHigh`: on external power, or the user is present.
    WorkCostNotHigh,
    /// On external power.
    Ac,
    /// The battery is at least 20 percent full, or charging.
    BatteryNotLow,
    /// The battery is more than this many percent full.
    BatteryAbove(u8),
    /// The disk has enough free space.
    StorageNotLow,
}

/// The beginning of the text form of [`Predicate::BatteryAbove`].
const BATTERY_ABOVE: &str = "battery-above-";

impl Predicate {
    /// All predicates that are a single word without a number.
    pub const PLAIN: [Self; 11] = [
        Self::Internet,
        Self::NoInternet,
        Self::FreeNetwork,
        Self::UserPresent,
        Self::UserNotPresent,
        Self::SessionConnected,
        Self::SessionDisconnected,
        Self::WorkCostNotHigh,
        Self::Ac,
        Self::BatteryNotLow,
        Self::StorageNotLow,
    ];

    /// Returns the words for all predicates, with `N` in place of a number.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::PLAIN.into_iter().map(Self::word).chain(["battery-above-N"])
    }

    /// Parses a word of the text form; the error says what is wrong with it.
    pub(crate) fn read(word: &str) -> Result<Self, String> {
        if let Some(known) = Self::PLAIN.into_iter().find(|known| known.word() == word) {
            return Ok(known);
        }
        match word.strip_prefix(BATTERY_ABOVE) {
            Some(number) => {
                (number.parse().ok().filter(|percent| *percent < 100)).map(Self::BatteryAbove).ok_or_else(
                    || alloc::format!("`{number}` is not a valid percentage: it must be from 0 to 99"),
                )
            }
            None => Err(alloc::format!("no condition is called `{word}`")),
        }
    }

    /// Returns the facts that it depends on.
    #[must_use]
    pub const fn facts(self) -> &'static [FactKind] {
        match self {
            Self::Internet | Self::NoInternet => &[FactKind::Internet],
            Self::FreeNetwork => &[FactKind::Internet, FactKind::FreeNetwork],
            Self::UserPresent | Self::UserNotPresent => &[FactKind::UserPresent],
            Self::SessionConnected | Self::SessionDisconnected => &[FactKind::SessionConnected],
            Self::WorkCostNotHigh => &[FactKind::OnAc, FactKind::UserPresent],
            Self::Ac => &[FactKind::OnAc],
            Self::BatteryNotLow => &[FactKind::OnAc, FactKind::Battery],
            Self::BatteryAbove(_) => &[FactKind::Battery],
            Self::StorageNotLow => &[FactKind::StorageNotLow],
        }
    }

    pub(crate) fn holds(self, facts: &Facts) -> bool {
        match self {
            Self::Internet => facts.holds(FactKind::Internet),
            Self::NoInternet => !facts.holds(FactKind::Internet),
            Self::FreeNetwork => facts.holds(FactKind::Internet) && facts.holds(FactKind::FreeNetwork),
            Self::UserPresent => facts.holds(FactKind::UserPresent),
            Self::UserNotPresent => !facts.holds(FactKind::UserPresent),
            Self::SessionConnected => facts.holds(FactKind::SessionConnected),
            Self::SessionDisconnected => !facts.holds(FactKind::SessionConnected),
            Self::WorkCostNotHigh => facts.work_cost() != WorkCost::High,
            Self::Ac => facts.holds(FactKind::OnAc),
            Self::BatteryNotLow => !facts.battery_is_low(),
            Self::BatteryAbove(percent) => facts.percent(FactKind::Battery) > percent,
            Self::StorageNotLow => facts.holds(FactKind::StorageNotLow),
        }
    }

    /// Returns its word, without the number.
    const fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::NoInternet => "no-internet",
            Self::FreeNetwork => "free-network",
            Self::UserPresent => "user-present",
            Self::UserNotPresent => "user-not-present",
            Self::SessionConnected => "session-connected",
            Self::SessionDisconnected => "session-disconnected",
            Self::WorkCostNotHigh => "work-cost-not-high",
            Self::Ac => "ac",
            Self::BatteryNotLow => "battery-not-low",
            Self::BatteryAbove(_) => BATTERY_ABOVE,
            Self::StorageNotLow => "storage-not-low",
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::BatteryAbove(percent) => write!(f, "{percent}"),
            Self::Internet
            | Self::NoInternet
            | Self::FreeNetwork
            | Self::UserPresent
            | Self::UserNotPresent
            | Self::SessionConnected
            | Self::SessionDisconnected
            | Self::WorkCostNotHigh
            | Self::Ac
            | Self::BatteryNotLow
            | Self::StorageNotLow => Ok(()),
        }
    }
}
