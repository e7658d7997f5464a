//! A task server on Linux: registers classes with the broker, and leaves when the broker agrees.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oncue_types::{ClassUse, Cookie, Guid};
use oncue_wire::ask;

use crate::broker::client::Client;
use crate::broker::link::Link;
use crate::broker::question;
use crate::broker::serving::{Next, Stay};
use crate::class::ClassFactory;
use crate::error::Error;
use crate::idle::IdlePolicy;
use crate::lock::lock;
use crate::{host, worker};

/// How much time runs have to end after the broker is gone.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// Registers this process with the broker as a server of classes.
#[derive(Debug)]
pub(crate) struct Server {
    client: Arc<Client>,
    link: Link,
    offered: Mutex<Vec<Offered>>,
}

#[derive(Clone, Copy, Debug)]
struct Offered {
    cookie: Cookie,
    class: Guid,
    offer: u64,
}

impl host::Server for Server {
    fn new() -> Result<Self, Error> {
        let client = Client::get();
        Ok(Self { link: client.connection.link()?, client, offered: Mutex::new(Vec::new()) })
    }

    fn register(
        &self,
        class: Guid,
        factory: Arc<dyn ClassFactory>,
        class_use: ClassUse,
        suspended: bool,
    ) -> Result<Cookie, Error> {
        let serving = self.client.serving();
        let offer = serving.offer(class, factory);
        let single_use = class_use == ClassUse::Single;
        let class_id = class.to_string();
        let asked = if suspended {
            self.link.ask(&ask::RegisterClassSuspended { class_id, single_use })
        } else {
            self.link.ask(&ask::RegisterClass { class_id, single_use })
        };
        let answer = asked.and_then(|pending| {
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

    fn resume(&self) -> Result<(), Error> {
        self.link.ask(&ask::ResumeClasses).and_then(|pending| pending.wait())
    }

    fn revoke(&self, cookie: Cookie) -> Result<(), Error> {
        let offered = {
            let mut all = lock(&self.offered);
            let at = all
                .iter()
                .position(|offered| offered.cookie == cookie)
                .ok_or_else(|| Error::unknown_cookie(cookie))?;
            all.swap_remove(at)
        };
        let answer = self.link.ask(&ask::RevokeClass { cookie: cookie.0 }).and_then(|pending| pending.wait());
        // This comes last, because runs may arrive until the broker has handled the call.
        self.client.serving().withdraw(offered.class, offered.offer);
        answer
    }

    fn wait(&self, until: IdlePolicy) -> Result<(), Error> {
        let serving = self.client.serving();
        let mut stay = None;
        loop {
            let gone = match serving.wait(&self.link, until, stay) {
                Next::Vanished(why) => why,
                Next::AskToLeave { ended } => {
                    match self.link.ask(&ask::Leave).and_then(|pending| pending.wait()) {
                        Ok(true) => return Ok(()),
                        Ok(false) => {
                            stay = Some(Stay::told(ended, serving.clock().now()));
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

impl Drop for Server {
    fn drop(&mut self) {
        for Offered { cookie, class, offer } in lock(&self.offered).drain(..) {
            if let Ok(message) = question::tell(&ask::RevokeClass { cookie: cookie.0 }) {
                self.link.tell(&message);
            }
            self.client.serving().withdraw(class, offer);
        }
    }
}
