//! A task server: offers classes, runs their tasks, leaves when it may.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::Client;
use crate::link::Link;
use crate::lock::lock;
use crate::serving::{Next, Stay};
use crate::{ClassFactory, ClassUse, Cookie, Error, Guid, question, worker};

/// How long runs have to end once the broker is gone.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// Offers this process as the server of classes.
///
/// Microsoft: *CoRegisterClassObject function (combaseapi.h)*; the article's `SampleTaskServer`.
/// A server that the broker started should make one at once: the broker gives it 30 seconds to
/// register its class.
#[derive(Debug)]
pub struct TaskServer {
    link: Link,
    offered: Mutex<Vec<Offered>>,
}

#[derive(Clone, Copy, Debug)]
struct Offered {
    cookie: Cookie,
    class: Guid,
    offer: u64,
}

/// When a task server leaves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdlePolicy {
    /// When one run or more have ended and none is alive: the article's first choice.
    AfterFirstCompletion,
    /// When none has been alive for so long; from the registration of its first class on.
    Idle(Duration),
    /// Never: the article's second choice.
    Never,
}

impl TaskServer {
    /// Connects to the broker; the first one of a process also shows the token with which the
    /// broker started it.
    ///
    /// # Errors
    /// When no broker can be reached. A process that a broker started never starts another one.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { link: Client::get().link()?, offered: Mutex::new(Vec::new()) })
    }

    /// Registers a class object: from now on, even before this returns, the broker may have its
    /// tasks run here. Runs of one class may overlap, as those of several tasks do.
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
        let serving = Client::get().serving();
        let offer = serving.offer(class, Arc::new(factory));
        let single = class_use == ClassUse::Single;
        let answer =
            self.link.ask(question::register_class(&class.to_string(), single)).and_then(|pending| {
                worker::warm();
                pending.wait()
            });
        match answer {
            Ok(number) => {
                let cookie = Cookie(number);
                lock(&self.offered).push(Offered { cookie, class, offer });
                Ok(cookie)
            }
            Err(error) => {
                serving.withdraw(class, offer);
                Err(error)
            }
        }
    }

    /// Takes a class object back: no further run comes for it, those that are alive go on.
    /// Microsoft: *CoRevokeClassObject function (combaseapi.h)*.
    ///
    /// # Errors
    /// When this server has no such cookie, or when the broker is gone.
    pub fn revoke_class_object(&self, cookie: Cookie) -> Result<(), Error> {
        let offered = {
            let mut all = lock(&self.offered);
            let at = all.iter().position(|offered| offered.cookie == cookie).ok_or_else(|| {
                Error::invalid(
                    format!("no class object has the cookie {}", cookie.0),
                    "revoke a class object once, at the server that registered it",
                )
            })?;
            all.swap_remove(at)
        };
        let answer = self.link.ask(question::revoke_class(cookie.0)).and_then(|pending| pending.wait());
        // Only now: until the broker has heard, runs may still come.
        Client::get().serving().withdraw(offered.class, offered.offer);
        answer
    }

    /// Serves until the policy lets the server leave **and** the broker agrees; if it does not, a
    /// run is on its way and the server serves on. After `Ok` nothing more comes, and the process
    /// may end.
    ///
    /// # Errors
    /// When the broker is gone. All runs have been cancelled with `Terminating` by then and have
    /// had up to 5 seconds to end; the process should end now.
    pub fn wait(&self, until: IdlePolicy) -> Result<(), Error> {
        let serving = Client::get().serving();
        let mut stay = None;
        loop {
            let gone = match serving.wait(&self.link, until, stay) {
                Next::Vanished(why) => why,
                Next::AskToLeave { ended } => {
                    match self.link.ask(question::leave()).and_then(|pending| pending.wait()) {
                        Ok(true) => return Ok(()),
                        Ok(false) => {
                            stay = Some(Stay::told(ended));
                            continue;
                        }
                        Err(error) => error,
                    }
                }
            };
            serving.drain(LAST_GRACE);
            return Err(gone);
        }
    }
}

impl Drop for TaskServer {
    fn drop(&mut self) {
        for Offered { cookie, class, offer } in lock(&self.offered).drain(..) {
            if let Ok(message) = question::tell("RevokeClass", &cookie.0) {
                self.link.tell(message);
            }
            Client::get().serving().withdraw(class, offer);
        }
    }
}
