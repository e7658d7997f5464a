//! The names shared by all processes: object paths, interfaces, arguments and environment
//! variables.

/// The broker's object.
pub const BROKER_PATH: &str = "/org/oncue/Broker1";
/// The broker's interface for apps, tools and task servers.
pub const BROKER_INTERFACE: &str = "org.oncue.Broker1";
/// A task server's object, at its end of the connection.
pub const SERVER_PATH: &str = "/org/oncue/TaskServer1";
/// The interface of task servers for the broker.
pub const SERVER_INTERFACE: &str = "org.oncue.TaskServer1";

/// The environment variable for a single folder that contains all of oncue's folders.
pub const HOME_VARIABLE: &str = "ONCUE_HOME";
/// The environment variable for a started server's one-time token.
pub const TOKEN_VARIABLE: &str = "ONCUE_ACTIVATION_TOKEN";
/// The environment variable that marks the processes of a command's run.
pub const RUN_TOKEN_VARIABLE: &str = "ONCUE_RUN_TOKEN";
/// The environment variable that tells a command the name of its task.
pub const TASK_VARIABLE: &str = "ONCUE_TASK";
/// The environment variable that tells a command the id of its task.
pub const TASK_ID_VARIABLE: &str = "ONCUE_TASK_ID";
/// The environment variable that tells a command the id of its run.
pub const INSTANCE_VARIABLE: &str = "ONCUE_INSTANCE";
/// The environment variable that tells a command its trigger.
pub const TRIGGER_VARIABLE: &str = "ONCUE_TRIGGER";
/// The environment variable that tells a command how many firings its run answers.
pub const FIRINGS_VARIABLE: &str = "ONCUE_FIRINGS";
/// The environment variable that tells a command the path of the JSON file that describes its run.
pub const CARD_VARIABLE: &str = "ONCUE_RUN";
/// The environment variable that tells a command the path of `oncue`.
pub const PROGRAM_VARIABLE: &str = "ONCUE";
/// The environment variable for the `oncue` to start as the broker, instead of one in `PATH`.
pub const BROKER_VARIABLE: &str = "ONCUE_BROKER";
/// The first argument with which a program that embeds the broker runs it.
pub const EMBEDDED_ARGUMENT: &str = "--oncue-broker";
/// The argument that follows when the service starts the broker at log-in.
pub const SERVICE_ARGUMENT: &str = "--from-service";
/// The first argument with which a program that uses the SDK's `App` serves its tasks.
pub const SERVE_ARGUMENT: &str = "--oncue-serve";
/// The first argument with which a program that uses the SDK's `App` prints its `AppxManifest.xml`
/// and exits.
pub const MANIFEST_ARGUMENT: &str = "--oncue-manifest";
/// The suffix of the manifest of a single program, after the program's file name. This manifest is
/// used if there is no `AppxManifest.xml` in the program's folder.
pub const PROGRAM_MANIFEST_SUFFIX: &str = ".AppxManifest.xml";
/// Written to standard output by a broker that was started by another program, once it can be
/// reached.
pub const READY: &str = "ready";
/// Written instead when the broker cannot start; the reason follows. See [`crate::starting`].
pub const FAILED: &str = "failed";
