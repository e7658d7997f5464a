//! All refusals of the broker, each with the facts and a way out.

use alloc::string::String;
use core::time::Duration;

use crate::command::CommandError;
use crate::fact::FactKind;
use crate::family_name::FamilyName;
use crate::guid::Guid;
use crate::id::{InstanceId, TaskId};
use crate::reading::Reading;
use crate::span::show_span;
use crate::trigger::PathError;
use crate::version::Version;

/// A refusal, with what the caller needs to know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no task with this id.
    #[error("no task {0} is registered")]
    UnknownTask(TaskId),
    /// There is no package with this family name.
    #[error("there is no package {0}")]
    UnknownPackage(FamilyName),
    /// The package's manifest does not declare the class.
    #[error("package {package} does not declare class {class}")]
    ClassNotDeclared {
        /// The class.
        class: Guid,
        /// The package.
        package: FamilyName,
    },
    /// A name is empty.
    #[error("{what} is empty")]
    NameEmpty {
        /// Which name: `the task's name`, `the group's id`.
        what: &'static str,
    },
    /// A name is too long.
    #[error("{what} is too long: {length} characters (limit: {limit})")]
    NameTooLong {
        /// Which name.
        what: &'static str,
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A name contains control characters.
    #[error("{what} contains a control character at position {}", at + 1)]
    NameUnprintable {
        /// Which name.
        what: &'static str,
        /// The position, in characters from 0.
        at: usize,
    },
    /// The name of a command's task contains a slash.
    #[error("the task's name `{name}` contains a slash")]
    NameHasSlash {
        /// The name.
        name: String,
    },
    /// The task of a class has a priority, which only commands have.
    #[error("the task has the priority `normal`, but task servers always run in the background")]
    ServerPriority,
    /// There is a task of this name.
    #[error("task {name} is already registered")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The command that the task would follow does not exist.
    #[error("there is no command {name} to run after")]
    NothingToFollow {
        /// Its name.
        name: String,
    },
    /// The task would follow itself.
    #[error("the chain would be a circle: {chain}")]
    ChainCircle {
        /// The names: `a after b after a`.
        chain: String,
    },
    /// The command cannot be started.
    #[error("the command cannot be started: {source}")]
    Command {
        /// The reason.
        source: CommandError,
    },
    /// The task belongs to an app.
    #[error("task {name} belongs to package {package}, which registered it")]
    NotACommand {
        /// The task's name.
        name: String,
        /// Its package.
        package: FamilyName,
    },
    /// The minutes of a `TimeTrigger` are out of range.
    #[error("the trigger's interval is {minutes} minutes; it must be from {min} to {max}")]
    FreshnessOutOfRange {
        /// The requested value.
        minutes: u32,
        /// The minimum.
        min: u32,
        /// The maximum.
        max: u32,
    },
    /// A value in the task's policy is out of range.
    #[error("{field} is {value}; it must be from {least} to {most}")]
    PolicyOutOfRange {
        /// The field: `time-limit`, `retry`'s attempts.
        field: &'static str,
        /// The requested value.
        value: String,
        /// The minimum.
        least: String,
        /// The maximum.
        most: String,
    },
    /// The trigger's path cannot exist.
    #[error("path `{path}`: {source}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        source: PathError,
    },
    /// A limit would be exceeded.
    #[error("too many {what} (limit: {limit})")]
    TooMany {
        /// What there would be too many of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The task has neither a run nor a held firing.
    #[error("task {name} is neither running nor held")]
    NotActive {
        /// The task's name.
        name: String,
    },
    /// No command with this run is running.
    #[error("no command is running as run {instance}")]
    NoSuchRun {
        /// The run.
        instance: InstanceId,
    },
    /// The task is not quarantined.
    #[error("task {name} is not quarantined")]
    NotQuarantined {
        /// The task's name.
        name: String,
    },
    /// The end of a pause is not in the future.
    #[error("a pause must end in the future, but this end was {} ago", show_span(*ago))]
    PauseEnded {
        /// How long ago the requested end was.
        ago: Duration,
    },
    /// A newer version is already installed.
    #[error("package {package} is already installed at {present}; {offered} is older")]
    Downgrade {
        /// The package.
        package: FamilyName,
        /// The installed version.
        present: Version,
        /// The version that was offered.
        offered: Version,
    },
    /// The package is already installed in another folder.
    #[error("package {package} is installed at {present}; {offered} claims the same name and publisher")]
    Elsewhere {
        /// The package.
        package: FamilyName,
        /// The folder in which it is installed.
        present: String,
        /// The folder that was offered.
        offered: String,
    },
    /// The fact cannot have this value.
    #[error("fact {kind} cannot be {value}")]
    NoSuchReading {
        /// The fact.
        kind: FactKind,
        /// The requested value.
        value: Reading,
    },
    /// The schedule is invalid.
    #[error("schedule `{schedule}`: {why}")]
    Schedule {
        /// The schedule as written.
        schedule: String,
        /// What is wrong with it.
        why: String,
    },
    /// The task's trigger is not `application`.
    #[error("task {name} has trigger `{trigger}`, not `application`")]
    OtherTrigger {
        /// The task's name.
        name: String,
        /// Its trigger.
        trigger: String,
    },
    /// The server has no class object with this cookie.
    #[error("this process has no class object with cookie {cookie}")]
    UnknownCookie {
        /// The given cookie.
        cookie: u32,
    },
    /// The store cannot be written, so nothing can be promised.
    #[error("the store cannot be written: {why}")]
    StoreUnwritable {
        /// The error of the store.
        why: String,
    },
    /// The server is leaving or is being ended.
    #[error("this task server is leaving and gets no further runs")]
    ServerLeaving,
    /// The broker is about to end.
    #[error("the broker is about to end")]
    Stopping,
}

impl Refusal {
    /// Returns what the caller can do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::UnknownTask(_) => "list the tasks: `oncue list`",
            Self::UnknownPackage(_) => "add the package first: `oncue package add FOLDER`",
            Self::ClassNotDeclared { .. } => {
                "declare it in AppxManifest.xml as com:Class of a com:ExeServer, then add the package again"
            }
            Self::NameEmpty { .. } => "write at least one character",
            Self::NameTooLong { .. } => "choose a shorter one",
            Self::NameUnprintable { .. } => "remove the control character",
            Self::NameHasSlash { .. } => "choose a name without a slash",
            Self::ServerPriority => "omit the priority",
            Self::NameTaken { .. } => {
                "choose another name; to replace the task: `oncue add NAME --replace -- COMMAND`"
            }
            Self::NothingToFollow { .. } => "add that command first, or fix its name: `oncue list`",
            Self::ChainCircle { .. } => "give one of these tasks another trigger",
            Self::Command { .. } => "fix the command, then add it again",
            Self::NotACommand { .. } => "only its app can change it; you can pause it or remove it",
            Self::FreshnessOutOfRange { .. } => {
                "choose an interval within the range, or change `min_minutes` or `max_minutes` in config.toml: see `oncue man config`"
            }
            Self::PolicyOutOfRange { .. } => "choose a value within the range, or omit the setting",
            Self::Path { .. } => "rename the file or folder, or watch one of its parent folders",
            Self::TooMany { .. } => {
                "remove some of them, or raise the limit in config.toml: see `oncue man config`"
            }
            Self::NotActive { .. } => "see its state: `oncue show TASK`",
            Self::NoSuchRun { .. } => "call `oncue progress 40` only inside a command that oncue runs",
            Self::NotQuarantined { .. } => "see its state: `oncue show TASK`",
            Self::PauseEnded { .. } => "choose a later end, or none: then the pause lasts until you end it",
            Self::Downgrade { .. } => {
                "keep the newer version, or use `oncue package add --allow-downgrade FOLDER`"
            }
            Self::Elsewhere { .. } => {
                "to move the package and its tasks to that folder: `oncue package add --move FOLDER`; \
                 to keep both, give one of them another name in its manifest"
            }
            Self::Schedule { .. } => "see what an expression means: `oncue calendar EXPRESSION`",
            Self::OtherTrigger { .. } => {
                "register it with an ApplicationTrigger, or run it: `oncue run TASK`"
            }
            Self::NoSuchReading { .. } => {
                "a fact is `on` or `off`; the battery is a percentage such as `80%`"
            }
            Self::UnknownCookie { .. } => {
                "revoke with the cookie that was returned when the class object was registered"
            }
            Self::StoreUnwritable { .. } => {
                "free disk space, or fix the folder's permissions; see `oncue doctor`"
            }
            Self::ServerLeaving => "end the process; the next activation starts a new one",
            Self::Stopping => "retry: the next call starts a new broker",
        }
    }
}
