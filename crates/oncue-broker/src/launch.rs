//! Task servers as processes: started, bound to their connection by a token, watched, killed.

mod arguments;
mod fell;
mod last_lines;
mod orphans;
mod output;
mod process;
mod short;
mod tree;
pub(crate) mod unstarted;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use oncue_core::{Exit, InstanceId, LastLines, ServerId};
use oncue_wire::names::TOKEN_VARIABLE;
use rustix::process::{Pid, getpid};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::last_lines::Mark;
use self::output::Output;
use self::process::Process;
use self::tree::Tree;
use crate::caller;
use crate::event_loop::Inbox;
use crate::package::Program;

pub(crate) use orphans::adopt;
pub(crate) use process::descends_from_this;
pub(crate) use short::is_short;

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
    pid: Pid,
    token: String,
    /// Its process has ended; its id may be another's from now on.
    ended: bool,
    output: Arc<Output>,
}

/// What a process leaves when it ends.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) server: ServerId,
    pub(crate) exit: Exit,
}

impl Processes {
    /// Starts a server in a process group of its own, in the package's folder, without descriptors.
    pub(crate) fn start(
        &mut self,
        server: ServerId,
        program: &Program,
        folder: &Path,
        inbox: &mpsc::Sender<Inbox>,
    ) -> io::Result<()> {
        let token = token()?;
        // Set like this, and with nothing to be done between fork and exec, std starts the process
        // by posix_spawn(3), whose cost does not grow with the broker's memory.
        let mut child = Command::new(&program.executable)
            .args(arguments::split(&program.arguments))
            .env(TOKEN_VARIABLE, &token)
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = Arc::new(Output::of(child.stderr.take()));
        let pid = Pid::from_child(&child);
        let started = Started { pid, token: token.clone(), ended: false, output: Arc::clone(&output) };
        self.servers.insert(server, started);
        self.tokens.insert(token, server);
        tokio::spawn(watch::until_end(server, child, output, inbox.clone()));
        Ok(())
    }

    /// Takes note that a run is handed to a server: what the server has written so far is not the run's.
    pub(crate) fn hand_over(&mut self, server: ServerId, instance: InstanceId) {
        if let Some(started) = self.servers.get(&server) {
            self.marks.insert(instance, (server, started.output.mark()));
        }
    }

    /// Takes note that a run has ended.
    pub(crate) fn run_ended(&mut self, instance: InstanceId) {
        self.marks.remove(&instance);
    }

    /// Returns what a server wrote last, and which part of that each of its runs may have written.
    pub(crate) fn last_lines(&self, server: ServerId) -> LastLines {
        let Some(Started { output, .. }) = self.servers.get(&server) else { return LastLines::default() };
        let own = self.marks.iter().filter(|(_, (of, _))| *of == server);
        LastLines {
            all: output.text(),
            since: own.map(|(instance, (_, mark))| (*instance, output.since(*mark))).collect(),
        }
    }

    /// Returns the server that carries the token; each token is good for one connection.
    pub(crate) fn redeem(&mut self, token: &str) -> Option<ServerId> {
        self.tokens.remove(token)
    }

    /// Ends a server's process tree, or what is left of it once the server itself has ended.
    pub(crate) fn kill(&mut self, server: ServerId) {
        if let Some(Started { pid, token, ended, .. }) = self.servers.get(&server) {
            // Until the end of a process was taken note of, its id is no other's.
            let started = Process::look(*pid).filter(|_| !ended).map(|process| process.started);
            self.fell(*pid, started, Some(token.clone()));
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
        let others = self.servers.values().filter(|other| !other.ended && other.pid != root);
        let tree = Tree { root, started, token, broker: getpid(), others: others.map(|o| o.pid).collect() };
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

    /// Waits until every tree that is being felled is down; the wait is bounded.
    pub(crate) async fn felled(&mut self) {
        while self.felling.join_next().await.is_some() {}
    }

    /// Takes note that a server's process has ended; what it started may be there still.
    pub(crate) fn ended(&mut self, server: ServerId) {
        if let Some(started) = self.servers.get_mut(&server) {
            started.ended = true;
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
        orphans::reap(|child| self.servers.values().any(|server| !server.ended && server.pid == child));
    }
}

fn token() -> io::Result<String> {
    let number = getrandom::u64()
        .and_then(|high| getrandom::u64().map(|low| u128::from(high) << 64 | u128::from(low)));
    number.map(|number| format!("{number:032x}")).map_err(io::Error::other)
}
