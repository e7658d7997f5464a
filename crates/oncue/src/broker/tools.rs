//! See and steer all of the user's tasks, as the program `oncue` does.
//!
//! An app needs none of this: it is for tools that a person uses. The structs are those of the
//! wire, with texts as the broker gives them.
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
mod watch;

use std::fmt;
use std::os::unix::net::UnixStream;
use std::path::Path;

pub use oncue_wire::{
    BrokerInfo, Entry, FactInfo, Fired, PackageInfo, Progress, RunState, ServerInfo, TaskInfo, Watched,
};

pub use ledger::{Ledger, Of};
pub use oncue_types::Access;
use oncue_wire::limits;
pub use watch::{Notice, Watch};

pub use crate::broker::moment::{micros, system_time};

use crate::broker::connection::{Connection, Opener};
use crate::broker::dial::{By, Start, dial};
use crate::broker::greeting::greeted;
use crate::broker::link::Link;
use crate::broker::question;
use crate::broker::registry::PAGE;
use crate::broker::scope::Scope;
use crate::broker::unreachable::Unreachable;
use crate::{BackgroundTaskCancellationReason, Error};

/// The user's broker.
///
/// All methods fail when the broker cannot be reached, and after a break the next call connects
/// anew. Ids and names are texts as [`TaskInfo`] and [`PackageInfo`] give them.
pub struct Broker {
    connection: Connection<Asked>,
    version: String,
}

struct Asked(Start);

impl Asked {
    fn dial(&self) -> Result<UnixStream, Unreachable> {
        match Scope::here().client() {
            Some(played) => played.dial(By::Tool, self.0),
            None => dial(By::Tool, self.0),
        }
    }
}

impl Opener for Asked {
    fn open(&self) -> Result<Link, Unreachable> {
        Link::open(greeted(|| self.dial())?, Vec::new(), ())
    }
}

impl Broker {
    /// Connects to the broker, and starts one if none runs.
    ///
    /// # Errors
    /// When no broker can be reached or started ([`is_unreachable`](Error::is_unreachable)).
    pub fn connect() -> Result<Self, Error> {
        Self::greeted(Start::IfNone)
    }

    /// Connects to the broker that runs; neither now nor later does it start one.
    ///
    /// # Errors
    /// When none runs ([`is_unreachable`](Error::is_unreachable)).
    pub fn connect_running() -> Result<Self, Error> {
        Self::greeted(Start::Never)
    }

    fn greeted(start: Start) -> Result<Self, Error> {
        let connection = Connection::new(Asked(start));
        let version = connection.ask(question::version())?;
        Ok(Self { connection, version })
    }

    /// Returns the version of the broker that was there at first.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Lists tasks, in the order of their ids.
    ///
    /// # Errors
    /// When `whose` is [`Watched::Own`] and this process belongs to no package.
    pub fn tasks(&self, whose: Watched) -> Result<Vec<TaskInfo>, Error> {
        let mut tasks: Vec<TaskInfo> = Vec::new();
        loop {
            let after = tasks.last().map_or("", |task| task.task_id.as_str());
            let mut page = self.connection.ask(question::tasks(whose, after, PAGE))?;
            let last = page.len() < limits::SURELY_LAST;
            tasks.append(&mut page);
            if last {
                return Ok(tasks);
            }
        }
    }

    /// Lists the tasks that a name, `package/name` or the start of an id may mean.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn find(&self, named: &str) -> Result<Vec<TaskInfo>, Error> {
        self.connection.ask(question::find(named))
    }

    /// Fires a task now; its conditions still decide, unless `force`.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn fire(&self, task_id: &str, force: bool) -> Result<Fired, Error> {
        self.connection.ask(question::fire(task_id, force))
    }

    /// Cancels a task's run with `Abort`, or drops its held firing.
    ///
    /// # Errors
    /// When there is no such task, or when it neither runs nor is held.
    pub fn cancel(&self, task_id: &str) -> Result<(), Error> {
        self.cancel_for(task_id, BackgroundTaskCancellationReason::Abort)
    }

    /// Cancels a task's run for a reason, which the task is told and the ledger names; a held firing
    /// is dropped, whatever the reason.
    ///
    /// # Errors
    /// When there is no such task, or when it neither runs nor is held.
    pub fn cancel_for(&self, task_id: &str, reason: BackgroundTaskCancellationReason) -> Result<(), Error> {
        self.connection.ask(question::cancel(task_id, reason as u32))
    }

    /// Lets a quarantined task run again; a firing that waited is judged at once.
    ///
    /// # Errors
    /// When there is no such task, or when it is not quarantined.
    pub fn release(&self, task_id: &str) -> Result<(), Error> {
        self.connection.ask(question::release(task_id))
    }

    /// Raises an event by name, for everybody's tasks that wait for it; says how many fired.
    ///
    /// # Errors
    /// When an argument has a NUL.
    pub fn signal(&self, name: &str, arguments: &[String]) -> Result<u32, Error> {
        self.connection.ask(question::signal(name, arguments))
    }

    /// Lets a fact count as `value`, whatever is observed, until the broker ends; an empty value lets
    /// what is observed count again.
    ///
    /// # Errors
    /// When there is no such fact, or it cannot have that value.
    pub fn pin(&self, fact: &str, value: &str) -> Result<(), Error> {
        self.connection.ask(question::pin(fact, value))
    }

    /// Ends a registration; `cancel` also cancels its run.
    ///
    /// # Errors
    /// When there is no such task.
    pub fn unregister(&self, task_id: &str, cancel: bool) -> Result<(), Error> {
        self.connection.ask(question::unregister(task_id, cancel))
    }

    /// Lists at most so many of the ledger's entries, latest first: of one task, of one package
    /// (its family name), or of all.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn history(
        &self,
        task_id: Option<&str>,
        package: Option<&str>,
        most: u32,
    ) -> Result<Vec<Entry>, Error> {
        let question = question::history(task_id.unwrap_or_default(), package.unwrap_or_default(), most);
        self.connection.ask(question)
    }

    /// Iterates over the whole ledger, latest entry first. Pages are requested as they are needed.
    #[must_use]
    pub fn ledger(&self, of: Of<'_>) -> Ledger<'_> {
        Ledger::begin(self, of)
    }

    pub(crate) fn task(&self, task_id: &str) -> Result<TaskInfo, Error> {
        let same = self.find(task_id)?.into_iter().find(|task| task.task_id == task_id);
        same.ok_or_else(|| Error::unknown_task(task_id))
    }

    /// Makes the package of a folder known, or updates it; the folder holds `AppxManifest.xml`, or
    /// is the path of that file. A relative path is taken from the current folder.
    ///
    /// # Errors
    /// If the manifest or the files are invalid, or if the package is already present in a newer version
    /// or in another folder ([`downgrade_package`](Self::downgrade_package)).
    pub fn add_package(&self, path: &Path) -> Result<PackageInfo, Error> {
        self.take_package(path, false)
    }

    /// Like [`add_package`](Self::add_package), but also replaces a newer version or a package in
    /// another folder.
    ///
    /// # Errors
    /// When the manifest or the files are wrong.
    pub fn downgrade_package(&self, path: &Path) -> Result<PackageInfo, Error> {
        self.take_package(path, true)
    }

    fn take_package(&self, path: &Path, allow_downgrade: bool) -> Result<PackageInfo, Error> {
        // It is not looked at here: its file system may not answer, and the broker says so.
        let absolute = std::path::absolute(path);
        let folder = absolute.as_deref().unwrap_or(path);
        let text = folder.to_str().ok_or_else(|| {
            let message = format!("the folder's path is not UTF-8: `{}`", folder.display());
            Error::invalid(message, "move the package to a folder whose path is UTF-8")
        })?;
        self.connection.ask(question::add_package(text, allow_downgrade))
    }

    /// Forgets a package with its tasks; its files stay.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn remove_package(&self, family_name: &str) -> Result<(), Error> {
        self.connection.ask(question::remove_package(family_name))
    }

    /// Says what a package may do. A no cancels its runs with `SystemPolicy` and holds its firings; a
    /// yes lets run what was held. It outlives the package.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn set_access(&self, family_name: &str, access: Access) -> Result<(), Error> {
        self.connection.ask(question::set_access(family_name, access.name()))
    }

    /// Lists the packages.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub fn packages(&self) -> Result<Vec<PackageInfo>, Error> {
        self.connection.ask(question::packages())
    }

    /// Lists the facts that conditions are judged by, as they stand.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub fn facts(&self) -> Result<Vec<FactInfo>, Error> {
        self.connection.ask(question::facts())
    }

    /// Returns what the broker says of itself.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub fn about(&self) -> Result<BrokerInfo, Error> {
        self.connection.ask(question::about())
    }

    /// Cancels what runs and ends the broker.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub fn stop(&self) -> Result<(), Error> {
        self.connection.ask(question::stop())
    }

    /// Watches what becomes of tasks, from now on until the connection breaks.
    ///
    /// # Errors
    /// When `whose` is [`Watched::Own`] and this process belongs to no package.
    pub fn watch(&self, whose: Watched) -> Result<Watch, Error> {
        // A connection of its own: a slow reader holds up itself only.
        Watch::open(greeted(|| self.connection.opener().dial())?, whose)
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("version", &self.version).finish_non_exhaustive()
    }
}
