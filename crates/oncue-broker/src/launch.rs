//! Task servers as processes: started, bound to their connection by a token, watched, killed.

mod arguments;
mod fell;
mod last_lines;
mod orphans;
mod output;
mod process;
mod short;
mod spawn;
mod tree;
mod unstarted;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{Exit, InstanceId, LastLines, ServerId};
use rustix::process::{Pid, getpid};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::last_lines::Mark;
use self::output::Output;
use self::process::Process;
use self::short::is_short;
use self::tree::Tree;
use crate::caller;
use crate::errand::Errands;
use crate::event_loop::Inbox;
use crate::package::Program;

pub(crate) use orphans::adopt;
pub(crate) use process::descends_from_this;
pub(crate) use spawn::{Made, NotMade};

/// The servers that the broker started and has not done with yet.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    servers: BTreeMap<ServerId, Started>,
    /// The tokens that were not shown yet.
    tokens: HashMap<String, ServerId>,
    /// Where in its server's output each run that is alive begins.
    marks: HashMap<InstanceId, (ServerId, Mark)>,
    /// The trees that are being felled.
    felling: JoinSet<()>,
}

/// One server that the broker started.
#[derive(Debug)]
struct Started {
    token: String,
    stage: Stage,
    /// Its standard error, once it has one.
    output: Option<Arc<Output>>,
}

/// How far a server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its process is being made.
    Launching,
    /// As `Launching`, and it is to be killed as soon as it is there.
    Doomed,
    /// Its process lives.
    Alive(Pid),
    /// Its process has ended; its id may be another's from now on.
    Ended(Pid),
}

/// What a process leaves when it ends.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) server: ServerId,
    pub(crate) exit: Exit,
}

impl Processes {
    /// Starts a server; what becomes of it comes as [`Inbox::Launched`].
    pub(crate) fn start(
        &mut self,
        server: ServerId,
        program: Program,
        folder: PathBuf,
        errands: &Errands,
        inbox: &mpsc::Sender<Inbox>,
    ) -> io::Result<()> {
        let token = token()?;
        self.servers.insert(server, Started { token: token.clone(), stage: Stage::Launching, output: None });
        self.tokens.insert(token.clone(), server);
        let (errands, inbox) = (errands.clone(), inbox.clone());
        tokio::spawn(async move {
            let launched = spawn::spawn(program, folder, token, &errands).await;
            let _ = inbox.send(Inbox::Launched(server, launched)).await;
        });
        Ok(())
    }

    /// Takes note that a server's process was made.
    pub(crate) fn launched(&mut self, server: ServerId, made: Made, inbox: &mpsc::Sender<Inbox>) {
        let mut child = made.child;
        let (pid, output) = (Pid::from_child(&child), Arc::new(Output::of(child.stderr.take())));
        let mut doomed = true;
        if let Some(started) = self.servers.get_mut(&server) {
            doomed = std::mem::replace(&mut started.stage, Stage::Alive(pid)) == Stage::Doomed;
            started.output = Some(Arc::clone(&output));
        }
        tokio::spawn(watch::until_end(server, child, output, inbox.clone()));
        if doomed {
            self.kill(server);
        }
    }

    /// Takes note that a run is handed to a server: what the server has written so far is not the run's.
    pub(crate) fn hand_over(&mut self, server: ServerId, instance: InstanceId) {
        if let Some(started) = self.servers.get(&server) {
            let mark = started.output.as_ref().map_or_else(Mark::default, |output| output.mark());
            self.marks.insert(instance, (server, mark));
        }
    }

    /// Takes note that a run has ended.
    pub(crate) fn run_ended(&mut self, instance: InstanceId) {
        self.marks.remove(&instance);
    }

    /// Returns what a server wrote last, and which part of that each of its runs may have written.
    pub(crate) fn last_lines(&self, server: ServerId) -> LastLines {
        let output = self.servers.get(&server).and_then(|started| started.output.as_ref());
        let Some(output) = output else { return LastLines::default() };
        let own = self.marks.iter().filter(|(_, (of, _))| *of == server);
        LastLines {
            all: output.text(),
            since: own.map(|(instance, (_, mark))| (*instance, output.since(*mark))).collect(),
        }
    }

    /// Takes note that a server has no process.
    pub(crate) fn not_launched(&mut self, server: ServerId) {
        self.ended(server);
        self.forget(server);
    }

    /// Returns whether processes are being made, whose ids are not known yet.
    pub(crate) fn are_being_made(&self) -> bool {
        self.servers.values().any(|server| matches!(server.stage, Stage::Launching | Stage::Doomed))
    }

    /// Returns the server that carries the token; each token is good for one connection.
    pub(crate) fn redeem(&mut self, token: &str) -> Option<ServerId> {
        self.tokens.remove(token)
    }

    /// Ends a server's process tree, or what is left of it once the server itself has ended.
    pub(crate) fn kill(&mut self, server: ServerId) {
        let Some(Started { token, stage, .. }) = self.servers.get_mut(&server) else { return };
        let token = Some(token.clone());
        match *stage {
            Stage::Launching | Stage::Doomed => *stage = Stage::Doomed,
            // Until the end of a process was taken note of, its id is no other's.
            Stage::Alive(pid) => self.fell(pid, Process::look(pid).map(|process| process.started), token),
            Stage::Ended(pid) => self.fell(pid, None, token),
        }
    }

    /// Ends a process that came by itself, and what it has started.
    pub(crate) fn kill_joined(&mut self, process: &caller::Process) -> io::Result<()> {
        let looked = Process::look(process.pid);
        // Had it ended before that look, its id could be another's by now.
        if process.is_alive()?
            && let Some(Process { pid, started, .. }) = looked
        {
            self.fell(pid, Some(started), None);
        }
        Ok(())
    }

    fn fell(&mut self, root: Pid, started: Option<u64>, token: Option<String>) {
        let others = self.servers.values().filter_map(Started::alive).filter(|other| *other != root);
        let tree = Tree { root, started, token, broker: getpid(), others: others.collect() };
        while self.felling.try_join_next().is_some() {}
        self.felling.spawn_blocking(move || {
            if let Err(error) = fell::fell(&tree) {
                tracing::error!(
                    pid = tree.root.as_raw_nonzero(),
                    "killing a task server: {error}; giving up"
                );
            }
        });
    }

    /// Waits until every tree that is being felled is down, but not for what does not let itself be
    /// looked at.
    pub(crate) async fn felled(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(6);
        let felled = async { while self.felling.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, felled).await.is_err() {
            tracing::error!("some task servers may be alive; leaving");
        }
    }

    /// Takes note that a server's process has ended; what it started may be there still.
    pub(crate) fn ended(&mut self, server: ServerId) {
        if let Some(started) = self.servers.get_mut(&server)
            && let Stage::Alive(pid) = started.stage
        {
            started.stage = Stage::Ended(pid);
        }
        self.tokens.retain(|_, of| *of != server);
    }

    /// Forgets a server; what it left behind is on its own.
    pub(crate) fn forget(&mut self, server: ServerId) {
        self.servers.remove(&server);
    }

    /// Returns whether the server was started by the broker and is not forgotten.
    pub(crate) fn has(&self, server: ServerId) -> bool {
        self.servers.contains_key(&server)
    }

    /// Takes note of the end of what servers have left behind.
    pub(crate) fn reap_orphans(&self) {
        // A child that is not known yet may be a server, whose end is watched.
        if !self.are_being_made() {
            orphans::reap(|child| self.servers.values().any(|server| server.alive() == Some(child)));
        }
    }
}

impl Started {
    fn alive(&self) -> Option<Pid> {
        match self.stage {
            Stage::Alive(pid) => Some(pid),
            Stage::Launching | Stage::Doomed | Stage::Ended(_) => None,
        }
    }
}

fn token() -> io::Result<String> {
    let number = getrandom::u64()
        .and_then(|high| getrandom::u64().map(|low| u128::from(high) << 64 | u128::from(low)));
    number.map(|number| format!("{number:032x}")).map_err(io::Error::other)
}
