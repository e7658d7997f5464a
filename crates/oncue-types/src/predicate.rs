//! The predicates of conditions: those of WinRT's `SystemConditionType`, and more.

use alloc::string::String;
use core::fmt;

use crate::cost::WorkCost;
use crate::fact::{FactKind, Facts};

/// Defines the predicates that are a single word: each with its word, what it states, the facts that it
/// depends on, and how it is judged by them.
macro_rules! predicates {
    ($($predicate:ident, $word:literal, $states:literal, [$($fact:ident),*], |$facts:ident| $holds:expr;)*) => {
        /// A statement about the facts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Predicate {
            $(#[doc = concat!("It states: ", $states, ".")] $predicate,)*
            /// The battery is more than this many percent full.
            BatteryAbove(u8),
        }

        impl Predicate {
            /// All predicates that are a single word without a number.
            pub const PLAIN: [Self; [$($word),*].len()] = [$(Self::$predicate),*];

            /// Returns what it states, with `N` in place of a number.
            #[must_use]
            pub const fn states(self) -> &'static str {
                match self {
                    $(Self::$predicate => $states,)*
                    Self::BatteryAbove(_) => "the battery is more than N percent full",
                }
            }

            /// Returns the facts that it depends on.
            #[must_use]
            pub const fn facts(self) -> &'static [FactKind] {
                match self {
                    $(Self::$predicate => &[$(FactKind::$fact),*],)*
                    Self::BatteryAbove(_) => &[FactKind::Battery],
                }
            }

            /// Returns whether it is true according to the facts.
            #[must_use]
            pub fn holds(self, facts: &Facts) -> bool {
                match self {
                    $(Self::$predicate => {
                        let $facts = facts;
                        $holds
                    })*
                    Self::BatteryAbove(percent) => facts.percent(FactKind::Battery) > percent,
                }
            }

            /// Returns its word, without the number.
            const fn word(self) -> &'static str {
                match self {
                    $(Self::$predicate => $word,)*
                    Self::BatteryAbove(_) => BATTERY_ABOVE,
                }
            }
        }
    };
}

predicates! {
    Internet, "internet", "the internet is reachable",
        [Internet], |facts| facts.holds(FactKind::Internet);
    NoInternet, "no-internet", "the internet is not reachable",
        [Internet], |facts| !facts.holds(FactKind::Internet);
    FreeNetwork, "free-network", "the internet is reachable over a connection that is not metered",
        [Internet, FreeNetwork], |facts| facts.holds(FactKind::Internet) && facts.holds(FactKind::FreeNetwork);
    UserPresent, "user-present", "the session is in use",
        [UserPresent], |facts| facts.holds(FactKind::UserPresent);
    UserNotPresent, "user-not-present", "the session is idle or locked",
        [UserPresent], |facts| !facts.holds(FactKind::UserPresent);
    SessionConnected, "session-connected", "the user's session is in the foreground",
        [SessionConnected], |facts| facts.holds(FactKind::SessionConnected);
    SessionDisconnected, "session-disconnected", "the user's session is not in the foreground",
        [SessionConnected], |facts| !facts.holds(FactKind::SessionConnected);
    WorkCostNotHigh, "work-cost-not-high", "the machine is on external power, or the user is present",
        [OnAc, UserPresent], |facts| facts.work_cost() != WorkCost::High;
    Ac, "ac", "the machine is on external power",
        [OnAc], |facts| facts.holds(FactKind::OnAc);
    BatteryNotLow, "battery-not-low", "the machine is on external power, or its battery is at least 20 percent full",
        [OnAc, Battery], |facts| !facts.battery_is_low();
    StorageNotLow, "storage-not-low", "the disk with the user's state has enough free space",
        [StorageNotLow], |facts| facts.holds(FactKind::StorageNotLow);
}

/// The beginning of the text form of [`Predicate::BatteryAbove`].
const BATTERY_ABOVE: &str = "battery-above-";

impl Predicate {
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
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        if let Self::BatteryAbove(percent) = self {
            write!(f, "{percent}")?;
        }
        Ok(())
    }
}
