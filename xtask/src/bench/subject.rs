//! What is measured: the peers, and oncue itself.

/// One thing that is measured; each sample is a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// 64 bytes in both directions over a Unix socket between two processes.
    Socket,
    /// Starting `/bin/true` and waiting for its end.
    Spawn,
    /// Adding one row to an SQLite database, durable before the call returns.
    Commit,
    /// A method call and its reply through dbus-daemon, with the server running.
    BusWarm,
    /// The same call if dbus-daemon must first start the server.
    BusCold,
    /// From a firing until `run` is entered, with the task server running.
    OursWarm,
    /// From a firing until `run` is entered, without a running task server.
    OursCold,
    /// From a firing until `run` is entered, with the task server running and the broker's store in
    /// memory.
    OursWarmNoDisk,
    /// From a client's call that fires until `run` is entered, with the task server running.
    OursCallWarm,
    /// The same, without a running task server.
    OursCallCold,
    /// From a firing until the process of a command exists.
    OursCommand,
    /// Registering one task, durable before the call returns.
    OursRegister,
    /// Registering one of a thousand tasks that are registered at the same time.
    OursRegisterEach,
    /// A client's call that the broker answers from memory.
    OursCall,
    /// The same call beside ten hostile clients that have another CPU.
    OursCallBesideHostile,
    /// The same call beside ten hostile clients on the CPU of the client and the broker.
    OursCallAmongHostile,
}

impl Subject {
    /// Its name in the report.
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
            Self::OursCommand => "oncue firing to exec of a command",
            Self::OursRegister => "oncue register",
            Self::OursRegisterEach => "oncue register, each of 1,000",
            Self::OursCall => "oncue call",
            Self::OursCallBesideHostile => "the same, ten hostile, other CPU",
            Self::OursCallAmongHostile => "the same, ten hostile, same CPU",
        }
    }
}
