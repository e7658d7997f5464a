//! Starts, watches and kills the processes of task servers, and binds them to their connections by token.

mod arguments;
pub(crate) mod blame;
mod command;
mod fell;
mod last_lines;
mod left_behind;
mod orphans;
mod output;
mod process;
mod recipe;
mod runs;
pub(crate) mod spawn;
mod trace;
mod tree;
mod unstarted;
mod watch;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{Activation, Command, FamilyName, LastLines, LedgerEntry, Outcome, Priority, ServerId};
use rustix::process::{Pid, Signal, getpid, kill_process_group};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::command::{Card, CommandRun};
use self::last_lines::Mark;
use self::left_behind::LeftBehind;
use self::output::{Output, Told};
use self::process::Process;
use self::recipe::Recipe;
use self::runs::Runs;
use self::spawn::Order;
use self::trace::Trace;
use self::tree::{Orphans, Tree};
use crate::caller;
use crate::errand::Errands;
use crate::inbox::Inbox;
use crate::output::{Outputs, Run};
use crate::package::Program;
use crate::variables::Session;

pub(crate) use blame::{Blame, NotMade};
pub(crate) use orphans::adopt;
pub(crate) use process::descends_from_this;
pub(crate) use spawn::Made;
pub(crate) use trace::Traces;

/// The servers that the broker started and still manages.
#[derive(Debug)]
pub(crate) struct Processes {
    /// Where the servers are recorded for the next broker.
    traces: Traces,
    left_behind: LeftBehind,
    errands: Errands,
    /// Provides the variables that servers are started with.
    session: Session,
    servers: BTreeMap<ServerId, Started>,
    /// The tokens that have not been used yet.
    tokens: HashMap<String, ServerId>,
    runs: Runs,
    outputs: Outputs,
    /// The process trees that are being ended, and the traces that are being removed.
    felling: JoinSet<()>,
}

/// One server that the broker started.
#[derive(Debug)]
struct Started {
    token: String,
    package: FamilyName,
    /// Removed once nothing of the server needs to be ended any more; `None` if ending its tree removes it.
    trace: Option<Trace>,
    /// Describes the run to a command.
    card: Option<Card>,
    stage: Stage,
    /// Its output, once the process exists.
    output: Option<Arc<Output>>,
}

/// The stage of a server's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its process is being created.
    Launching,
    /// Like `Launching`, but its process is killed as soon as it exists.
    Doomed,
    /// Its process is alive.
    Alive(Pid),
    /// Its process has ended, and its id may be reused.
    Ended(Pid),
}

impl Processes {
    /// Starts with no servers, and begins to end those that an earlier broker left behind.
    pub(crate) fn new(traces: Traces, errands: Errands, outputs: Outputs, session: Session) -> Self {
        Card::remove_all(traces.runtime());
        Self {
            left_behind: LeftBehind::end(&traces),
            traces,
            session,
            errands,
            servers: BTreeMap::new(),
            tokens: HashMap::new(),
            runs: Runs::default(),
            outputs,
            felling: JoinSet::new(),
        }
    }

    /// Starts a task server as soon as none of its package's servers is left from an earlier broker. The
    /// result arrives as [`Inbox::Launched`].
    pub(crate) fn start_server(
        &mut self,
        server: ServerId,
        package: &FamilyName,
        (program, folder): (Program, PathBuf),
        inbox: &mpsc::Sender<Inbox>,
    ) -> io::Result<()> {
        let token = token()?;
        self.tokens.insert(token.clone(), server);
        self.start(server, (package, package), token, Recipe::Server(program, folder), inbox);
        Ok(())
    }

    /// Starts the process of a command. The result arrives as [`Inbox::Launched`].
    pub(crate) fn start_command(
        &mut self,
        server: ServerId,
        command: Arc<Command>,
        (activation, priority): (Activation, Priority),
        inbox: &mpsc::Sender<Inbox>,
    ) -> io::Result<()> {
        let token = token()?;
        let package = FamilyName::commands();
        self.runs.pass(server, Run::of(&activation, &package), Mark::default());
        // It waits only for what an earlier broker left of its own task.
        let whose = left_behind::command_of(activation.task);
        let run = CommandRun::new(command, activation, priority, self.traces.runtime());
        self.start(server, (&package, &whose), token, Recipe::Command(Box::new(run)), inbox);
        Ok(())
    }

    fn start(
        &mut self,
        server: ServerId,
        (package, whose): (&FamilyName, &FamilyName),
        token: String,
        recipe: Recipe,
        inbox: &mpsc::Sender<Inbox>,
    ) {
        let trace = self.traces.of(&token, whose);
        let started = Started {
            token: token.clone(),
            package: package.clone(),
            trace: Some(trace.clone()),
            card: recipe.card(),
            stage: Stage::Launching,
            output: None,
        };
        self.servers.insert(server, started);
        let (errands, inbox) = (self.errands.clone(), inbox.clone());
        let (left_behind, session) = (self.left_behind.clone(), self.session.clone());
        tokio::spawn(async move {
            left_behind.gone(trace.package()).await;
            let of_manager = session.of_manager().await;
            let order = Order { recipe, session, of_manager, token, trace };
            let launched = spawn::spawn(order, &errands).await;
            let _ = inbox.send(Inbox::Launched(server, launched)).await;
        });
    }

    /// Records that a server's process was created.
    pub(crate) fn launched(&mut self, server: ServerId, made: Made, inbox: &mpsc::Sender<Inbox>) {
        let mut process = made.process;
        let pid = Pid::from_child(&process.child);
        let told = match self.servers.get(&server) {
            Some(Started { card: Some(_), .. }) => Told::Either,
            Some(Started { card: None, .. }) | None => Told::StandardError,
        };
        let output = Output::of(&mut process.child, told, self.outputs.clone(), self.runs.of(server));
        let output = Arc::new(output);
        let mut doomed = true;
        if let Some(started) = self.servers.get_mut(&server) {
            doomed = std::mem::replace(&mut started.stage, Stage::Alive(pid)) == Stage::Doomed;
            started.output = Some(Arc::clone(&output));
        }
        tokio::spawn(watch::until_end(server, process, output, inbox.clone()));
        if doomed {
            self.kill(server);
        }
    }

    /// Records that a run waits for a server: what that writes belongs to the run.
    pub(crate) fn wait(&mut self, server: ServerId, run: Run) {
        self.leave_other(server, &run);
        if let Some(output) = self.output_of(server) {
            output.listen(run.clone());
        }
        self.runs.wait(server, run);
    }

    /// Records that a run is passed to a server. What the server writes from now on belongs to the run; what it
    /// has written before does so only if the run has waited for it.
    pub(crate) fn hand_over(&mut self, server: ServerId, activation: &Activation) {
        let Some(Started { package, .. }) = self.servers.get(&server) else { return };
        let run = Run::of(activation, package);
        let has_waited = self.leave_other(server, &run);
        let mut begins = Mark::default();
        if let Some(output) = self.output_of(server) {
            begins = output.mark();
            if !has_waited {
                output.listen(run.clone());
            }
        }
        self.runs.pass(server, run, begins);
    }

    /// Detaches a run from its server if that is another one. Returns whether it is this one.
    fn leave_other(&self, server: ServerId, run: &Run) -> bool {
        let before = self.runs.server_of(run.instance);
        if let Some(output) =
            before.filter(|before| *before != server).and_then(|other| self.output_of(other))
        {
            output.stop_listening(run.instance);
        }
        before == Some(server)
    }

    /// Records that a run has ended.
    pub(crate) fn run_ended(&mut self, entry: &LedgerEntry) {
        match self.runs.remove(entry.instance) {
            Some(server) => {
                if let Some(output) = self.output_of(server) {
                    output.run_ended(entry);
                }
            }
            None if entry.outcome == Outcome::Lost => self.outputs.lost(entry),
            None => {}
        }
    }

    /// Returns the end of a server's standard error, and the part of it that each of its runs may have
    /// written.
    pub(crate) fn last_lines(&self, server: ServerId) -> LastLines {
        let Some(output) = self.output_of(server) else { return LastLines::default() };
        let own = self.runs.passed_to(server);
        LastLines {
            all: output.text(),
            since: own.map(|(instance, mark)| (instance, output.since(mark))).collect(),
        }
    }

    fn output_of(&self, server: ServerId) -> Option<&Output> {
        self.servers.get(&server)?.output.as_deref()
    }

    /// Records that a server has no process.
    pub(crate) fn not_launched(&mut self, server: ServerId) {
        self.ended(server);
        self.forget(server);
    }

    /// Returns whether a server's process is still being created.
    pub(crate) fn is_pending(&self, server: ServerId) -> bool {
        self.servers.get(&server).is_some_and(|started| started.stage == Stage::Launching)
    }

    /// Returns whether processes are being created, whose ids are not known yet.
    pub(crate) fn are_being_made(&self) -> bool {
        self.servers.values().any(|server| matches!(server.stage, Stage::Launching | Stage::Doomed))
    }

    /// Returns the server with this token; each token is valid for one connection.
    pub(crate) fn redeem(&mut self, token: &str) -> Option<ServerId> {
        self.tokens.remove(token)
    }

    /// Asks the processes of a command to end. One that is still being created is killed instead.
    pub(crate) fn terminate(&mut self, server: ServerId) {
        let Some(started) = self.servers.get_mut(&server) else { return };
        match started.stage {
            Stage::Launching | Stage::Doomed => started.stage = Stage::Doomed,
            // The group's id is not reused before the end of its leader has been recorded. An error means
            // that the processes have ended.
            Stage::Alive(pid) => drop(kill_process_group(pid, Signal::TERM)),
            Stage::Ended(_) => {}
        }
    }

    /// Ends what is left of a command whose process has ended, after this time.
    pub(crate) fn kill_rest(&mut self, server: ServerId, after: Duration) {
        self.kill_after(server, after);
    }

    /// Ends a server's process tree, or what is left of it once the server itself has ended.
    pub(crate) fn kill(&mut self, server: ServerId) {
        self.kill_after(server, Duration::ZERO);
    }

    fn kill_after(&mut self, server: ServerId, after: Duration) {
        let Some(Started { token, stage, trace, .. }) = self.servers.get_mut(&server) else { return };
        let (pid, started) = match *stage {
            Stage::Launching | Stage::Doomed => {
                *stage = Stage::Doomed;
                return;
            }
            // The id of a process is not reused before its end has been recorded.
            Stage::Alive(pid) => (pid, Process::look(pid).map(|process| process.started)),
            Stage::Ended(pid) => (pid, None),
        };
        let (token, trace) = (Some(token.clone()), trace.take());
        self.fell(after, (pid, started), token, trace);
    }

    /// Ends a process that the broker did not start, and all that it has started.
    pub(crate) fn kill_joined(&mut self, process: &caller::Process) -> io::Result<()> {
        let looked = Process::look(process.pid);
        // If it had ended before that, its id could have been reused by now.
        if process.is_alive()?
            && let Some(Process { pid, started, .. }) = looked
        {
            self.fell(Duration::ZERO, (pid, Some(started)), None, None);
        }
        Ok(())
    }

    fn fell(
        &mut self,
        after: Duration,
        (root, started): (Pid, Option<u64>),
        token: Option<String>,
        trace: Option<Trace>,
    ) {
        let others = self.servers.values().filter_map(Started::alive).filter(|other| *other != root);
        let (broker, others, orphans) = (getpid(), others.collect(), Orphans::Adopted);
        let tree = Tree { root, started, token, broker, others, orphans };
        let forget = self.forgetting(trace.into_iter().collect(), None);
        self.do_apart(async move {
            tokio::time::sleep(after).await;
            let pid = tree.root.as_raw_nonzero();
            match tokio::task::spawn_blocking(move || fell::fell(&tree, HashSet::new())).await {
                Ok(Ok(())) => forget.await,
                Ok(Err(error)) => tracing::error!(%pid, "killing a task server: {error}; giving up"),
                Err(panicked) => tracing::error!(%pid, "killing a task server: {panicked}; giving up"),
            }
        });
    }

    /// Spawns work that the broker waits for before it exits.
    fn do_apart(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        while self.felling.try_join_next().is_some() {}
        self.felling.spawn(work);
    }

    /// Removes traces and the card of a run; they stay if their folder does not answer.
    fn forgetting(
        &self,
        traces: Vec<Trace>,
        card: Option<Card>,
    ) -> impl Future<Output = ()> + Send + 'static {
        const PATIENCE: Duration = Duration::from_secs(1);
        let (errands, folder) = (self.errands.clone(), self.traces.folder().to_owned());
        async move {
            let forget = move || {
                traces.iter().for_each(Trace::forget);
                card.iter().for_each(Card::remove);
            };
            if let Err(unanswered) = errands.ask(&folder, PATIENCE, forget).await {
                tracing::debug!("{unanswered}; the next broker will look for servers that have ended");
            }
        }
    }

    /// Waits until all process trees that are being ended are gone, but not for those that cannot be
    /// inspected.
    pub(crate) async fn felled(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(6);
        self.forget_idle();
        let felled = async { while self.felling.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, felled).await.is_err() {
            tracing::error!("some task servers may still be alive; exiting");
        }
    }

    /// Removes the traces of servers without runs: they end by themselves, and processes that their runs
    /// left behind may stay.
    fn forget_idle(&mut self) {
        let busy = self.runs.busy();
        let idle = self.servers.iter_mut().filter(|(server, _)| !busy.contains(server));
        let traces: Vec<Trace> = idle.filter_map(|(_, started)| started.trace.take()).collect();
        let forget = self.forgetting(traces, None);
        self.do_apart(forget);
    }

    /// Records that a server's process has ended; processes that it started may still exist.
    pub(crate) fn ended(&mut self, server: ServerId) {
        if let Some(started) = self.servers.get_mut(&server)
            && let Stage::Alive(pid) = started.stage
        {
            started.stage = Stage::Ended(pid);
        }
        self.tokens.retain(|_, of| *of != server);
    }

    /// Forgets a server; processes that it left behind stay.
    pub(crate) fn forget(&mut self, server: ServerId) {
        let Some(Started { trace, card, .. }) = self.servers.remove(&server) else { return };
        if trace.is_some() || card.is_some() {
            let forget = self.forgetting(trace.into_iter().collect(), card);
            self.do_apart(forget);
        }
    }

    /// Returns whether the broker started the server and has not forgotten it.
    pub(crate) fn has(&self, server: ServerId) -> bool {
        self.servers.contains_key(&server)
    }

    /// Reaps processes that servers have left behind.
    pub(crate) fn reap_orphans(&self) {
        // A child that is not known yet may be a server, which is reaped elsewhere.
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
