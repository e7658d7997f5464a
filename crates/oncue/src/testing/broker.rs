//! An in-memory broker, and how tests use it.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oncue_core::{Boot, Consent, Moment, Request, Settings, TaskId, Wall};

use super::folder::DataFolder;
use super::hub::Hub;
use super::process::ProcessId;
use super::verbs::ask;
use super::world::World;
use super::{TestError, TestPackage};
use crate::broker::client::Client;
use crate::broker::scope::Scope;
use crate::registration::BackgroundTaskRegistration;

/// When the machine of a test started: 2030-01-01 00:00 UTC.
const BEGIN: i64 = 1_893_456_000_000_000;
/// How long the machine has been running when the test begins.
const UP: Duration = Duration::from_secs(60);
/// How long a verb waits, in real time, for something that should end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A machine with an in-memory broker, whose clock stands still until the test advances it.
///
/// See the [module](super) for an example and for what tests can rely on. As long as it exists, the
/// thread that created it acts for a program of the installed package, and so does everything that
/// this crate starts from that thread.
pub struct TestBroker {
    pub(super) hub: Arc<Hub>,
    pub(super) patience: Duration,
    pub(super) app: std::cell::Cell<ProcessId>,
    folder: DataFolder,
    /// It is bound to the thread that created it.
    _here: PhantomData<*const ()>,
}

/// The program that the test's own thread acts for, for use on other threads.
///
/// Threads that this crate starts, for runs, handlers and task servers, do not need this.
#[derive(Clone)]
pub struct Program {
    client: Arc<Client>,
}

impl TestBroker {
    /// Starts a broker with the default settings of Windows and of the broker, but without slack:
    /// firings occur exactly when they are due, unless the task asks for slack.
    ///
    /// # Errors
    /// Returns an error if this thread already has a broker, or if the folder for data cannot be
    /// created.
    pub fn new(package: TestPackage) -> Result<Self, TestError> {
        Self::with_settings(package, Settings { slack: Duration::ZERO, ..Settings::default() })
    }

    /// Starts a broker with other settings, as in `config.toml`.
    ///
    /// # Errors
    /// Returns the same errors as [`new`](Self::new).
    pub fn with_settings(package: TestPackage, settings: Settings) -> Result<Self, TestError> {
        if Scope::of_thread().0.is_some() {
            return Err(TestError::Nested);
        }
        let folder = DataFolder::new().map_err(TestError::Folder)?;
        let up = i64::try_from(UP.as_micros()).unwrap_or(0);
        let hub = Hub::new(Moment { wall: Wall(BEGIN), boot: Boot(up) }, settings);
        let app = {
            let mut world = hub.world();
            world.data = folder.path().to_owned();
            world.begin_session();
            let (app, process) = world.process(package.package.family.clone(), None);
            Scope(Some(Arc::clone(&process.client))).enter();
            std::cell::Cell::new(app)
        };
        let broker = Self { hub, patience: PATIENCE, app, folder, _here: PhantomData };
        broker.install(package)?;
        Ok(broker)
    }

    /// Sets how long a verb waits, in real time, for something that should end; 10 seconds by
    /// default. A successful test never waits that long.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Installs a package. If it has the same family as an installed package, it is an update, and
    /// current runs are cancelled with `ServicingUpdate`. The test's own program cannot access
    /// tasks of other families.
    ///
    /// # Errors
    /// Returns an error if a newer version is installed, or if runs do not settle.
    pub fn install(&self, package: TestPackage) -> Result<(), TestError> {
        self.act(|world| {
            let TestPackage { package, mains, .. } = package;
            let family = package.family.clone();
            let before = world.mains.insert(family.clone(), mains);
            let added = {
                let (package, consent) = (Box::new(package), Consent::Offered);
                ask(world, Request::AddPackage { package, consent, vacated: None })
            };
            if let (Err(_), Some(before)) = (&added, before) {
                world.mains.insert(family, before);
            }
            added.map(|_| ())
        })
    }

    /// Marks a task whose runs last: the verbs continue once such a run has been entered, and the
    /// clock moves while it runs. Every other run takes no time, and the verbs wait for its end.
    pub fn takes_time(&self, task: &BackgroundTaskRegistration) {
        self.hub.world().lasting.insert(id_of(task));
    }

    /// Returns the program that this thread acts for, for use on other threads of the test.
    #[must_use]
    pub fn program(&self) -> Program {
        Program { client: Client::get() }
    }

    /// Returns the time of the machine's wall clock; initially 2030-01-01 00:00 UTC.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        time(self.hub.world().now.wall)
    }

    /// Returns the folder with the packages' data, in a subfolder for each family name. It is
    /// removed at the end of the test.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Changes the world once it has settled, and lets it settle again.
    pub(super) fn act<R>(
        &self,
        act: impl FnOnce(&mut World) -> Result<R, TestError>,
    ) -> Result<R, TestError> {
        self.settle()?;
        let result = {
            let mut world = self.hub.world();
            if world.asleep {
                return Err(TestError::Asleep);
            }
            act(&mut world)?
        };
        self.settle()?;
        Ok(result)
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        self.hub.close();
        Scope::default().enter();
    }
}

impl fmt::Debug for TestBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBroker").field("now", &self.now()).finish_non_exhaustive()
    }
}

impl Program {
    /// Calls a function on behalf of this program, on any thread.
    pub fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        Scope(Some(Arc::clone(&self.client))).within(act)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

pub(super) fn id_of(task: &BackgroundTaskRegistration) -> TaskId {
    TaskId(task.task_id())
}

/// The time of a wall clock; the clock of a test is never before 1970.
pub(super) fn time(wall: Wall) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(wall.0.unsigned_abs())
}
