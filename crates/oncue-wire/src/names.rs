//! The names that processes agree on: object paths, interfaces, arguments and environment.

/// The broker's object.
pub const BROKER_PATH: &str = "/org/oncue/Broker1";
/// What apps, tools and task servers ask the broker.
pub const BROKER_INTERFACE: &str = "org.oncue.Broker1";
/// A task server's object, at its end of the connection.
pub const SERVER_PATH: &str = "/org/oncue/TaskServer1";
/// What the broker asks of a task server.
pub const SERVER_INTERFACE: &str = "org.oncue.TaskServer1";

/// The environment variable that puts all of oncue's folders below one.
pub const HOME_VARIABLE: &str = "ONCUE_HOME";
/// The environment variable that carries a started server's one-time token.
pub const TOKEN_VARIABLE: &str = "ONCUE_ACTIVATION_TOKEN";
/// The environment variable that names the `oncue` to start as the broker, instead of one in `PATH`.
pub const BROKER_VARIABLE: &str = "ONCUE_BROKER";
/// The first argument with which a program that embeds the broker becomes the broker.
pub const EMBEDDED_ARGUMENT: &str = "--oncue-broker";
/// What a broker that was started by another program writes to its standard output once it can be asked.
pub const READY: &str = "ready";
/// Written instead when the broker cannot start; the reason follows. See [`crate::starting`].
pub const FAILED: &str = "failed";

/// What the broker asks of a task server.
pub mod server {
    /// Run an instance: [`crate::Activation`].
    pub const RUN: &str = "Run";
    /// Cancel an instance: instance id, reason's number.
    pub const CANCEL: &str = "Cancel";
}

/// What the broker tells those who watch.
pub mod signal {
    /// A task was registered, replaced, held, armed or has begun a run: task id.
    pub const TASK_CHANGED: &str = "TaskChanged";
    /// A task is no longer registered: task id.
    pub const TASK_REMOVED: &str = "TaskRemoved";
    /// A run was entered: task id, instance id.
    pub const RUN_ENTERED: &str = "RunEntered";
    /// A run has a new progress value: [`crate::Progress`].
    pub const PROGRESS: &str = "Progress";
    /// A firing has ended: [`crate::Entry`].
    pub const ENDED: &str = "Ended";
}
