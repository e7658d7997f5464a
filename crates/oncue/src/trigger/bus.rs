//! A trigger that fires on a D-Bus signal.

/// Wakes a task on a D-Bus signal. WinRT has no counterpart; refused on Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusSignalTrigger {
    bus: Bus,
    rule: String,
}

/// A message bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bus {
    /// The bus of the user's session.
    Session,
    /// The bus of the machine.
    System,
}

impl BusSignalTrigger {
    /// Creates a trigger for the signals that match a rule, such as
    /// `type='signal',interface='org.example.Player'`. See *D-Bus Specification*, *Match Rules*.
    #[must_use]
    pub fn new(bus: Bus, rule: impl Into<String>) -> Self {
        Self { bus, rule: rule.into() }
    }
}

super::trigger!(BusSignalTrigger, trigger => {
    let bus = match trigger.bus {
        Bus::Session => "session",
        Bus::System => "system",
    };
    format!("bus {bus} {}", trigger.rule)
});
