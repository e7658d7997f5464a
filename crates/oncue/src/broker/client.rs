//! This process as the broker's client: its connection, what it serves, and what it listens to.

use std::env;
use std::fmt;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, OnceLock};

use oncue_types::CancellationReason;
use oncue_wire::names::{BROKER_PATH, TOKEN_VARIABLE};
use oncue_wire::{Order, Signal, Watched, ask};
use zbus::message::Message;

use crate::broker::clock::Clock;
use crate::broker::connection::Connection;
use crate::broker::dial::{By, Dial, Start, dial};
use crate::broker::link::{Incoming, Link};
use crate::broker::listening::Listening;
use crate::broker::question::Question;
use crate::broker::scope::Scope;
use crate::broker::serving::Serving;
use crate::broker::socket::greeted;
use crate::broker::unreachable::Unreachable;
use crate::error::Error;
use crate::lock::lock;

/// This process as the broker's client.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    dial: Dial,
    serving: Arc<Serving>,
    listening: Arc<Listening>,
}

impl Client {
    /// Returns the client of the program that this thread acts for.
    pub(crate) fn get() -> Arc<Self> {
        static CLIENT: OnceLock<Arc<Client>> = OnceLock::new();
        let token = || env::var(TOKEN_VARIABLE).ok();
        let own = || Arc::new(Self::new(token(), Clock::default(), Arc::new(dial)));
        Scope::here().client().unwrap_or_else(|| Arc::clone(CLIENT.get_or_init(own)))
    }

    /// Creates a client that has not connected yet. `token` is the one-time token of a started
    /// server.
    pub(crate) fn new(token: Option<String>, clock: Clock, dial: Dial) -> Self {
        let serving = Arc::new(Serving::new(clock.clone()));
        let listening = Arc::new(Listening::new(clock));
        let opener = Opener {
            is_server: token.is_some(),
            token: Mutex::new(token),
            dial: Arc::clone(&dial),
            serving: Arc::clone(&serving),
            listening: Arc::clone(&listening),
        };
        Self { connection: Connection::new(move |start| opener.open(start)), dial, serving, listening }
    }

    /// Connects to the broker on behalf of one of the process's programs.
    pub(crate) fn dial(&self, by: By, start: Start) -> Result<UnixStream, Unreachable> {
        (self.dial)(by, start)
    }

    pub(crate) fn serving(&self) -> &Arc<Serving> {
        &self.serving
    }

    pub(crate) fn listening(&self) -> &Arc<Listening> {
        &self.listening
    }

    /// Makes the broker send signals about the package's tasks. Later links request this by
    /// themselves.
    pub(crate) fn listen(&self) -> Result<(), Error> {
        if self.listening.is_begun() {
            // If the link has been lost, the next one begins with this request.
            return self.connection.link().map(|_| ()).map_err(Error::from);
        }
        self.connection.ask(&ask::Watch { whose: Watched::Own })?;
        self.listening.begin();
        Ok(())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// Opens the links of a process.
struct Opener {
    /// The one-time token of a started server; used by the first link.
    token: Mutex<Option<String>>,
    dial: Dial,
    serving: Arc<Serving>,
    listening: Arc<Listening>,
    /// Whether the broker has started this process.
    is_server: bool,
}

impl Opener {
    fn open(&self, start: Start) -> Result<Link, Unreachable> {
        let token = lock(&self.token).take();
        // A server whose broker is gone must end, not start a new broker that does not know it.
        let start = if token.is_some() { Start::Never } else { start };
        let socket = greeted(|| (self.dial)(By::App, start))?;
        let mut greeting = Vec::new();
        if let Some(token) = token {
            greeting.extend(Question::of(&ask::Hello { token }).message());
        }
        if self.listening.is_begun() {
            greeting.extend(Question::of(&ask::Watch { whose: Watched::Own }).message());
        }
        let heard = Heard {
            scope: Scope::here(),
            serving: Arc::clone(&self.serving),
            listening: Arc::clone(&self.listening),
            is_server: self.is_server,
        };
        Link::open(socket, &greeting, heard)
    }
}

/// Handles what arrives over a link.
struct Heard {
    scope: Scope,
    serving: Arc<Serving>,
    listening: Arc<Listening>,
    is_server: bool,
}

impl Incoming for Heard {
    fn called(&mut self, call: &Message, link: &Link) {
        match Order::read(call) {
            Ok(Some(Order::Run(run))) => {
                self.scope.within(|| self.serving.begin(run.activation, link));
            }
            Ok(Some(Order::Cancel(cancel))) => {
                if let Ok(instance) = cancel.instance_id.parse() {
                    let reason = CancellationReason::given(cancel.reason);
                    self.scope.within(|| self.serving.cancel(instance, reason));
                }
            }
            // The broker does not wait for an answer to either. A newer broker may call methods
            // that are unknown here.
            Ok(None) | Err(_) => {}
        }
    }

    fn signalled(&mut self, signal: &Message) {
        if signal.header().path().is_none_or(|path| path.as_str() != BROKER_PATH) {
            return;
        }
        match Signal::read(signal) {
            Ok(Some(Signal::Progress(progress))) => self.listening.progressed(&progress),
            Ok(Some(Signal::Ended(ended))) => self.listening.ended(ended.entry),
            Ok(Some(Signal::TaskChanged(_) | Signal::TaskRemoved(_) | Signal::RunEntered(_)) | None)
            | Err(_) => {}
        }
    }

    fn broken(&mut self, why: &Error) {
        self.scope.within(|| self.serving.vanished(why));
    }

    /// Continues to listen if another broker has taken the place of this one. None is started for that, and a
    /// server ends with its broker.
    fn over(&mut self) {
        if self.listening.is_begun() && !self.is_server {
            let again = || Client::get().connection.link_by(Start::Never);
            // Without a broker, the next call begins to listen again.
            let _ = self.scope.within(again);
        }
    }
}
