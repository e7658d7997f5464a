//! When a signal comes over a message bus.

/// Wakes a task when a signal comes over a message bus. WinRT has no counterpart; refused on Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusSignalTrigger {
    bus: Bus,
    rule: String,
}

/// A message bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bus {
    /// That of the user's session.
    Session,
    /// That of the machine.
    System,
}

impl BusSignalTrigger {
    /// Makes a trigger for the signals that a match rule selects, as
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
