//! View and control all of the user's tasks, as the program `oncue` does.
//!
//! Apps do not need this; it is for tools that people use. The structs are those of the wire. A value
//! that a newer broker may send and that this version does not know is a [`Word`], which can be shown
//! as it was sent. [`system_time`] converts an instant.
//!
//! ```no_run
//! use oncue::tools::{Broker, Watched};
//!
//! # fn main() -> Result<(), oncue::Error> {
//! let broker = Broker::connect()?;
//! for task in broker.tasks(Watched::All)? {
//!     println!("{} {} {}", task.package, task.name, task.state);
//! }
//! # Ok(()) }
//! ```

mod ledger;
mod pause;
mod watch;

use std::fmt;
use std::os::unix::net::UnixStream;
use std::path::Path;

pub use ledger::{Ledger, Of};
use oncue_types::CancellationReason as BackgroundTaskCancellationReason;
pub use oncue_types::{
    Access, Blocker, Condition, Exit, FactKind, InstanceId, PauseEnd, PauseScope, Policy, Reading, TaskId,
    Trigger, Wall,
};
pub use oncue_wire::{
    BrokerInfo, ClassInfo, CommandChange, CommandInfo, CommandSpec, Entry, FactInfo, Fired, GroupInfo, How,
    LastRun, Origin, PackageInfo, PauseInfo, Paused, ProgressReport, Registered, Resumed, RetryInfo,
    RunState, ServerInfo, StartedBy, TaskInfo, WaitingInfo, Watched, Word,
};
use oncue_wire::{Code, Refused, RefusedChange, ask, limits};
pub use watch::{Notice, Watch};

pub use crate::broker::moment::{system_time, wall};

use crate::broker::connection::Connection;
use crate::broker::dial::{By, Start, dial};
use crate::broker::host::PAGE;
use crate::broker::link::Link;
use crate::broker::question;
use crate::broker::scope::Scope;
use crate::broker::socket::greeted;
use crate::broker::unreachable::Unreachable;
use crate::error::Error;
use crate::registration::{Cancel, Force};

/// The user's broker.
///
/// All methods return an error if the broker cannot be reached. After the connection was lost, the
/// next call connects again. A task is named by its id, as in [`TaskInfo`] or as
/// `TaskId(registration.task_id())`; a package by its family name, as in [`PackageInfo`].
pub struct Broker {
    connection: Connection,
    start: Start,
    version: String,
}

fn dial_as_tool(start: Start) -> Result<UnixStream, Unreachable> {
    match Scope::here().client() {
        Some(played) => played.dial(By::Tool, start),
        None => dial(By::Tool, start),
    }
}

impl Broker {
    /// Connects to the broker, and starts one if none is running.
    ///
    /// # Errors
    /// Returns an error if no broker can be reached or started
    /// ([`is_unreachable`](Error::is_unreachable)).
    pub fn connect() -> Result<Self, Error> {
        Self::greeted(Start::IfNone)
    }

    /// Connects to the running broker. This never starts one, neither now nor later.
    ///
    /// # Errors
    /// Returns an error if none is running ([`is_unreachable`](Error::is_unreachable)).
    pub fn connect_running() -> Result<Self, Error> {
        Self::greeted(Start::Never)
    }

    fn greeted(start: Start) -> Result<Self, Error> {
        let connection = Connection::new(move |_| Link::open(greeted(|| dial_as_tool(start))?, &[], ()));
        let version = connection.put(question::version())?;
        Ok(Self { connection, start, version })
    }

    /// Returns the version of the broker that this first connected to.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns tasks, ordered by id.
    ///
    /// # Errors
    /// Returns an error if `whose` is [`Watched::Own`] and this process does not belong to a
    /// package.
    pub fn tasks(&self, whose: Watched) -> Result<Vec<TaskInfo>, Error> {
        let mut tasks: Vec<TaskInfo> = Vec::new();
        loop {
            let after = tasks.last().map(|task| task.task_id.to_string()).unwrap_or_default();
            let mut page = self.connection.ask(&ask::Tasks { whose, after, most: PAGE })?;
            let last = page.len() < limits::SURELY_LAST;
            tasks.append(&mut page);
            if last {
                return Ok(tasks);
            }
        }
    }

    /// Returns the tasks that match a name, `package/name` or the start of an id.
    ///
    /// # Errors
    /// Returns an error if the broker refuses.
    pub fn find(&self, named: &str) -> Result<Vec<TaskInfo>, Error> {
        self.connection.ask(&ask::Find { named: named.to_owned() })
    }

    /// Returns the task with this id, or `None` if it is not registered.
    ///
    /// # Errors
    /// Returns an error if the broker refuses.
    pub fn task_with_id(&self, task: TaskId) -> Result<Option<TaskInfo>, Error> {
        Ok(self.find(&task.to_string())?.into_iter().find(|found| found.task_id == task))
    }

    /// Makes a command a task, which belongs to no package.
    ///
    /// # Errors
    /// Returns an error if a part of it is invalid, or if there is a task of that name and the mode does
    /// not say what to do with it.
    pub fn add_command(&self, task: &CommandSpec) -> Result<Registered, Error> {
        self.connection.ask(&ask::AddCommand { task: task.clone() })
    }

    /// Gives the task of a command another specification, and another name if that differs.
    ///
    /// # Errors
    /// Returns an error if the task does not exist or belongs to an app, or if a part of the
    /// specification is invalid.
    pub fn change_command(&self, task: TaskId, to: &CommandSpec) -> Result<Registered, Error> {
        self.connection.ask(&ask::ChangeCommand { task_id: task.to_string(), task: to.clone() })
    }

    /// Returns why these changes of commands would be refused, each with its place; they are not made.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached, or is older than this.
    pub fn check_commands(&self, changes: &[CommandChange]) -> Result<Vec<(usize, Error)>, Error> {
        let refused = self.connection.ask(&ask::CheckCommands { changes: changes.to_vec() })?;
        let error = |refused: RefusedChange| {
            let code = Code::named(&refused.error).unwrap_or(Code::Fault);
            let place = usize::try_from(refused.place).unwrap_or(usize::MAX);
            (place, Refused::new(code, refused.message, refused.way_out).into())
        };
        Ok(refused.into_iter().map(error).collect())
    }

    /// Reports how far the run of a command has come.
    ///
    /// # Errors
    /// Returns an error if no command is running as this run.
    pub fn report_progress(&self, run: InstanceId, report: ProgressReport) -> Result<(), Error> {
        self.connection.ask(&ask::ReportProgress { instance_id: run.to_string(), report })
    }

    /// Fires a task now. Its conditions still apply with [`Force::No`], and are ignored with
    /// [`Force::Yes`].
    ///
    /// # Errors
    /// Returns an error if the task does not exist.
    pub fn fire(&self, task: TaskId, force: Force) -> Result<Fired, Error> {
        let force = force == Force::Yes;
        self.connection.ask(&ask::Fire { task_id: task.to_string(), force })
    }

    /// Cancels a task's run with `Abort`, or drops its held firing.
    ///
    /// # Errors
    /// Returns an error if the task does not exist, or is neither running nor held.
    pub fn cancel(&self, task: TaskId) -> Result<(), Error> {
        self.cancel_for(task, BackgroundTaskCancellationReason::Abort)
    }

    /// Cancels a task's run with a reason, which the task receives and the ledger records. A held
    /// firing is dropped, whatever the reason.
    ///
    /// # Errors
    /// Returns an error if the task does not exist, or is neither running nor held.
    pub fn cancel_for(&self, task: TaskId, reason: BackgroundTaskCancellationReason) -> Result<(), Error> {
        self.connection.ask(&ask::Cancel { task_id: task.to_string(), reason: reason as u32 })
    }

    /// Releases a quarantined task. A waiting firing is judged at once.
    ///
    /// # Errors
    /// Returns an error if the task does not exist, or is not quarantined.
    pub fn release(&self, task: TaskId) -> Result<(), Error> {
        self.connection.ask(&ask::Release { task_id: task.to_string() })
    }

    /// Raises an event by name, for all tasks that wait for it, and returns how many fired.
    ///
    /// # Errors
    /// Returns an error if an argument contains a NUL character.
    pub fn signal(&self, name: &str, arguments: &[String]) -> Result<u32, Error> {
        self.connection.ask(&ask::Signal { name: name.to_owned(), arguments: arguments.to_vec() })
    }

    /// Pins a fact to a value, regardless of what is observed, until it is unpinned or the broker ends.
    /// The broker decides whether it knows the fact, so a word can also be one that this version does
    /// not know.
    ///
    /// # Errors
    /// Returns an error if the fact does not exist, or cannot have this value.
    pub fn pin(&self, fact: &Word<FactKind>, value: &Word<Reading>) -> Result<(), Error> {
        self.connection.ask(&ask::Pin { fact: fact.to_string(), value: value.to_string() })
    }

    /// Uses the observed value of a fact again.
    ///
    /// # Errors
    /// Returns an error if the fact does not exist.
    pub fn unpin(&self, fact: &Word<FactKind>) -> Result<(), Error> {
        self.connection.ask(&ask::Pin { fact: fact.to_string(), value: String::new() })
    }

    /// Ends a registration. A current run is cancelled with [`Cancel::Yes`], and continues to its end with
    /// [`Cancel::No`].
    ///
    /// # Errors
    /// Returns an error if the task does not exist.
    pub fn unregister(&self, task: TaskId, cancel: Cancel) -> Result<(), Error> {
        let cancel = cancel == Cancel::Yes;
        self.connection.ask(&ask::Unregister { task_id: task.to_string(), cancel })
    }

    /// Returns up to this many entries of the ledger, latest first.
    ///
    /// # Errors
    /// Returns an error if the package does not exist.
    pub fn history(&self, of: Of<'_>, most: u32) -> Result<Vec<Entry>, Error> {
        let (task_id, package) = of.texts();
        self.connection.ask(&ask::History { task_id, package, most })
    }

    /// Iterates over the whole ledger, latest entry first. Pages are requested as they are needed.
    #[must_use]
    pub fn ledger(&self, of: Of<'_>) -> Ledger<'_> {
        Ledger::begin(self, of)
    }

    pub(crate) fn task(&self, task_id: TaskId) -> Result<TaskInfo, Error> {
        self.task_with_id(task_id)?.ok_or_else(|| Error::unknown_task(&task_id.to_string()))
    }

    /// Adds the package in a folder, or updates it. `path` is the folder with `AppxManifest.xml`,
    /// or that file. A relative path starts at the current folder.
    ///
    /// # Errors
    /// Returns an error if the manifest or the files are invalid, or if the package is already
    /// installed in a newer version or in another folder
    /// ([`downgrade_package`](Self::downgrade_package)).
    pub fn add_package(&self, path: &Path) -> Result<PackageInfo, Error> {
        self.take_package(path, false)
    }

    /// Like [`add_package`](Self::add_package), but also replaces a newer version or a package in
    /// another folder.
    ///
    /// # Errors
    /// Returns an error if the manifest or the files are invalid.
    pub fn downgrade_package(&self, path: &Path) -> Result<PackageInfo, Error> {
        self.take_package(path, true)
    }

    fn take_package(&self, path: &Path, allow_downgrade: bool) -> Result<PackageInfo, Error> {
        // The file is not accessed here, because its file system may not answer; the broker reports
        // that.
        let absolute = std::path::absolute(path);
        let folder = absolute.as_deref().unwrap_or(path);
        let text = folder.to_str().ok_or_else(|| {
            let message = format!("the folder's path is not UTF-8: `{}`", folder.display());
            Error::invalid(message, "move the package to a folder whose path is UTF-8")
        })?;
        self.connection.ask(&ask::AddPackage { folder: text.to_owned(), allow_downgrade })
    }

    /// Removes a package and its tasks; its files stay.
    ///
    /// # Errors
    /// Returns an error if the package does not exist.
    pub fn remove_package(&self, family_name: &str) -> Result<(), Error> {
        self.connection.ask(&ask::RemovePackage { family_name: family_name.to_owned() })
    }

    /// Sets what a package may do. Denying it cancels its runs with `SystemPolicy` and holds its
    /// firings; allowing it lets held firings run. The setting is kept after the package is
    /// removed.
    ///
    /// # Errors
    /// Returns an error if the package does not exist.
    pub fn set_access(&self, family_name: &str, access: Access) -> Result<(), Error> {
        let [family_name, access] = [family_name, access.name()].map(str::to_owned);
        self.connection.ask(&ask::SetAccess { family_name, access })
    }

    /// Returns the packages.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn packages(&self) -> Result<Vec<PackageInfo>, Error> {
        self.connection.ask(&ask::Packages)
    }

    /// Returns the current facts that conditions depend on.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn facts(&self) -> Result<Vec<FactInfo>, Error> {
        self.connection.ask(&ask::Facts)
    }

    /// Returns information about the broker.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn about(&self) -> Result<BrokerInfo, Error> {
        self.connection.ask(&ask::About)
    }

    /// Cancels all runs and ends the broker.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached.
    pub fn stop(&self) -> Result<(), Error> {
        self.connection.ask(&ask::Stop)
    }

    /// Watches events of tasks from now on, until the connection is lost.
    ///
    /// # Errors
    /// Returns an error if `whose` is [`Watched::Own`] and this process does not belong to a
    /// package.
    pub fn watch(&self, whose: Watched) -> Result<Watch, Error> {
        // This uses a separate connection, so that a slow reader only delays itself.
        Watch::open(greeted(|| dial_as_tool(self.start))?, whose)
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("version", &self.version).finish_non_exhaustive()
    }
}
