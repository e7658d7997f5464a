//! The hosts of the tasks: the task servers' processes, and the packages that their programs come from.
//!
//! Methods that lead to an event return it; the loop passes it to the core.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{
    Activation, Command, Consent, Event, Exit, FamilyName, LedgerEntry, Priority, RequestId, ServerId,
};
use tokio::sync::mpsc;

use crate::caller;
use crate::front::PeerId;
use crate::inbox::Inbox;
use crate::launch::{Blame, Made, NotMade, Processes};
use crate::output::Run;
use crate::package::{Files, Finder, Packages, Start};

/// How long the end of a process waits for its last messages.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How many reasons for which packages were not added are remembered.
const WARNINGS: usize = 64;

/// Servers that are to be started once their package has been read, with their place in its manifest.
pub(crate) type ToStart = Vec<(ServerId, usize)>;

/// The task servers and the packages.
pub(crate) struct Hosts {
    processes: Processes,
    packages: Packages,
    finder: Finder,
    /// Processes that have ended, and whose last messages may still arrive.
    ending: HashMap<ServerId, Exit>,
    /// The reasons for which packages were not added that have been logged.
    warned: HashSet<String>,
    inbox: mpsc::Sender<Inbox>,
}

/// Task servers.
impl Hosts {
    pub(crate) fn new(
        processes: Processes,
        packages: Packages,
        finder: Finder,
        inbox: mpsc::Sender<Inbox>,
    ) -> Self {
        Self { processes, packages, finder, ending: HashMap::new(), warned: HashSet::new(), inbox }
    }

    /// Starts a task server, now or once its package has been read. Returns an event if that is impossible.
    pub(crate) fn launch(&mut self, server: ServerId, package: &FamilyName, exe: usize) -> Option<Event> {
        let not_made = match self.packages.start(package, server, exe) {
            Start::Program(program, folder) => {
                tracing::debug!(?server, "starting {program}");
                match self.processes.start_server(server, package, (program, folder), &self.inbox) {
                    Ok(()) => return None,
                    Err(error) => NotMade { blame: Blame::Broker, why: format!("creating a token: {error}") },
                }
            }
            Start::Waits { read } => {
                if let Some(location) = read {
                    self.finder.read(package.clone(), location);
                }
                return None;
            }
            Start::Impossible(why) => NotMade::by_program(why),
        };
        Some(self.launched(server, Err(not_made), Some(package)))
    }

    /// Starts the process of a command. Returns an event if that is impossible.
    pub(crate) fn start(
        &mut self,
        server: ServerId,
        command: Arc<Command>,
        activation: Activation,
        priority: Priority,
    ) -> Option<Event> {
        tracing::debug!(?server, "starting {command}");
        let error =
            self.processes.start_command(server, command, (activation, priority), &self.inbox).err()?;
        let not_made = NotMade { blame: Blame::Broker, why: format!("creating a token: {error}") };
        Some(self.launched(server, Err(not_made), None))
    }

    /// Asks the processes of a command to end.
    pub(crate) fn terminate(&mut self, server: ServerId) {
        self.processes.terminate(server);
    }

    /// Ends what is left of a command whose process has ended, after this time.
    pub(crate) fn kill_rest(&mut self, server: ServerId, after: Duration) {
        self.processes.kill_rest(server, after);
    }

    /// Records that the process of a task server of this package was created, or could not be.
    pub(crate) fn launched(
        &mut self,
        server: ServerId,
        launched: Result<Made, NotMade>,
        package: Option<&FamilyName>,
    ) -> Event {
        let event = match launched {
            Ok(made) => {
                let program = made.program.clone();
                self.processes.launched(server, made, &self.inbox);
                Event::ServerStarted { server, program }
            }
            Err(not_made) => {
                self.processes.not_launched(server);
                if let (Blame::FileSystem, Some(package)) = (not_made.blame, package) {
                    self.packages.out_of_reach(package, &not_made.why);
                }
                not_started(server, not_made)
            }
        };
        // Children that ended in the meantime have not been reaped: one could have been this process.
        self.processes.reap_orphans();
        event
    }

    /// Returns what is known of a task server that the core waits for: that its process has not been created
    /// yet, and what it has written.
    pub(crate) fn signs_of(&self, server: ServerId) -> impl Iterator<Item = Event> + use<> {
        let is_pending = self.processes.is_pending(server) || self.packages.is_awaited_by(server);
        let pending = is_pending.then_some(Event::LaunchPending { server });
        let last_lines = self.processes.last_lines(server);
        let wrote = (!last_lines.all.is_empty()).then_some(Event::ServerWrote { server, last_lines });
        pending.into_iter().chain(wrote)
    }

    /// Returns the task server with this token; each token is valid for one connection.
    pub(crate) fn redeem(&mut self, token: &str) -> Option<ServerId> {
        self.processes.redeem(token)
    }

    /// Records that a run waits for a task server that is being started.
    pub(crate) fn wait(&mut self, server: ServerId, run: Run) {
        self.processes.wait(server, run);
    }

    /// Records that a run is passed to a task server.
    pub(crate) fn hand_over(&mut self, server: ServerId, activation: &Activation) {
        self.processes.hand_over(server, activation);
    }

    /// Records that a run has ended.
    pub(crate) fn run_ended(&mut self, entry: &LedgerEntry) {
        self.processes.run_ended(entry);
    }

    /// Ends the process tree of a task server. `joined` is its process if the broker did not start it.
    pub(crate) fn kill(&mut self, server: ServerId, joined: Option<&caller::Process>) {
        if self.processes.has(server) {
            self.processes.kill(server);
        } else if let Some(Err(error)) = joined.map(|process| self.processes.kill_joined(process)) {
            tracing::warn!(?server, "killing a task server: {error}; waiting for its end");
        }
    }

    /// Records that a process has ended, and returns the event. If the task server has a connection,
    /// messages that it sent before may still be on their way; they are handled first, so that a run that
    /// has completed does not count as crashed.
    pub(crate) fn process_ended(&mut self, server: ServerId, exit: Exit, connected: bool) -> Option<Event> {
        self.processes.ended(server);
        if !connected {
            return Some(self.exited(server, exit));
        }
        self.ending.insert(server, exit);
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LAST_WORDS).await;
            let _ = inbox.send(Inbox::LastWordsOver(server)).await;
        });
        None
    }

    /// Returns the event that a process has ended, if it has waited for the last messages until now.
    pub(crate) fn last_words_over(&mut self, server: ServerId) -> Option<Event> {
        let exit = self.ending.remove(&server)?;
        Some(self.exited(server, exit))
    }

    fn exited(&self, server: ServerId, exit: Exit) -> Event {
        tracing::debug!(?server, %exit, "task server ended");
        Event::ServerExited { server, exit, last_lines: self.processes.last_lines(server) }
    }

    /// Forgets a task server whose process has ended. Processes that it left behind stay.
    pub(crate) fn forget(&mut self, server: ServerId) {
        self.processes.forget(server);
    }

    /// Reaps processes that task servers have left behind.
    pub(crate) fn reap_orphans(&self) {
        self.processes.reap_orphans();
    }

    /// Waits until all process trees that are being ended are gone.
    pub(crate) async fn felled(&mut self) {
        self.processes.felled().await;
    }
}

/// Packages.
impl Hosts {
    /// Returns where the packages are.
    pub(crate) fn packages(&self) -> &Packages {
        &self.packages
    }

    /// Looks for the package of a connection's program if it may be unknown or have changed. Returns
    /// whether the connection has to wait for that.
    pub(crate) fn look_for_package_of(&mut self, id: PeerId, executable: &Path) -> bool {
        let must_look = self.packages.must_look(executable);
        if must_look {
            self.finder.look_beside(id, executable, self.packages.locations());
        }
        must_look
    }

    /// Reads a package that a client wants to add.
    pub(crate) fn offered(&self, request: RequestId, folder: PathBuf, consent: Consent) {
        self.finder.offered(request, folder, consent, self.packages.locations());
    }

    /// Looks for packages that the system has installed or removed, because a client lists the packages.
    pub(crate) fn list(&mut self, request: RequestId) {
        self.finder.list(request, self.packages.locations());
    }

    /// Records that the search for installed packages has ended.
    pub(crate) fn looked_for_shared(&mut self) {
        self.finder.looked_for_shared();
    }

    /// Replaces the files of a package; returns the servers that waited for them.
    pub(crate) fn replace(&mut self, family: FamilyName, files: Files) -> ToStart {
        let waiting = self.packages.remove(&family);
        self.packages.insert(family, files);
        waiting
    }

    /// Forgets the files of a package; returns the servers that waited for them.
    pub(crate) fn remove(&mut self, family: &FamilyName) -> ToStart {
        self.packages.remove(family)
    }

    /// Records that the programs of a package cannot be started, and returns an event for every server
    /// that waits for one.
    pub(crate) fn cannot_start(&mut self, family: &FamilyName, blame: Blame, why: &str) -> Vec<Event> {
        tracing::warn!("package {family}: {why}; its tasks cannot be activated");
        let waiting = self.packages.trouble(family, why.to_owned());
        let event = |(server, _)| not_started(server, NotMade { blame, why: why.to_owned() });
        waiting.into_iter().map(event).collect()
    }

    /// Logs once why a package was not added: every caller from its folder leads to the same result.
    pub(crate) fn warn_of_package(&mut self, why: &str) {
        if self.warned.len() >= WARNINGS {
            self.warned.clear();
        }
        if self.warned.insert(why.to_owned()) {
            tracing::warn!("{why}; the package was not added");
        }
    }
}

/// Returns the event that a task server has no process, depending on who is to blame.
fn not_started(server: ServerId, NotMade { blame, why }: NotMade) -> Event {
    match blame {
        Blame::Broker | Blame::FileSystem => tracing::warn!("{why}; retrying later"),
        Blame::Program => tracing::warn!("{why}; its runs end as not activated"),
    }
    match blame {
        Blame::Broker => Event::Short { server: Some(server), why },
        Blame::FileSystem => Event::OutOfReach { server, why },
        Blame::Program => Event::LaunchFailed { server, why },
    }
}
