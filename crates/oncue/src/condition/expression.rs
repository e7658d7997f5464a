//! Conditions beyond WinRT's eight, and combinations of conditions.

use std::fmt;
use std::ops::Not;

use super::sealed::Text;
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
pub struct Condition {
    text: String,
    joint: Joint,
}

/// How the parts of a condition are joined, so that only necessary parentheses are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    One,
    All,
    Any,
}

impl Condition {
    /// Creates one of WinRT's conditions.
    #[must_use]
    pub fn is(condition_type: SystemConditionType) -> Self {
        Self::one(SystemCondition::new(condition_type).text())
    }

    /// The machine is on external power.
    #[must_use]
    pub fn on_ac() -> Self {
        Self::one("ac")
    }

    /// The machine is on external power, or its battery is at least 20 percent full.
    #[must_use]
    pub fn battery_not_low() -> Self {
        Self::one("battery-not-low")
    }

    /// The battery is more than this many percent full, 0 to 99. A machine without a battery counts
    /// as full.
    #[must_use]
    pub fn battery_above(percent: u8) -> Self {
        Self::one(format!("battery-above-{percent}"))
    }

    /// The disk with the user's state has enough free space.
    #[must_use]
    pub fn storage_not_low() -> Self {
        Self::one("storage-not-low")
    }

    /// Requires both conditions to hold.
    #[must_use]
    pub fn and(self, other: impl Into<Self>) -> Self {
        self.join(Joint::All, &other.into())
    }

    /// Requires at least one of the conditions to hold.
    #[must_use]
    pub fn or(self, other: impl Into<Self>) -> Self {
        self.join(Joint::Any, &other.into())
    }

    fn one(text: impl Into<String>) -> Self {
        Self { text: text.into(), joint: Joint::One }
    }

    fn join(self, joint: Joint, other: &Self) -> Self {
        let word = if joint == Joint::All { "and" } else { "or" };
        let text = format!("{} {word} {}", self.within(joint), other.within(joint));
        Self { text, joint }
    }

    /// Returns the text as part of a longer one.
    fn within(&self, joint: Joint) -> String {
        if self.joint == Joint::One || self.joint == joint {
            self.text.clone()
        } else {
            format!("({})", self.text)
        }
    }
}

impl Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        Self::one(format!("not {}", self.within(Joint::One)))
    }
}

impl From<SystemCondition> for Condition {
    fn from(condition: SystemCondition) -> Self {
        Self::one(condition.text())
    }
}

/// Displays the condition in `oncue`'s text form.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl BackgroundCondition for Condition {}

impl Text for Condition {
    fn text(&self) -> String {
        // All of a task's conditions are joined by `and`.
        self.within(Joint::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let ac = Condition::on_ac;
        let any = ac().or(Condition::storage_not_low());
        assert_eq!(any.text(), "(ac or storage-not-low)");
        assert_eq!(any.clone().or(ac()).to_string(), "ac or storage-not-low or ac");
        assert_eq!((!any.clone()).text(), "not (ac or storage-not-low)");
        assert_eq!((!!ac()).text(), "not not ac");
        assert_eq!(ac().and(any).text(), "ac and (ac or storage-not-low)");
        let user = SystemCondition::new(SystemConditionType::UserPresent);
        assert_eq!(ac().and(user).or(ac()).text(), "((ac and user-present) or ac)");
    }
}
