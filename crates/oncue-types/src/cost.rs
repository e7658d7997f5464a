//! What follows from several facts: how costly background work is, and whether the battery is low.

use crate::fact::{FactKind, Facts};
use crate::reading::Reading;

/// How costly background work is now, as WinRT's `BackgroundWorkCostValue` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkCost {
    /// On external power: work as you like.
    Low,
    /// On battery, with the user present.
    Medium,
    /// On battery and alone: only what must be done.
    High,
}

/// Below this many percent a battery is low, as upower's own default has it.
const LOW_BATTERY: u8 = 20;

impl Facts {
    /// Returns how costly background work is now: low on external power, medium on battery while
    /// the user is present, high on battery alone.
    #[must_use]
    pub fn work_cost(&self) -> WorkCost {
        match (self.holds(FactKind::OnAc), self.holds(FactKind::UserPresent)) {
            (true, _) => WorkCost::Low,
            (false, true) => WorkCost::Medium,
            (false, false) => WorkCost::High,
        }
    }

    /// Returns whether the machine runs on a battery that is nearly empty.
    #[must_use]
    pub fn battery_is_low(&self) -> bool {
        !self.holds(FactKind::OnAc)
            && matches!(self.reading(FactKind::Battery), Reading::Percent(0..LOW_BATTERY))
    }
}
