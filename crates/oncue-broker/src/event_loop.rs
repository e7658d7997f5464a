//! The one loop: takes what happened, asks the core, has it recorded, then says what may be said.
//!
//! Everything that waits in the inbox is taken in one turn. What it leads to at once is done at once;
//! what it records goes to the recorder, and answers and notices wait until that is durable. They
//! wait for the records of earlier turns too, so that nobody is told what a crash could take back.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncue_core::{
    Broker, CancellationReason, Details, Effects, Event, FactKind, Observation, RequestId, ServerId, TaskId,
    Wall,
};
use oncue_wire::Place;
use tokio::sync::{Notify, mpsc};

use crate::calendar::Zones;
use crate::clock::{self, Alarm, Sleeps};
use crate::errand::Errands;
use crate::front::{Call, Peer, PeerId, Question, Scribe, Shared, Turns, Waiting, Written};
use crate::launch::{Ended, Made, NotMade, Processes};
use crate::log::Sparingly;
use crate::package::{Finder, News, Packages};
use crate::promise::{After, Promises};
use crate::recorder::Done;
use crate::source::{self, Storage, Watches};

/// How many happenings one turn takes in: bounds how long the first of them waits.
const TURN: usize = 1_024;

/// How long the end of a process waits for the last words on its connection.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// One thing that reaches the loop.
#[derive(Debug)]
pub(crate) enum Inbox {
    /// Somebody connected.
    Connected(PeerId, Peer),
    /// A call came over a connection.
    Received(PeerId, Call),
    /// A long answer has been written.
    Written(Written),
    /// A connection is closed.
    Closed(PeerId),
    /// A source saw a fact.
    Fact { kind: FactKind, seen: Observation },
    /// A source saw what it looks out for.
    Noticed { task: TaskId, count: u32, details: Details },
    /// A file or folder that a task watches changed, for the first and the last time at these instants.
    Changed { task: TaskId, first: Instant, last: Instant, details: Details },
    /// A source can or cannot look out for what a task waits for.
    Troubled { task: TaskId, why: Option<String> },
    /// Somebody may have set the wall clock or changed the time zone.
    ClockSet { zone_changed: bool },
    /// Looking at packages' folders has brought something.
    Package(Box<News>),
    /// What the system has installed is known, and a client waits for the packages.
    PackagesAsked(RequestId),
    /// A process of ours was made, or could not be.
    Launched(ServerId, Result<Made, NotMade>),
    /// A process of ours has ended.
    ProcessEnded(Ended),
    /// A child of this process has ended, perhaps one that a server left behind.
    ChildEnded,
    /// Its last words had their time.
    LastWordsOver(ServerId),
    /// The machine is about to sleep; it waits while the descriptor is open.
    GoingToSleep(Option<OwnedFd>),
    /// The machine woke, or does not sleep after all.
    Woke,
    /// The machine is about to shut down, and waits so long while the descriptor is open.
    ShuttingDown { delay: Option<OwnedFd>, within: Option<Duration> },
    /// It does not shut down after all.
    ShutdownCalledOff,
    /// The broker itself is short of something, and cannot start that server because of it, if it is one.
    Short { server: Option<ServerId>, why: String },
    /// The machine is short of memory.
    MemoryShort,
    /// A signal asks the broker to end.
    StopSignal(CancellationReason),
}

/// What has woken the loop.
enum Woken {
    /// The recorder has done something.
    Done(Done),
    /// Something happened.
    Happened(Inbox),
    /// There is room for another long answer.
    Freed,
    /// Calls wait for their turn.
    Turns,
    /// A deadline was reached.
    Alarm,
    /// The store does not answer.
    StoreSilent,
}

/// What delays the machine for the broker while it is open; logind(8) calls it an inhibitor.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    pub(crate) sleep: Option<OwnedFd>,
    pub(crate) shutdown: Option<OwnedFd>,
}

/// The owner of everything.
pub(crate) struct Loop {
    pub(crate) core: Broker,
    pub(crate) storage: Storage,
    pub(crate) place: Place,
    pub(crate) started_at: Wall,
    pub(crate) errands: Errands,
    pub(crate) finder: Finder,
    pub(crate) packages: Packages,
    /// Why packages were not taken up, as far as the log has said so.
    pub(crate) warned: HashSet<String>,
    /// Has the address looked at.
    pub(crate) look: Arc<Notify>,
    pub(crate) processes: Processes,
    pub(crate) peers: HashMap<PeerId, Peer>,
    /// The calls that wait for their turn.
    pub(crate) turns: Turns<Waiting>,
    pub(crate) scribe: Scribe,
    /// What all clients share.
    pub(crate) shared: Shared,
    /// What clients can make the broker warn of.
    pub(crate) warnings: Sparingly,
    /// Which connection a server is reached by.
    pub(crate) reached_by: HashMap<ServerId, PeerId>,
    pub(crate) questions: HashMap<RequestId, Question>,
    pub(crate) next_request: u64,
    pub(crate) inbox: mpsc::Sender<Inbox>,
    /// Ends of processes that wait for the last words on their connection.
    pub(crate) ending: HashMap<ServerId, Ended>,
    pub(crate) promises: Promises,
    pub(crate) watches: Watches,
    pub(crate) zones: Zones,
    pub(crate) sleeps: Sleeps,
    pub(crate) delays: Delays,
    /// Whether this turn has handed a run to a server.
    pub(crate) delivered: bool,
    pub(crate) stopping: bool,
    pub(crate) left: bool,
}

impl Loop {
    /// Runs until the broker has left.
    pub(crate) async fn run(
        &mut self,
        inbox: &mut mpsc::Receiver<Inbox>,
        mut done: mpsc::UnboundedReceiver<Done>,
    ) -> io::Result<()> {
        let mut alarm = Alarm::new()?;
        let freed = self.shared.freed.clone();
        while !self.left {
            let looks = self.storage.next_look();
            alarm.set([self.core.next_deadline(), looks].into_iter().flatten().min())?;
            let woken = tokio::select! {
                Some(done) = done.recv() => Woken::Done(done),
                Some(happened) = inbox.recv(), if !self.promises.too_many() => Woken::Happened(happened),
                () = freed.notified() => Woken::Freed,
                () = std::future::ready(()), if self.turns.any() && !self.promises.too_many() => Woken::Turns,
                rang = alarm.rings() => rang.map(|()| Woken::Alarm)?,
                () = self.promises.silence() => Woken::StoreSilent,
            };
            self.look_at_storage().await;
            match woken {
                Woken::Done(done) => self.done(done),
                Woken::Happened(happened) => self.take(happened),
                Woken::Freed => self.turns.unpark(),
                Woken::Turns => {}
                Woken::StoreSilent => self.store_is_silent(),
                Woken::Alarm => {
                    self.look_at_awaited_servers();
                    self.handle(Event::DeadlineReached);
                }
            }
            for _ in 1..TURN {
                let Ok(happened) = inbox.try_recv() else { break };
                self.take(happened);
            }
            if !self.promises.too_many() {
                self.take_turns();
            }
            // What was done at once goes out, and its receiver may run, before the recorder competes
            // for the processor.
            tokio::task::yield_now().await;
            if std::mem::take(&mut self.delivered) {
                std::thread::yield_now();
            }
            self.finish_turn();
        }
        Ok(())
    }

    /// Takes what the sources see first, so that nobody is told of an unknown that is known a moment
    /// later; a source that is slow is not waited for.
    pub(crate) async fn look_around(&mut self, inbox: &mut mpsc::Receiver<Inbox>) {
        self.look_at_storage().await;
        const PATIENCE: Duration = Duration::from_millis(300);
        let all_seen = async {
            while self.packages.are_being_read()
                || source::OBSERVED.into_iter().any(|kind| self.core.facts().observation(kind).is_none())
            {
                match inbox.recv().await {
                    Some(happened) => self.take(happened),
                    None => return,
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, all_seen).await;
        self.finish_turn();
    }

    /// Whatever happens may fire a task, which is to be judged by the room that there is now.
    async fn look_at_storage(&mut self) {
        let now = clock::now();
        if self.storage.is_due(now) {
            // It is as good a moment as any, and nobody is woken for it.
            self.look.notify_one();
        }
        if let Some(Inbox::Fact { kind, seen }) = self.storage.look(now).await {
            self.handle(Event::FactObserved { kind, seen });
        }
    }

    /// A deadline may be that of a server that does not come up: then what it wrote says why, unless it has
    /// not even been started.
    fn look_at_awaited_servers(&mut self) {
        for server in self.core.awaited_servers() {
            if self.processes.is_pending(server) || self.packages.is_awaited_by(server) {
                self.handle(Event::LaunchPending { server });
            }
            let last_lines = self.processes.last_lines(server);
            if !last_lines.all.is_empty() {
                self.handle(Event::ServerWrote { server, last_lines });
            }
        }
    }

    fn take(&mut self, happened: Inbox) {
        match happened {
            Inbox::Connected(id, peer) => self.connected(id, peer),
            Inbox::Received(id, call) => self.turns.push(id, Waiting::Call(call)),
            Inbox::Written(written) => self.written(written),
            Inbox::Closed(id) => self.no_more(id),
            Inbox::Fact { kind, seen } => self.handle(Event::FactObserved { kind, seen }),
            Inbox::Noticed { task, count, details } => {
                self.handle(Event::Noticed { task, count, during: None, details });
            }
            Inbox::Changed { task, first, last, details } => {
                let now = clock::now().boot;
                let at = |instant: Instant| now.before(instant.elapsed());
                let during = Some((at(first), at(last)));
                self.handle(Event::Noticed { task, count: 1, during, details });
            }
            Inbox::Troubled { task, why } => self.handle(Event::Troubled { task, why }),
            Inbox::ClockSet { zone_changed } => {
                if zone_changed {
                    self.zones.look_again();
                }
                self.handle(Event::ClockSet { zone_changed });
            }
            Inbox::Package(news) => self.package_news(*news),
            Inbox::PackagesAsked(request) => self.answer_packages(request),
            Inbox::Launched(server, launched) => self.launched(server, launched),
            Inbox::ProcessEnded(ended) => self.process_ended(ended),
            Inbox::ChildEnded => self.processes.reap_orphans(),
            Inbox::LastWordsOver(server) => self.last_words_over(server),
            Inbox::GoingToSleep(delay) => {
                self.delays.sleep = delay;
                self.handle(Event::GoingToSleep);
            }
            Inbox::Woke => {
                self.delays.sleep = None;
                self.handle(Event::Woke { slept: Duration::ZERO });
            }
            Inbox::ShuttingDown { delay, within } => {
                self.delays.shutdown = delay;
                self.handle(Event::SessionEnding { reason: CancellationReason::Terminating, within });
            }
            Inbox::ShutdownCalledOff => {
                self.delays.shutdown = None;
                self.handle(Event::SessionGoesOn);
            }
            Inbox::Short { server, why } => self.handle(Event::Short { server, why }),
            Inbox::MemoryShort => self.handle(Event::MemoryShort),
            Inbox::StopSignal(reason) => self.stop_signal(reason),
        }
    }

    /// Gives the core an event; does at once what need not wait, keeps the rest for the record.
    pub(crate) fn handle(&mut self, event: Event) {
        let effects = self.decide(event);
        self.keep(effects);
    }

    /// Gives the core an event, and returns what is to be kept.
    pub(crate) fn decide(&mut self, event: Event) -> Effects {
        // Before anything else, or servers would be blamed for the time that the machine slept.
        if let Some(slept) = self.sleeps.since_last() {
            let effects = self.core.handle(clock::now(), Event::Woke { slept });
            self.keep(effects);
        }
        self.core.handle(clock::now(), event)
    }

    pub(crate) fn keep(&mut self, mut effects: Effects) {
        for effect in effects.at_once.drain(..) {
            self.perform(effect);
        }
        self.promises.records.append(&mut effects.records);
        self.promises.after.extend(effects.after.drain(..).map(After::Effect));
        self.core.reuse(effects);
    }

    /// A process of ours ended. What it sent before may still be on its way through the socket: its
    /// last words are heard first, so that a task that completed does not count as crashed.
    fn process_ended(&mut self, ended: Ended) {
        let server = ended.server;
        self.processes.ended(server);
        if !self.reached_by.contains_key(&server) {
            self.tell_exit(ended);
            return;
        }
        self.ending.insert(server, ended);
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LAST_WORDS).await;
            let _ = inbox.send(Inbox::LastWordsOver(server)).await;
        });
    }

    fn last_words_over(&mut self, server: ServerId) {
        if let Some(ended) = self.ending.remove(&server) {
            self.tell_exit(ended);
        }
    }

    fn tell_exit(&mut self, ended: Ended) {
        let Ended { server, exit } = ended;
        tracing::debug!(?server, %exit, "task server ended");
        let last_lines = self.processes.last_lines(server);
        self.handle(Event::ServerExited { server, exit, last_lines });
        self.processes.forget(server);
    }

    /// A connection has ended and everything that came over it has been heard.
    pub(crate) fn closed(&mut self, id: PeerId) {
        self.turns.close(id);
        self.peers.remove(&id);
        // What is being read from the ledger stays charged until it has been read.
        self.questions.retain(|_, question| question.peer != id || question.charge.is_long());
        let served = self.reached_by.iter().find(|(_, peer)| **peer == id).map(|(server, _)| *server);
        let Some(server) = served else { return };
        self.reached_by.remove(&server);
        match self.ending.remove(&server) {
            Some(ended) => self.tell_exit(ended),
            None => self.handle(Event::ServerDisconnected { server }),
        }
    }

    fn stop_signal(&mut self, reason: CancellationReason) {
        if self.stopping {
            tracing::warn!("asked twice to stop: exiting without waiting for runs");
            self.left = true;
            return;
        }
        self.stopping = true;
        tracing::info!("stopping: cancelling all runs");
        self.handle(Event::StopAsked { reason, within: None });
    }

    /// Gives what is still in the outboxes a moment to go out, and ends what is still running.
    pub(crate) async fn say_goodbye(&mut self, mut inbox: mpsc::Receiver<Inbox>) {
        while let Ok(happened) = inbox.try_recv() {
            if let Inbox::Received(id, call) = happened {
                self.turns.push(id, Waiting::Call(call));
            }
        }
        self.refuse_unheard();
        let closing: Vec<Peer> = self.peers.drain().map(|(_, peer)| peer).collect();
        let all_sent = async {
            for Peer { outbox, .. } in &closing {
                outbox.emptied().await;
            }
            tokio::task::yield_now().await;
        };
        let _ = tokio::time::timeout(LAST_WORDS, all_sent).await;
        self.processes.felled().await;
    }
}
