//! The messages' bodies. Times are microseconds since 1970-01-01 00:00 UTC; an optional value is an
//! array of none or one.

use serde::{Deserialize, Serialize};
use zbus::Type;

/// A task as it is to be registered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TaskSpec {
    /// Its name.
    pub name: String,
    /// The group that it belongs to: id and name for people, which may be empty.
    pub group: Option<(String, String)>,
    /// The class that runs it, a GUID.
    pub class_id: String,
    /// Its trigger: `every 15m`, `once 15m`.
    pub trigger: String,
    /// Its condition: `internet and not free-network`; empty for none.
    pub condition: String,
    /// Its policy: `missed=skip slack=30s`; empty for the defaults.
    pub policy: String,
    /// What to do when the package has a task of that name in that group, or in none: `always`, `keep` or `replace`.
    pub mode: String,
}

/// What registering did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Registered {
    /// The task's id.
    pub task_id: String,
    /// `new`, `kept` or `replaced`.
    pub how: String,
    /// What a replaced task has that it had not before: `group`, `class`, `trigger`, `condition`, `policy`.
    pub changed: Vec<String>,
}

/// One task as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TaskInfo {
    /// Its id, a GUID.
    pub task_id: String,
    /// Its name.
    pub name: String,
    /// Its package's family name.
    pub package: String,
    /// The group that it belongs to: id and name.
    pub group: Option<(String, String)>,
    /// The class that runs it.
    pub class_id: String,
    /// Its trigger's text.
    pub trigger: String,
    /// Its condition's text; empty for none.
    pub condition: String,
    /// Its policy's text; empty for the defaults.
    pub policy: String,
    /// `armed`, `held`, `activating`, `running`, `cancelling` or `quarantined`.
    pub state: String,
    /// When its trigger fires next.
    pub next_due: Option<i64>,
    /// The parts of its condition that fail now.
    pub failing: Vec<String>,
    /// What else keeps it from running: `quarantined`, `denied`, `energy_saver`, `memory_short`,
    /// `circling`, `asleep`, `session_ending`, `stopping`.
    pub blocked: Vec<String>,
    /// How many firings wait, and when the first was due.
    pub waiting: Option<(u32, i64)>,
    /// Why what it waits for cannot be seen; empty when it can.
    pub trouble: String,
    /// Since when its firing waits for its condition or for what blocks it.
    pub held_since: Option<i64>,
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// The next attempt after a failure: which one, and when.
    pub retry: Option<(u32, i64)>,
    /// The run that is alive.
    pub instance_id: Option<String>,
    /// When that run's firing was due; the first, if it answers several.
    pub fired_at: Option<i64>,
    /// When that run was entered.
    pub started_at: Option<i64>,
    /// That run's progress.
    pub progress: Option<u32>,
    /// How its last run ended: instance id, outcome, when.
    pub last: Option<(String, String, i64)>,
    /// The latest time of the next firing: it can wait to share a wake-up with others.
    pub next_by: Option<i64>,
}

/// What firing did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Fired {
    /// The task.
    pub task_id: String,
    /// What became of the firing.
    pub state: RunState,
    /// The run that began, or the one whose end is waited for; empty when the task is held.
    pub instance_id: String,
    /// The parts of the condition that fail, when the task is held.
    pub failing: Vec<String>,
    /// What else keeps it from running: `quarantined`, `denied`, `energy_saver`, `memory_short`,
    /// `circling`, `asleep`, `session_ending`, `stopping`.
    pub blocked: Vec<String>,
}

/// What became of a firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum RunState {
    /// A run began.
    Started,
    /// The task waits for its condition.
    Held,
    /// A run is alive; the firing waits for its end.
    AfterThis,
}

/// A run as its task server gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Activation {
    /// The run.
    pub instance_id: String,
    /// Its task.
    pub task_id: String,
    /// The task's name.
    pub name: String,
    /// The task's group: id and name; nothing when the task was unregistered meanwhile.
    pub group: Option<(String, String)>,
    /// The class whose object is to run it.
    pub class_id: String,
    /// The task's trigger; empty when the task was unregistered meanwhile.
    pub trigger: String,
    /// When the trigger fired first.
    pub fired_at: i64,
    /// How many firings it answers.
    pub firings: u32,
    /// What the trigger tells of them: paths, arguments, a device.
    pub details: Vec<String>,
    /// How many more there were than can be told.
    pub left_out: u32,
}

/// A run's new progress value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Progress {
    /// Its task.
    pub task_id: String,
    /// The run.
    pub instance_id: String,
    /// The value.
    pub value: u32,
}

/// The ledger's line on one firing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Entry {
    /// The run; a firing without a run has an id of its own too.
    pub instance_id: String,
    /// Its task.
    pub task_id: String,
    /// The task's name at that time.
    pub name: String,
    /// Its package's family name.
    pub package: String,
    /// When the firing was due.
    pub fired_at: i64,
    /// When `run` was entered.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: i64,
    /// How it ended: `completed`, `failed`, `cancelled`, `killed`, `crashed`, `not_activated`, `lost`,
    /// `skipped`, `dropped` or `coalesced`.
    pub outcome: String,
    /// Why it was cancelled, as WinRT names it.
    pub reason: Option<String>,
    /// The last progress value.
    pub progress: Option<u32>,
    /// How many firings it answers; of those that were skipped, dropped or coalesced, how many there
    /// were.
    pub firings: u32,
    /// How the server's process ended: `exit 3`, `SIGSEGV`.
    pub exit_status: Option<String>,
    /// The task's error, why its activation failed, which run caused its server to be killed, or the
    /// last lines that its server wrote to standard error after it received the run.
    pub message: Option<String>,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PackageInfo {
    /// Its family name.
    pub family_name: String,
    /// Its full name.
    pub full_name: String,
    /// Its name for people.
    pub display_name: String,
    /// Its version.
    pub version: String,
    /// The folder that holds its manifest.
    pub location: String,
    /// Its local folder for data.
    pub local_folder: String,
    /// What the user allows it: `always`, `policy` or `denied`.
    pub access: String,
    /// How it came to be known: `added`, `installed` or `beside` its executable.
    pub origin: String,
    /// Its task servers.
    pub servers: Vec<ServerInfo>,
    /// How many tasks it has.
    pub tasks: u32,
    /// What is wrong with it now; empty when nothing is.
    pub problem: String,
}

/// One executable of a package that makes classes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ServerInfo {
    /// The executable's path.
    pub executable: String,
    /// Its arguments.
    pub arguments: String,
    /// The classes: id and display name.
    pub classes: Vec<(String, String)>,
}

/// Who the caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Identity {
    /// Its package's family name.
    pub family_name: String,
    /// Its package's full name.
    pub full_name: String,
    /// The package's folder.
    pub location: String,
    /// Its local folder for data.
    pub local_folder: String,
    /// What the user allows it: `always`, `policy` or `denied`.
    pub access: String,
}

/// One fact and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FactInfo {
    /// Its name.
    pub name: String,
    /// Its value, or nothing when it is unknown: `on`, `off`, `80%`.
    pub value: Option<String>,
    /// What it counts as now, known or not.
    pub counts_as: String,
    /// Whether it was pinned to that value instead of observed.
    pub pinned: bool,
    /// Who says so; empty when nobody has yet.
    pub source: String,
    /// Since when.
    pub since: Option<i64>,
    /// Why it is unknown; empty when it is known.
    pub why: String,
}

/// The broker about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BrokerInfo {
    /// Its version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// Its executable.
    pub executable: String,
    /// When it started.
    pub started_at: i64,
    /// Where its configuration is.
    pub config: String,
    /// Where its store is.
    pub store: String,
    /// How many tasks are registered.
    pub tasks: u32,
    /// How many packages are known.
    pub packages: u32,
    /// Why nothing can be recorded; empty while it can.
    pub store_problem: String,
}

/// What to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub enum Watched {
    /// The caller's own package.
    Own,
    /// All packages of the user.
    All,
}
