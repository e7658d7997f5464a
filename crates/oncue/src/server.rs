//! A task server: offers classes, runs their tasks, leaves when it may.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::host::{Here, Host, Server};
use crate::{ClassFactory, ClassUse, Cookie, Error, Guid};

/// Offers this process as the server of classes.
///
/// Microsoft: *CoRegisterClassObject function (combaseapi.h)*; the article's `SampleTaskServer`.
/// A server that the broker started should make one at once: the broker gives it 30 seconds to
/// register its class.
#[derive(Debug)]
pub struct TaskServer {
    server: <Here as Host>::Server,
}

/// When a task server leaves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdlePolicy {
    /// When one run or more have ended and none is alive: the article's first choice. A server to
    /// which nothing comes for 30 seconds leaves too: its run was cancelled while it was on its way up.
    AfterFirstCompletion,
    /// When none has been alive for so long; from the registration of its first class on.
    Idle(Duration),
    /// Never: the article's second choice.
    Never,
}

/// How long a server that leaves after its first completion waits for something to complete; the
/// run that it was started for may have been cancelled before it was up.
const UNUSED: Duration = Duration::from_secs(30);

/// When a server that runs nothing may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    Never,
    At(Instant),
    Now,
}

impl IdlePolicy {
    /// Says when a server may leave that runs nothing now: so many of its runs have ended, and it
    /// has been idle since then, on the clock that shows `now`.
    pub(crate) fn leave(self, ended: u64, idle_since: Option<Instant>, now: Instant) -> Leave {
        let span = match self {
            Self::AfterFirstCompletion if ended > 0 => return Leave::Now,
            Self::AfterFirstCompletion => UNUSED,
            Self::Idle(span) => span,
            Self::Never => return Leave::Never,
        };
        match idle_since.map(|since| since.checked_add(span)) {
            Some(Some(due)) if due > now => Leave::At(due),
            // A span beyond all clocks.
            Some(None) => Leave::Never,
            Some(Some(_)) | None => Leave::Now,
        }
    }
}

impl TaskServer {
    /// Connects to the broker; the first one of a process also shows the token with which the
    /// broker started it. On Windows it opens COM's multithreaded apartment: the process needs none
    /// of its own.
    ///
    /// # Errors
    /// When no broker can be reached. A process that a broker started never starts another one.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { server: Server::new()? })
    }

    /// Registers a class object: from now on, even before this returns, the broker may have its
    /// tasks run here. Runs of one class may overlap, as those of several tasks do. Where several
    /// processes have registered one class, the one that did so last serves.
    /// Microsoft: *CoRegisterClassObject function (combaseapi.h)*.
    ///
    /// # Errors
    /// When the package's manifest does not declare the class
    /// ([`is_class_not_declared`](Error::is_class_not_declared)), when this process belongs to no
    /// package ([`is_no_identity`](Error::is_no_identity)), or when the broker is gone.
    pub fn register_class_object(
        &self,
        class: Guid,
        factory: impl ClassFactory,
        class_use: ClassUse,
    ) -> Result<Cookie, Error> {
        self.server.register(class, Arc::new(factory), class_use, false)
    }

    /// Registers a class object that serves only from
    /// [`resume_class_objects`](Self::resume_class_objects) on. A server of several classes registers
    /// all of them like this and then resumes them: so no run comes before it is ready for all.
    /// Until then it counts as on its way up, within its 30 seconds.
    /// Microsoft: *REGCLS enumeration (combaseapi.h)*, `REGCLS_SUSPENDED`.
    ///
    /// # Errors
    /// As [`register_class_object`](Self::register_class_object).
    pub fn register_class_object_suspended(
        &self,
        class: Guid,
        factory: impl ClassFactory,
        class_use: ClassUse,
    ) -> Result<Cookie, Error> {
        self.server.register(class, Arc::new(factory), class_use, true)
    }

    /// Lets all suspended class objects of this process serve, all at once: from now on, even before
    /// this returns, runs may come. Without a suspended one it changes nothing.
    /// Microsoft: *CoResumeClassObjects function (combaseapi.h)*.
    ///
    /// # Errors
    /// When the broker gives this server nothing more to do, since it is leaving or its package is
    /// being serviced, or when the broker is gone.
    pub fn resume_class_objects(&self) -> Result<(), Error> {
        self.server.resume()
    }

    /// Takes a class object back: no further run comes for it, those that are alive go on.
    /// Microsoft: *CoRevokeClassObject function (combaseapi.h)*.
    ///
    /// # Errors
    /// When this server has no such cookie, or when the broker is gone.
    pub fn revoke_class_object(&self, cookie: Cookie) -> Result<(), Error> {
        self.server.revoke(cookie)
    }

    /// Serves until the policy lets the server leave **and** the broker agrees; if it does not, a
    /// run is on its way and the server serves on. After `Ok` nothing more comes, and the process
    /// may end. On Windows it is COM that agrees, by *CoReleaseServerProcess*.
    ///
    /// # Errors
    /// When the broker is gone. All runs have been cancelled with `Terminating` by then and have
    /// had up to 5 seconds to end; the process should end now.
    pub fn wait(&self, until: IdlePolicy) -> Result<(), Error> {
        self.server.wait(until)
    }
}
