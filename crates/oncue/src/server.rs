//! A task server: registers classes, runs their tasks, and leaves when it may.

use std::sync::Arc;

use oncue_types::{ClassUse, Cookie, Guid};

use crate::class::ClassFactory;
use crate::error::Error;
use crate::here::Here;
use crate::host::{Host, Server};
use crate::idle::IdlePolicy;

/// Makes this process a server of classes.
///
/// Microsoft: *CoRegisterClassObject function (combaseapi.h)*; the article's `SampleTaskServer`. A
/// process started by the broker should create a server immediately, because it has 30 seconds to
/// register its class.
#[derive(Debug)]
pub struct TaskServer {
    server: <Here as Host>::Server,
}

impl TaskServer {
    /// Connects to the broker. The first server of a process also presents the token with which the
    /// broker started it. On Windows, this enters COM's multithreaded apartment; other threads of
    /// the process do not need to.
    ///
    /// # Errors
    /// Returns an error if the broker cannot be reached. A process that was started by a broker
    /// never starts another one.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { server: Server::new()? })
    }

    /// Registers a class object. From now on, even before this returns, the broker may send runs.
    /// Runs of the same class may overlap, like those of several tasks. If several processes have
    /// registered the same class, the last one serves it.
    /// Microsoft: *CoRegisterClassObject function (combaseapi.h)*.
    ///
    /// # Errors
    /// Returns an error if the package's manifest does not declare the class
    /// ([`is_class_not_declared`](Error::is_class_not_declared)), if this process does not belong
    /// to a package ([`is_no_identity`](Error::is_no_identity)), or if the broker is gone.
    pub fn register_class_object(
        &self,
        class: Guid,
        factory: impl ClassFactory,
        class_use: ClassUse,
    ) -> Result<Cookie, Error> {
        self.server.register(class, Arc::new(factory), class_use, false)
    }

    /// Registers a class object that serves only after
    /// [`resume_class_objects`](Self::resume_class_objects). A server with several classes
    /// registers all of them in this way and then resumes them, so that no run arrives before it is
    /// ready for all. Until then it counts as starting, within its 30 seconds.
    /// Microsoft: *REGCLS enumeration (combaseapi.h)*, `REGCLS_SUSPENDED`.
    ///
    /// # Errors
    /// Returns the same errors as [`register_class_object`](Self::register_class_object).
    pub fn register_class_object_suspended(
        &self,
        class: Guid,
        factory: impl ClassFactory,
        class_use: ClassUse,
    ) -> Result<Cookie, Error> {
        self.server.register(class, Arc::new(factory), class_use, true)
    }

    /// Resumes all suspended class objects of this process at once. From now on, even before this
    /// returns, runs may arrive. If none is suspended, this does nothing.
    /// Microsoft: *CoResumeClassObjects function (combaseapi.h)*.
    ///
    /// # Errors
    /// Returns an error if this server gets no further runs because it is leaving or its package is
    /// being updated, or if the broker is gone.
    pub fn resume_class_objects(&self) -> Result<(), Error> {
        self.server.resume()
    }

    /// Revokes a class object. It receives no further runs; current runs continue.
    /// Microsoft: *CoRevokeClassObject function (combaseapi.h)*.
    ///
    /// # Errors
    /// Returns an error if this server has no class object with this cookie, or if the broker is
    /// gone.
    pub fn revoke_class_object(&self, cookie: Cookie) -> Result<(), Error> {
        self.server.revoke(cookie)
    }

    /// Serves until the policy permits the server to leave **and** the broker agrees. If the broker
    /// does not agree, a run is on its way, and the server continues. After this returns `Ok`, no
    /// further run arrives, and the process can end. On Windows, it is COM that agrees, through
    /// *CoReleaseServerProcess*.
    ///
    /// # Errors
    /// Returns an error if the broker is gone. By then, all runs have been cancelled with
    /// `Terminating` and have had up to 5 seconds to end; the process should now end.
    pub fn wait(&self, until: IdlePolicy) -> Result<(), Error> {
        self.server.wait(until)
    }
}
