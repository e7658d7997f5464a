//! A trigger that fires on a D-Bus signal.

use std::sync::Arc;

use oncue_types::{Trigger, Watch};

/// Wakes a task on a D-Bus signal. WinRT has no counterpart; refused on Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusSignalTrigger {
    bus: Bus,
    rule: String,
}

pub use oncue_types::Bus;

impl BusSignalTrigger {
    /// Creates a trigger for the signals that match a rule, such as
    /// `type='signal',interface='org.example.Player'`. See *D-Bus Specification*, *Match Rules*.
    #[must_use]
    pub fn new(bus: Bus, rule: impl Into<String>) -> Self {
        Self { bus, rule: rule.into() }
    }
}

super::trigger!(BusSignalTrigger, trigger => {
    Trigger::Watch(Arc::new(Watch::Bus { bus: trigger.bus, rule: trigger.rule.clone() }))
});
