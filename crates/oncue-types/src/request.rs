//! What a client can ask the broker for.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::access::Access;
use crate::class_object::{ClassObject, Cookie};
use crate::fact::FactKind;
use crate::family_name::FamilyName;
use crate::id::{ServerId, TaskId};
use crate::package::Package;
use crate::reading::Reading;
use crate::reason::CancellationReason;
use crate::spec::TaskSpec;

/// What a client can ask for.
#[derive(Debug)]
pub enum Request {
    /// Register a task.
    Register(Box<Register>),
    /// End a registration.
    Unregister {
        /// Which task.
        task: TaskId,
        /// Whether to cancel a run that is alive (`Abort`); else it finishes.
        cancel: bool,
    },
    /// Fire a task now.
    Fire {
        /// Which task.
        task: TaskId,
        /// Whether to run it although its condition fails.
        force: bool,
    },
    /// Cancel a task's run, or drop its held firing.
    Cancel {
        /// Which task; it may be unregistered while its run still finishes.
        task: TaskId,
        /// What the run is told; `Abort` unless the user says otherwise.
        reason: CancellationReason,
    },
    /// Let a quarantined task run again.
    Release {
        /// Which task.
        task: TaskId,
    },
    /// Say what a package may do in the background.
    SetAccess {
        /// Which package.
        package: FamilyName,
        /// What it may do.
        access: Access,
    },
    /// Have a task run that has an `ApplicationTrigger`.
    Application {
        /// Which task.
        task: TaskId,
        /// What it is told.
        arguments: Vec<String>,
    },
    /// Raise an event by name.
    Signal {
        /// Its name.
        id: Arc<str>,
        /// Whose tasks it is for; nothing for everybody's.
        package: Option<FamilyName>,
        /// What they are told.
        arguments: Vec<String>,
    },
    /// Let a fact count as this, whatever is observed; nothing lets what is observed count again.
    Pin {
        /// Which fact.
        kind: FactKind,
        /// What it counts as.
        value: Option<Reading>,
    },
    /// Make a package known; one of the same family is replaced.
    AddPackage {
        /// The package.
        package: Box<Package>,
        /// On whose word it may take the place of another one.
        consent: Consent,
        /// The folder of the package that is there, if the shell found that it no longer holds it.
        vacated: Option<String>,
    },
    /// Forget a package with its tasks.
    RemovePackage(FamilyName),
    /// A server has a class object to offer.
    RegisterClass {
        /// Which server.
        server: ServerId,
        /// Of which package.
        package: FamilyName,
        /// What it registers.
        object: ClassObject,
    },
    /// A server lets all its suspended class objects serve, at once.
    ResumeClasses {
        /// Which server.
        server: ServerId,
    },
    /// A server takes a class object back.
    RevokeClass {
        /// Which server.
        server: ServerId,
        /// Which registration.
        cookie: Cookie,
    },
    /// A server has nothing to do and would like to go.
    Leave {
        /// Which server.
        server: ServerId,
    },
}

/// A registration as it is asked for.
#[derive(Debug)]
pub struct Register {
    /// The package of the caller.
    pub package: FamilyName,
    /// What to register.
    pub spec: TaskSpec,
    /// What to do when the package has a task of that name.
    pub mode: RegisterMode,
}

/// On whose word a package may take the place of another one of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The user offers it: neither an older version nor another folder may take the place of a
    /// package that is still there.
    Offered,
    /// Nobody offers it; it was found. It may be older if the newer one is not there any more.
    Found,
    /// The user insists on it.
    Insisted,
}

/// What to do when the package already has a task of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterMode {
    /// Register another one, as Windows does.
    Always,
    /// Keep the one that is there.
    Keep,
    /// Replace it, if it differs.
    Replace,
}

impl RegisterMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Always, Self::Keep, Self::Replace];

    /// Returns its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Keep => "keep",
            Self::Replace => "replace",
        }
    }

    /// Returns the mode of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}
