//! Task servers as processes: started, bound to their connection by a token, watched, killed.

mod arguments;
mod last_lines;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use oncue_core::{Exit, ServerId};
use oncue_wire::names::TOKEN_VARIABLE;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::mpsc;

use crate::event_loop::Inbox;
use crate::package::Program;

/// The processes that the broker started and that have not ended yet.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    groups: BTreeMap<ServerId, Pid>,
    tokens: HashMap<String, ServerId>,
}

/// What a process leaves when it ends.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) server: ServerId,
    pub(crate) exit: Exit,
    pub(crate) last_lines: String,
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
        let group = Pid::from_child(&child);
        self.groups.insert(server, group);
        self.tokens.insert(token, server);
        let stderr = child.stderr.take();
        tokio::spawn(watch::until_end(server, child, stderr, inbox.clone()));
        Ok(())
    }

    /// Returns the server that carries the token; each token is good for one connection.
    pub(crate) fn redeem(&mut self, token: &str) -> Option<ServerId> {
        self.tokens.remove(token)
    }

    /// Kills a server's process group.
    pub(crate) fn kill(&self, server: ServerId) -> io::Result<()> {
        match self.groups.get(&server) {
            Some(group) => Ok(kill_process_group(*group, Signal::KILL)?),
            None => Ok(()),
        }
    }

    /// Forgets a process that has ended: its group's number may be another's from now on.
    pub(crate) fn forget(&mut self, server: ServerId) {
        self.groups.remove(&server);
        self.tokens.retain(|_, of| *of != server);
    }

    /// Returns whether the server is a process of ours that is alive.
    pub(crate) fn has(&self, server: ServerId) -> bool {
        self.groups.contains_key(&server)
    }
}

fn token() -> io::Result<String> {
    let number = getrandom::u64()
        .and_then(|high| getrandom::u64().map(|low| u128::from(high) << 64 | u128::from(low)));
    number.map(|number| format!("{number:032x}")).map_err(io::Error::other)
}
