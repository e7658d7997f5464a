//! What a client can ask the broker to do.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::access::Access;
use crate::class_object::{ClassObject, Cookie};
use crate::fact::FactKind;
use crate::family_name::FamilyName;
use crate::id::{InstanceId, ServerId, TaskId};
use crate::package::Package;
use crate::pause::{PauseEnd, PauseScope};
use crate::reading::Reading;
use crate::reason::CancellationReason;
use crate::spec::TaskSpec;
use crate::unknown::named;

/// A request of a client.
#[derive(Debug)]
pub enum Request {
    /// Register a task.
    Register(Box<Register>),
    /// Give a task another specification, and another name if that differs.
    Change {
        /// The task.
        task: TaskId,
        /// What it is to be.
        spec: Box<TaskSpec>,
    },
    /// End a registration.
    Unregister {
        /// The task.
        task: TaskId,
        /// Whether to cancel its run with `Abort`; otherwise the run finishes.
        cancel: bool,
    },
    /// Fire a task now.
    Fire {
        /// The task.
        task: TaskId,
        /// Whether to run it although its condition fails.
        force: bool,
    },
    /// Note how far the run of a command has come.
    ReportProgress {
        /// The run.
        instance: InstanceId,
        /// How far it has come; `None` leaves that as it is.
        value: Option<u32>,
        /// What it is doing, or its result; `None` leaves that as it is.
        note: Option<Arc<str>>,
    },
    /// Cancel a task's run, or drop its held firing.
    Cancel {
        /// The task, which may be unregistered while its run finishes.
        task: TaskId,
        /// The reason that the run is given; `Abort` unless the user chooses another.
        reason: CancellationReason,
    },
    /// Let a quarantined task run again.
    Release {
        /// The task.
        task: TaskId,
    },
    /// Let nothing start, of one task or of all. What fires is held. A new pause replaces the end of the
    /// present one.
    Pause {
        /// What to pause.
        scope: PauseScope,
        /// When the pause ends.
        end: PauseEnd,
        /// Whether to cancel what runs with `Abort`; otherwise runs finish.
        cancel: bool,
    },
    /// End a pause; nothing happens if there is none.
    Resume(PauseScope),
    /// Set what a package may do in the background.
    SetAccess {
        /// The package.
        package: FamilyName,
        /// What it may do.
        access: Access,
    },
    /// Run a task that has an `ApplicationTrigger`.
    Application {
        /// The task.
        task: TaskId,
        /// The arguments that the run gets.
        arguments: Vec<String>,
    },
    /// Raise an event by name.
    Signal {
        /// Its name.
        id: Arc<str>,
        /// The package whose tasks it is for; `None` for all packages.
        package: Option<FamilyName>,
        /// The arguments that the runs get.
        arguments: Vec<String>,
    },
    /// Simulate a fact.
    Pin {
        /// The fact.
        kind: FactKind,
        /// The simulated value; `None` uses the observed value again.
        value: Option<Reading>,
    },
    /// Add a package, or update the one of the same family.
    AddPackage {
        /// The package.
        package: Box<Package>,
        /// On whose authority it may replace another one.
        consent: Consent,
        /// The folder of the installed package, if the shell found that it no longer contains the package.
        vacated: Option<String>,
    },
    /// Remove a package and its tasks.
    RemovePackage(FamilyName),
    /// Register a server's class object.
    RegisterClass {
        /// The server.
        server: ServerId,
        /// Its package.
        package: FamilyName,
        /// The class object.
        object: ClassObject,
    },
    /// Resume all suspended class objects of a server at once.
    ResumeClasses {
        /// The server.
        server: ServerId,
    },
    /// Revoke a server's class object.
    RevokeClass {
        /// The server.
        server: ServerId,
        /// The registration.
        cookie: Cookie,
    },
    /// Ask whether an idle server may leave.
    Leave {
        /// The server.
        server: ServerId,
    },
}

/// A registration that a client requests.
#[derive(Debug)]
pub struct Register {
    /// The package of the caller.
    pub package: FamilyName,
    /// What to register.
    pub spec: TaskSpec,
    /// What to do if the package already has a task with this name.
    pub mode: RegisterMode,
}

/// On whose authority a package may replace another one of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The user offers it. It cannot replace a newer version, or a package that still exists in another
    /// folder.
    Offered,
    /// It was found. It may be older if the newer one no longer exists.
    Found,
    /// The user insists on it, whatever it replaces.
    Insisted,
}

/// What to do if the package already has a task with the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterMode {
    /// Register another one, as Windows does.
    Always,
    /// Refuse to register another one.
    New,
    /// Keep the existing one.
    Keep,
    /// Replace the existing one, if it differs.
    Replace,
}

impl RegisterMode {
    /// All modes.
    pub const ALL: [Self; 4] = [Self::Always, Self::New, Self::Keep, Self::Replace];

    /// Returns its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::New => "new",
            Self::Keep => "keep",
            Self::Replace => "replace",
        }
    }
}

named!(RegisterMode);
