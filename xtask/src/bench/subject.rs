//! What is measured: the peers, and oncue itself.

/// One thing that is measured; each sample is a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// 64 bytes there and back over a Unix socket between two processes.
    Socket,
    /// Starting `/bin/true` and waiting for its end.
    Spawn,
    /// Adding one row to an SQLite database, on the disk before the call returns.
    Commit,
    /// A method call and its reply through dbus-daemon, the server up.
    BusWarm,
    /// The same call when dbus-daemon must start the server first.
    BusCold,
    /// From a firing to `run` entered, the task server up.
    OursWarm,
    /// From a firing to `run` entered, the task server not running.
    OursCold,
    /// From a firing to `run` entered, the task server up, the broker's store in memory.
    OursWarmNoDisk,
    /// From a client's call that fires to `run` entered, the task server up.
    OursCallWarm,
    /// The same, the task server not running.
    OursCallCold,
    /// Registering one task, on the disk before the call returns.
    OursRegister,
    /// Registering one task of a thousand that are registered at once.
    OursRegisterEach,
    /// A client's call that the broker answers from memory.
    OursCall,
    /// The same call beside ten hostile clients that have another CPU.
    OursCallBesideHostile,
    /// The same call beside ten hostile clients on the CPU of the client and the broker.
    OursCallAmongHostile,
}

impl Subject {
    /// How the report calls it.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Socket => "Unix socket round trip, 64 bytes",
            Self::Spawn => "spawn and wait of /bin/true",
            Self::Commit => "SQLite commit, WAL, FULL",
            Self::BusWarm => "dbus-daemon call, server up",
            Self::BusCold => "dbus-daemon call, server activated",
            Self::OursWarm => "oncue firing to run, server up",
            Self::OursCold => "oncue firing to run, server activated",
            Self::OursWarmNoDisk => "the same, the store in memory",
            Self::OursCallWarm => "oncue call to run, server up",
            Self::OursCallCold => "oncue call to run, server activated",
            Self::OursRegister => "oncue register",
            Self::OursRegisterEach => "oncue register, each of 1,000",
            Self::OursCall => "oncue call",
            Self::OursCallBesideHostile => "the same, ten hostile, other CPU",
            Self::OursCallAmongHostile => "the same, ten hostile, same CPU",
        }
    }
}
