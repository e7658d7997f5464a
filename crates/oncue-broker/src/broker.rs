//! Starting and ending the broker as a process.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use oncue_core::{Broker, Event, Guid, Told};
use oncue_wire::starting::{self, Failed};
use oncue_wire::{Place, PlaceError, StartedBy};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc};

use crate::calendar::Zones;
use crate::config::{Config, ConfigError, Install};
use crate::errand::Errands;
use crate::event_loop::{Loop, Parts};
use crate::front::{Address, Front, Holders, OpenBus, OpenDoor, Shared};
use crate::hosts::Hosts;
use crate::inbox::Inbox;
use crate::inherited::{Inheritance, Inherited, listener_at};
use crate::launch::{Processes, Traces};
use crate::notifier::Notifier;
use crate::output::Outputs;
use crate::package::{Finder, Packages};
use crate::promise::Promises;
use crate::recorder::{Done, Recorder};
use crate::service::{AtLogIn, Role};
use crate::single::{RuntimeFolderError, Single, is_heard, private_folder};
use crate::source::{Storage, SystemBus};
use crate::store::{Store, StoreError};
use crate::takeover::{self, Successor};
use crate::variables::Session;
use crate::{clock, log, session, source};

/// Why the broker could not start or continue.
#[derive(thiserror::Error)]
pub enum BrokerError {
    /// The locations of its files are not defined.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder for the socket and the locks cannot be used.
    #[error(transparent)]
    Folder(#[from] RuntimeFolderError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A system call failed.
    #[error("{what}: {source}")]
    System {
        /// The attempted operation.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The broker has ended, and some of the last changes may not be in the store.
    #[error("ended, but the last changes may not be recorded in {}: {why}", store.display())]
    NotRecorded {
        /// The store.
        store: PathBuf,
        /// Why.
        why: String,
    },
    /// Another broker of this user is already running.
    #[error("a broker is already running; it listens at {}", socket.display())]
    Running {
        /// Its socket.
        socket: PathBuf,
    },
}

impl BrokerError {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Place(error) => error.way_out(),
            Self::Config(error) => error.way_out(),
            Self::Folder(_) => {
                "make that folder writable and owned by you, or set ONCUE_HOME to another folder"
            }
            Self::Store(error) => error.way_out(),
            Self::System { .. } => "run `ONCUE_LOG=debug oncue daemon` to see what led to this",
            Self::NotRecorded { .. } => {
                "once its file system answers and has room, `oncue list` and `oncue history` show what is recorded"
            }
            Self::Running { .. } => "use that one, or stop it with `oncue daemon --stop`",
        }
    }
}

impl fmt::Debug for BrokerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Told::of(self).with(Some(self.way_out())), f)
    }
}

/// The file with the kernel's id of this boot; see random(4).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// How many tasks run before the runtime checks for I/O events.
const EVENTS_AFTER: u32 = 8;

/// How many messages may wait for the loop; senders of more wait.
const INBOX: usize = 4_096;

/// Runs the broker until it is told to stop.
///
/// # Errors
/// Returns an error if it cannot start or continue; the log has the error already, and so does a
/// program that started it.
pub fn run(started: StartedBy) -> Result<(), BrokerError> {
    run_as(Role::Daemon, started)
}

/// The same for any program that can be the broker.
pub(crate) fn run_as(role: Role, started: StartedBy) -> Result<(), BrokerError> {
    let served = find_place_and_serve(role, started);
    match (&served, started) {
        // The caller already has a broker.
        (Err(BrokerError::Running { .. }), StartedBy::Client | StartedBy::Service) => return Ok(()),
        (Err(error), StartedBy::Client) => {
            say(&Failed { what: Told::of(error).to_string(), way_out: error.way_out().into() }.written())
        }
        (Err(_), StartedBy::User | StartedBy::Service) | (Ok(()), _) => {}
    }
    served
}

fn find_place_and_serve(role: Role, started: StartedBy) -> Result<(), BrokerError> {
    let Inheritance { kept, socket } = crate::inherited::put_right();
    let place = Place::find()?;
    let was_open = private_folder(&place.state)?;
    let lines = log::open(started, &place.state).map_err(system("opening the log"))?;
    crate::inherited::tell(&kept);
    log::hear_panics();
    if let Some(was_open) = was_open {
        tracing::warn!("{was_open}");
    }
    let served = serve((role, started), place, socket);
    match &served {
        Err(BrokerError::Running { .. }) => tracing::info!("another broker is running; exiting"),
        Err(error) => tracing::error!("{error}; exiting"),
        Ok(None) => tracing::info!("exited"),
        Ok(Some(_)) => tracing::info!("a newer program takes over"),
    }
    lines.flush();
    let Some(successor) = served? else { return Ok(()) };
    let failed = successor.execute();
    lines.flush();
    Err(system("executing the newer program")(failed))
}

fn serve(
    (role, started): (Role, StartedBy),
    place: Place,
    socket: Option<Inherited>,
) -> Result<Option<Successor>, BrokerError> {
    if started != StartedBy::User {
        // A terminal that closes ends the processes of its session, but not those of another session.
        let _ = rustix::process::setsid();
    }
    let Some(single) = Single::take(&place.runtime, &place.socket())? else {
        return Err(BrokerError::Running { socket: place.socket() });
    };
    let passed = passed_on(socket, &place.socket());
    // If the service manager listens there, it starts a broker when a client connects, as this call did.
    if passed.is_none() && is_heard(&place.socket()) {
        return Err(BrokerError::Running { socket: place.socket() });
    }
    let mut config = Config::read(&place.config)?;
    config.settings.starts_at_log_in = config.install == Install::Auto && !Place::is_own_home();
    config.settings.leaves = started == StartedBy::Client;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // A client that sends little is noticed soon, however much others send.
    let runtime =
        runtime.enable_all().event_interval(EVENTS_AFTER).global_queue_interval(EVENTS_AFTER).build();
    let runtime = runtime.map_err(system("starting the runtime"))?;
    let served = runtime.block_on(open_and_serve((role, started), place, config, (single, passed)));
    // Tasks that wait for processes or clients may outlive this function; they end with the process.
    runtime.shutdown_background();
    served
}

/// Returns the inherited socket, if it is the one that clients connect to.
fn passed_on(inherited: Option<Inherited>, path: &Path) -> Option<Inherited> {
    let Inherited { socket, bound_by } = inherited?;
    match listener_at(socket, path) {
        Ok(socket) => Some(Inherited { socket, bound_by }),
        Err(error) => {
            tracing::warn!("the socket of the {} is not used: {error}", bound_by.name());
            None
        }
    }
}

async fn open_and_serve(
    (role, started): (Role, StartedBy),
    place: Place,
    config: Config,
    (single, passed): (Single, Option<Inherited>),
) -> Result<Option<Successor>, BrokerError> {
    let (inbox, mut happened) = mpsc::channel(INBOX);
    let takes_name = config.session_bus.is_wanted(Place::is_own_home());
    let boot = this_boot();
    let context = Context {
        inbox: inbox.clone(),
        errands: Errands::default(),
        shared: Shared::default(),
        look: Arc::default(),
        cleared: Arc::default(),
    };
    let (outputs, kept) =
        Outputs::start(&place.state, config.output.clone()).map_err(system("starting a thread"))?;
    let (mut broker, done) = open((role, started), &place, config, boot, &context, outputs)?;
    crate::launch::adopt(inbox.clone());
    let system_bus = SystemBus::keep();
    source::start(&inbox, &system_bus, &context.errands);
    broker.look_around(&mut happened).await;
    if let Some(session) = session::of(&place, boot) {
        // The core compares it with the last one, and so knows whether a session begins.
        broker.handle_alone(Event::Started { session });
    }
    let socket = place.socket();
    let (address, listener) =
        Address::listen(&place, (single, passed), context.cleared, context.errands.clone())
            .map_err(system(&format!("listening at {}", socket.display())))?;
    let (renewed, listeners) = mpsc::channel(1);
    let holders = Holders::new(context.shared);
    let door = OpenDoor::open(listener, listeners, inbox.clone(), holders.clone());
    let door = door.map_err(system("starting a thread"))?;
    let bus = if takes_name { OpenBus::open(inbox.clone(), holders) } else { Ok(None) };
    let bus = bus.map_err(system("starting a thread"))?;
    let bound = address.bound();
    tokio::spawn(address.keep(context.look, renewed, inbox.clone()));
    tokio::spawn(takeover::watch(context.errands.clone(), inbox.clone()));
    tokio::spawn(stop_signals(inbox, system_bus));
    tracing::info!(tasks = broker.n_tasks(), "listening at {}", socket.display());
    if started == StartedBy::Client {
        say_ready();
    }
    let served = broker.run(&mut happened, done).await;
    let hands_over = served.is_ok() && broker.hands_over();
    if !hands_over {
        // A client that connects now must not find a socket that nobody serves, so that it finds or starts
        // another broker. The same holds for a client that has not been served yet.
        bound.remove(&context.errands).await;
    }
    // The program that takes over serves them.
    let socket = door.close().filter(|_| hands_over);
    let bus = bus.map(OpenBus::close);
    broker.say_goodbye(happened).await;
    if let Some(bus) = bus {
        bus.end();
    }
    kept.wait();
    let recorded = broker.end().map_err(|error| BrokerError::NotRecorded {
        store: place.state.join("store.db"),
        why: error.to_string(),
    });
    served.map_err(system("waiting for events")).and(recorded)?;
    Ok(socket.map(|socket| Successor::new(Inherited { socket, bound_by: bound.by() })))
}

/// Returns the kernel's id of this boot.
fn this_boot() -> Option<Guid> {
    let why = match std::fs::read_to_string(BOOT_ID).map(|text| text.trim().parse()) {
        Ok(Ok(boot)) => return Some(boot),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(
        "{BOOT_ID}: {why}; startup triggers do not fire, and the time that the machine was off is unknown"
    );
    None
}

/// State that several parts of the broker share.
struct Context {
    inbox: mpsc::Sender<Inbox>,
    errands: Errands,
    shared: Shared,
    /// Has the address checked.
    look: Arc<Notify>,
    /// Set when nothing of this home may be recreated.
    cleared: Arc<AtomicBool>,
}

/// Loads the contents of the store.
fn open(
    (role, started): (Role, StartedBy),
    place: &Place,
    config: Config,
    boot: Option<Guid>,
    context: &Context,
    outputs: Outputs,
) -> Result<(Loop, mpsc::UnboundedReceiver<Done>), BrokerError> {
    let Context { inbox, errands, shared, look, cleared } = context;
    let (mut store, born) = Store::open(&place.state.join("store.db"))?;
    let now = clock::now();
    if let Err(error) = store.clear(&config.ledger) {
        tracing::warn!("{error}; keeping them");
        if let Err(error) = store.mend_ledger() {
            tracing::error!("{error}");
        }
    }
    let stored = store.load()?;
    let mut packages = Packages::default();
    let mut finder = Finder::new(errands.clone(), inbox.clone());
    for package in &stored.packages {
        packages.take_up(package.family.clone(), package.location.clone().into());
        finder.read(package.family.clone(), package.location.clone().into());
    }
    finder.look_for_shared(packages.locations());
    let zones = Zones::here(errands.clone(), inbox.clone());
    let mut core = Broker::new(config.settings, born.seed, born.epoch).with_calendar(zones.clone());
    let effects = core.recover(now, boot, stored);
    let (recorder, done) =
        Recorder::start(store, config.ledger, cleared.clone()).map_err(system("starting a thread"))?;
    let session = Session::of_this_process();
    let notifier = Notifier::start(&place.state, session.clone());
    let traces = Traces::below(&place.runtime, boot);
    let processes = Processes::new(traces, errands.clone(), outputs, session);
    let parts = Parts {
        core,
        front: Front::new(inbox.clone(), shared).map_err(system("starting a thread"))?,
        notifier,
        hosts: Hosts::new(processes, packages, finder, inbox.clone()),
        promises: Promises::new(recorder, &place.state),
        watches: source::Watches::new(inbox.clone(), &place.state, errands.clone()),
        storage: Storage::of(&place.state, errands.clone()),
        at_log_in: AtLogIn::new(role, errands.clone()),
        zones,
        place: place.clone(),
        started,
        address: look.clone(),
    };
    Ok((Loop::begin(parts, effects), done))
}

/// Tells the program that started this one; if it has given up, the text is lost.
fn say(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn say_ready() {
    say(&starting::ready());
    // The client waits for the end of the pipe or for this word; nothing may be written after it.
    if let Ok(nothing) = std::fs::OpenOptions::new().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(nothing);
    }
}

async fn stop_signals(inbox: mpsc::Sender<Inbox>, mut system_bus: SystemBus) {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
        tracing::error!("cannot listen for signals; stop the broker with `oncue daemon --stop`");
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        let reason = source::why_ending(&mut system_bus).await;
        if inbox.send(Inbox::StopSignal(reason)).await.is_err() {
            return;
        }
    }
}

fn system(what: &str) -> impl FnOnce(io::Error) -> BrokerError {
    let what = what.to_owned();
    move |source| BrokerError::System { what, source }
}
