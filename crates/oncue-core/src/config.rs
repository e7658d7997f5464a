//! Settings and limits, which the user and the program can set.

use core::time::Duration;

use oncue_types::Notify;

/// The user's settings for time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The minimum minutes of a `TimeTrigger`; 15 on Windows.
    pub min_minutes: u32,
    /// The maximum minutes of a `TimeTrigger`; 43,199 on Windows.
    pub max_minutes: u32,
    /// How long a firing may be delayed so that wake-ups coincide.
    pub slack: Duration,
    /// How much time a cancelled run has before its process tree is killed.
    pub grace: Duration,
    /// How long a started server may take to register its class object.
    pub activation_timeout: Duration,
    /// After how many activations in a row that crash or never register the class a task is
    /// quarantined; 0 means never.
    pub strikes: u32,
    /// Whether a broker has to start at log-in while there are tasks.
    pub starts_at_log_in: bool,
    /// Whether the broker leaves when nobody needs it.
    pub leaves: bool,
    /// How long after the last task the broker is no longer needed.
    pub stay: Duration,
    /// When the user is notified about runs of tasks that do not say so themselves.
    pub notify: Notify,
    /// The limits on what clients can make the broker hold.
    pub limits: Limits,
}

/// The limits on what clients can make the broker hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters in a task's name, a group's id and a group's name.
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
            notify: Notify::Never,
            starts_at_log_in: false,
            leaves: false,
            stay: Duration::from_secs(60),
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
