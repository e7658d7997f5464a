//! The numbers that the user and the program may set: settings and limits.

use core::time::Duration;

/// What the user may configure about time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The least `TimeTrigger` minutes; Windows gives 15.
    pub min_minutes: u32,
    /// The most `TimeTrigger` minutes; Windows gives 43,199.
    pub max_minutes: u32,
    /// How much a firing may be delayed so that wake-ups coincide.
    pub slack: Duration,
    /// How long a cancelled run has before its process tree is killed.
    pub grace: Duration,
    /// How long a started server has to register the class object that is waited for.
    pub activation_timeout: Duration,
    /// After how many activations in a row that crash or never register a task is quarantined; 0 for
    /// never.
    pub strikes: u32,
    /// The limits of what clients can make the broker hold.
    pub limits: Limits,
}

/// The limits of what clients can make the broker hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of a task's name, of a group's id and of a group's name.
    pub name_length: usize,
    /// Tasks of one package.
    pub tasks_per_package: usize,
    /// Tasks of all packages.
    pub tasks: usize,
    /// Packages.
    pub packages: usize,
    /// Class objects of one server.
    pub classes_per_server: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_minutes: 15,
            max_minutes: 43_199,
            slack: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            activation_timeout: Duration::from_secs(30),
            strikes: 5,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            name_length: 256,
            tasks_per_package: 10_000,
            tasks: 100_000,
            packages: 1_000,
            classes_per_server: 1_000,
        }
    }
}
