//! Conditions beyond WinRT's eight, and combinations of conditions.

use std::fmt;
use std::ops::Not;

use oncue_types::Predicate;

use super::sealed::Meaning;
use super::{BackgroundCondition, SystemCondition, SystemConditionType};

/// A combination of conditions, or a condition that WinRT does not have; refused on Windows.
///
/// ```
/// use oncue::{Condition, SystemConditionType::{InternetAvailable, UserNotPresent}};
///
/// let cheap = Condition::on_ac().or(Condition::battery_above(50));
/// let condition = Condition::is(InternetAvailable).and(cheap).and(!Condition::is(UserNotPresent));
/// assert_eq!(condition.to_string(), "internet and (ac or battery-above-50) and not user-not-present");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(oncue_types::Condition);

impl Condition {
    /// Creates one of WinRT's conditions.
    #[must_use]
    pub fn is(condition_type: SystemConditionType) -> Self {
        Self::one(condition_type.predicate())
    }

    /// The machine is on external power.
    #[must_use]
    pub fn on_ac() -> Self {
        Self::one(Predicate::Ac)
    }

    /// The machine is on external power, or its battery is at least 20 percent full.
    #[must_use]
    pub fn battery_not_low() -> Self {
        Self::one(Predicate::BatteryNotLow)
    }

    /// The battery is more than this many percent full, 0 to 99. A machine without a battery counts
    /// as full.
    #[must_use]
    pub fn battery_above(percent: u8) -> Self {
        Self::one(Predicate::BatteryAbove(percent))
    }

    /// The disk with the user's state has enough free space.
    #[must_use]
    pub fn storage_not_low() -> Self {
        Self::one(Predicate::StorageNotLow)
    }

    /// Requires both conditions to hold.
    #[must_use]
    pub fn and(self, other: impl Into<Self>) -> Self {
        Self(self.0.and(other.into().0))
    }

    /// Requires at least one of the conditions to hold.
    #[must_use]
    pub fn or(self, other: impl Into<Self>) -> Self {
        Self(self.0.or(other.into().0))
    }

    fn one(predicate: Predicate) -> Self {
        Self(oncue_types::Condition::Is(predicate))
    }
}

impl Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        Self(oncue_types::Condition::Not(Box::new(self.0)))
    }
}

impl From<SystemCondition> for Condition {
    fn from(condition: SystemCondition) -> Self {
        Self(condition.meaning())
    }
}

/// Displays the condition in `oncue`'s text form.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl BackgroundCondition for Condition {}

impl Meaning for Condition {
    fn meaning(&self) -> oncue_types::Condition {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_where_they_are_alike() {
        let ac = Condition::on_ac;
        let any = ac().or(Condition::storage_not_low());
        assert_eq!(any.clone().or(ac()).to_string(), "ac or storage-not-low or ac");
        assert_eq!((!any.clone()).to_string(), "not (ac or storage-not-low)");
        assert_eq!((!!ac()).to_string(), "not not ac");
        assert_eq!(ac().and(any).to_string(), "ac and (ac or storage-not-low)");
        let user = SystemCondition::new(SystemConditionType::UserPresent);
        assert_eq!(ac().and(user).or(ac()).to_string(), "(ac and user-present) or ac");
    }
}
