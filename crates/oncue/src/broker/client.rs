//! This process as the broker's client: one connection, what it serves, what it listens to.

use std::env;
use std::sync::{Arc, Mutex, OnceLock};

use oncue_wire::names::{BROKER_PATH, TOKEN_VARIABLE, server, signal};
use oncue_wire::{Activation, Entry, Progress, Watched};
use serde::de::DeserializeOwned;
use zbus::message::Message;
use zbus::zvariant::Type;

use crate::broker::connection::{Connection, Opener};
use crate::broker::dial::{Start, dial};
use crate::broker::link::{Incoming, Link};
use crate::broker::listening::Listening;
use crate::broker::question::{self, Question};
use crate::broker::serving::Serving;
use crate::broker::unreachable::Unreachable;
use crate::lock::lock;
use crate::{BackgroundTaskCancellationReason, Error};

/// This process as the broker's client.
pub(crate) struct Client {
    connection: Connection<Own>,
}

/// What all links of this process share.
struct Own {
    /// The one-time token of a started server; taken by the first link.
    token: Mutex<Option<String>>,
    serving: Arc<Serving>,
    listening: Arc<Listening>,
}

impl Client {
    /// Returns the one of this process.
    pub(crate) fn get() -> &'static Self {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        CLIENT.get_or_init(|| Self {
            connection: Connection::new(Own {
                token: Mutex::new(env::var(TOKEN_VARIABLE).ok()),
                serving: Arc::default(),
                listening: Arc::default(),
            }),
        })
    }

    pub(crate) fn link(&self) -> Result<Link, Unreachable> {
        self.connection.link()
    }

    pub(crate) fn ask<A: DeserializeOwned + Type>(&self, question: Question<A>) -> Result<A, Error> {
        self.connection.ask(question)
    }

    pub(crate) fn serving(&self) -> &Arc<Serving> {
        &self.connection.opener().serving
    }

    pub(crate) fn listening(&self) -> &Arc<Listening> {
        &self.connection.opener().listening
    }

    /// Has the broker signal what becomes of the package's tasks; a later link asks for it by itself.
    pub(crate) fn listen(&self) -> Result<(), Error> {
        if self.listening().is_begun() {
            // Should the link have broken, the next one begins with it.
            return self.link().map(|_| ()).map_err(Error::from);
        }
        self.ask(question::watch(Watched::Own))?;
        self.listening().begin();
        Ok(())
    }
}

impl Opener for Own {
    fn open(&self) -> Result<Link, Unreachable> {
        let token = lock(&self.token).take();
        // A server whose broker is gone must end, not start a broker that knows nothing of it.
        let stream = dial(if token.is_some() { Start::Never } else { Start::IfNone })?;
        let mut greeting = Vec::new();
        if let Some(token) = token {
            greeting.extend(question::hello(&token).message());
        }
        if self.listening.is_begun() {
            greeting.extend(question::watch(Watched::Own).message());
        }
        let heard = Heard { serving: Arc::clone(&self.serving), listening: Arc::clone(&self.listening) };
        Link::open(stream, greeting, heard)
    }
}

/// What comes in over a link.
struct Heard {
    serving: Arc<Serving>,
    listening: Arc<Listening>,
}

impl Incoming for Heard {
    fn called(&mut self, call: &Message, link: &Link, out: &mut Vec<Message>) {
        let header = call.header();
        match header.member().map(|member| member.as_str()) {
            Some(server::RUN) => {
                if let Ok(activation) = question::read::<Activation>(server::RUN, call) {
                    self.serving.begin(activation, link, out);
                }
            }
            Some(server::CANCEL) => {
                if let Ok((instance, reason)) = question::read::<(String, u32)>(server::CANCEL, call)
                    && let Ok(instance) = instance.parse()
                {
                    self.serving.cancel(instance, BackgroundTaskCancellationReason::numbered(reason));
                }
            }
            // The broker waits for no answer to either; a newer one may call what is not known here.
            _ => {}
        }
    }

    fn signalled(&mut self, signal: &Message) {
        let header = signal.header();
        if header.path().is_none_or(|path| path.as_str() != BROKER_PATH) {
            return;
        }
        match header.member().map(|member| member.as_str()) {
            Some(signal::PROGRESS) => {
                if let Ok(progress) = question::read::<Progress>(signal::PROGRESS, signal) {
                    self.listening.progressed(progress);
                }
            }
            Some(signal::ENDED) => {
                if let Ok(entry) = question::read::<Entry>(signal::ENDED, signal) {
                    self.listening.ended(entry);
                }
            }
            _ => {}
        }
    }

    fn broken(&mut self, why: &Error) {
        self.serving.vanished(why);
    }
}
