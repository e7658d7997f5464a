//! A broker in memory, and what a test does with it.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oncue_core::{Boot, Downgrade, Moment, Request, Settings, TaskId, Wall};

use super::folder::DataFolder;
use super::hub::Hub;
use super::process::ProcessId;
use super::verbs::ask;
use super::world::World;
use super::{TestError, TestPackage};
use crate::BackgroundTaskRegistration;
use crate::broker::client::Client;
use crate::broker::scope::Scope;

/// When the machine of a test was started: 2030-01-01 00:00 UTC.
const BEGIN: i64 = 1_893_456_000_000_000;
/// How long it has been up when the test begins.
const UP: Duration = Duration::from_secs(60);
/// How long a verb waits, in real time, for what should come to an end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A machine with a broker, in memory, with a clock that stands still until the test moves it.
///
/// See the [module](super) for what a test looks like and what it may count on. As long as it lives,
/// the thread that made it acts for a program of the installed package, and so does everything that
/// is started from there through this crate.
pub struct TestBroker {
    pub(super) hub: Arc<Hub>,
    pub(super) patience: Duration,
    pub(super) app: std::cell::Cell<ProcessId>,
    folder: DataFolder,
    /// It is bound to the thread that made it.
    _here: PhantomData<*const ()>,
}

/// The program that the test's own thread acts for, to be taken to other threads.
///
/// Threads that this crate starts, for runs, handlers and task servers, need none of this.
#[derive(Clone)]
pub struct Program {
    client: Arc<Client>,
}

impl TestBroker {
    /// Starts a broker with Windows' and the broker's default settings, but without slack: what is
    /// due fires on the dot, unless the task asks for slack.
    ///
    /// # Errors
    /// When this thread has one already, or when no folder for data can be made.
    pub fn new(package: TestPackage) -> Result<Self, TestError> {
        Self::with_settings(package, Settings { slack: Duration::ZERO, ..Settings::default() })
    }

    /// Starts a broker with other settings: what `config.toml` holds.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn with_settings(package: TestPackage, settings: Settings) -> Result<Self, TestError> {
        if Scope::is_taken() {
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
            Scope::of(Arc::clone(&process.client)).enter();
            std::cell::Cell::new(app)
        };
        let broker = Self { hub, patience: PATIENCE, app, folder, _here: PhantomData };
        broker.install(package)?;
        Ok(broker)
    }

    /// Sets how long a verb waits, in real time, for what should come to an end; 10 seconds by
    /// default. A test that goes well never waits that long.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Installs a package. One of the same family is updated, its runs cancelled with
    /// `ServicingUpdate`; another family's tasks are out of reach of the test's own program.
    ///
    /// # Errors
    /// When a newer version is there, or when what runs does not settle.
    pub fn install(&self, package: TestPackage) -> Result<(), TestError> {
        self.act(|world| {
            let TestPackage { package, mains, .. } = package;
            let family = package.family.clone();
            let before = world.mains.insert(family.clone(), mains);
            let added =
                ask(world, Request::AddPackage { package: Box::new(package), downgrade: Downgrade::Refuse });
            if let (Err(_), Some(before)) = (&added, before) {
                world.mains.insert(family, before);
            }
            added.map(|_| ())
        })
    }

    /// Says that runs of this task last: the verbs go on once such a run was entered, and the clock
    /// moves while it runs. Every other run takes no time: the verbs wait for its end.
    pub fn takes_time(&self, task: &BackgroundTaskRegistration) {
        self.hub.world().lasting.insert(id_of(task));
    }

    /// Returns the program that this thread acts for, to take it to threads of the test's own.
    #[must_use]
    pub fn program(&self) -> Program {
        Program { client: Client::get() }
    }

    /// Returns the time on the machine's wall clock; at first 2030-01-01 00:00 UTC.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        time(self.hub.world().now.wall)
    }

    /// Returns the folder in which the packages' data lies, each below its family name; it goes with
    /// the test.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Does something to the world once it has settled, and lets it settle again.
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
    /// Does something for this program, on whatever thread.
    pub fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        Scope::of(Arc::clone(&self.client)).within(act)
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

/// A wall clock's time; the clock of a test never shows one before 1970.
pub(super) fn time(wall: Wall) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(wall.0.unsigned_abs())
}
