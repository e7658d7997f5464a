//! Values derived from several facts: the cost of background work, and whether the battery is low.

use crate::fact::{FactKind, Facts};
use crate::reading::Reading;

/// The cost of background work, like WinRT's `BackgroundWorkCostValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkCost {
    /// On external power: no restrictions.
    Low,
    /// On battery, with the user present.
    Medium,
    /// On battery without the user: only necessary work.
    High,
}

/// A battery with less than this percentage is low, as in upower's default.
const LOW_BATTERY: u8 = 20;

impl Facts {
    /// Returns the cost of background work: low on external power, medium on battery while the user
    /// is present, high on battery otherwise.
    #[must_use]
    pub fn work_cost(&self) -> WorkCost {
        match (self.holds(FactKind::OnAc), self.holds(FactKind::UserPresent)) {
            (true, _) => WorkCost::Low,
            (false, true) => WorkCost::Medium,
            (false, false) => WorkCost::High,
        }
    }

    /// Returns whether the machine is on battery and the battery is low.
    #[must_use]
    pub fn battery_is_low(&self) -> bool {
        !self.holds(FactKind::OnAc)
            && matches!(self.reading(FactKind::Battery), Reading::Percent(0..LOW_BATTERY))
    }
}
