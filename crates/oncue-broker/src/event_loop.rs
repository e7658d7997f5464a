//! The loop: receives what happens, asks the core, and has the effects performed.
//!
//! It owns the core and the parts of the shell, and passes between them: each message from the inbox goes to
//! one part, what that part returns goes to the core, and each effect of the core goes to one part.
//!
//! Everything that waits in the inbox is taken in one turn. Effects that need not wait are performed at once.
//! Records go to the recorder; answers and notices wait until the records are durable. They also wait for
//! the records of earlier turns, so that no client is told anything that a crash could undo.

mod calls;
mod packages;
mod perform;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{Broker, CancellationReason, Effects, Event, Record, ServerId, Wall};
use oncue_wire::{Place, StartedBy};
use tokio::sync::{Notify, mpsc};

use crate::calendar::Zones;
use crate::clock::{self, Alarm, Sleeps};
use crate::front::{Front, Peer, PeerId};
use crate::hosts::Hosts;
use crate::inbox::Inbox;
use crate::notifier::Notifier;
use crate::promise::Promises;
use crate::recorder::{Done, NotRecorded};
use crate::service::AtLogIn;
use crate::source::{self, Delays, Storage, Watches};

/// How many messages one turn takes in, which bounds how long the first of them waits.
const TURN: usize = 1_024;

/// How long the messages to clients have to go out when the broker ends.
const GOODBYE: Duration = Duration::from_millis(100);

/// Why the loop woke up.
enum Woken {
    /// The recorder has done something.
    Done(Done),
    /// A message has arrived.
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

/// How far the broker is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    /// Asked to end; runs are being cancelled.
    Stopping,
    /// The loop ends after this turn.
    Left,
}

/// The core and the parts of the shell.
pub(crate) struct Loop {
    core: Broker,
    /// The clients.
    front: Front,
    /// The task servers and the packages.
    hosts: Hosts,
    /// Records, and the effects and answers that wait for them.
    promises: Promises,
    /// The paths, devices and signals that tasks watch.
    watches: Watches,
    storage: Storage,
    /// Makes the broker start at log-in.
    at_log_in: AtLogIn,
    /// Shows notifications on the desktop.
    notifier: Notifier,
    zones: Zones,
    sleeps: Sleeps,
    delays: Delays,
    place: Place,
    started: StartedBy,
    started_at: Wall,
    /// Has the broker's address checked.
    address: Arc<Notify>,
    /// Whether a run was passed to a task server in this turn.
    delivered: bool,
    phase: Phase,
    /// Whether a newer program takes over at the end.
    hands_over: bool,
}

/// The parts from which a [`Loop`] is built.
pub(crate) struct Parts {
    pub(crate) core: Broker,
    pub(crate) front: Front,
    pub(crate) hosts: Hosts,
    pub(crate) promises: Promises,
    pub(crate) watches: Watches,
    pub(crate) storage: Storage,
    pub(crate) at_log_in: AtLogIn,
    pub(crate) notifier: Notifier,
    pub(crate) zones: Zones,
    pub(crate) place: Place,
    pub(crate) started: StartedBy,
    pub(crate) address: Arc<Notify>,
}

impl Loop {
    /// Puts the parts together, and performs the first effects of the core.
    pub(crate) fn begin(parts: Parts, effects: Effects) -> Self {
        let Parts {
            core,
            front,
            hosts,
            promises,
            watches,
            storage,
            at_log_in,
            notifier,
            zones,
            place,
            started,
            address,
        } = parts;
        let mut new = Self {
            core,
            front,
            hosts,
            promises,
            watches,
            storage,
            at_log_in,
            notifier,
            zones,
            sleeps: Sleeps::begin(),
            delays: Delays::default(),
            place,
            started,
            started_at: clock::now().wall,
            address,
            delivered: false,
            phase: Phase::Serving,
            hands_over: false,
        };
        new.keep(effects);
        new.finish_turn();
        new
    }

    /// Returns the number of registered tasks.
    pub(crate) fn n_tasks(&self) -> usize {
        self.core.n_tasks()
    }

    /// Returns whether a newer program takes over.
    pub(crate) fn hands_over(&self) -> bool {
        self.hands_over
    }

    /// Handles an event as a turn of its own.
    pub(crate) fn handle_alone(&mut self, event: Event) {
        self.handle(event);
        self.finish_turn();
    }

    /// Waits for the first observations of the sources, but not for a slow one, so that no fact is reported
    /// as unknown shortly before it becomes known.
    pub(crate) async fn look_around(&mut self, inbox: &mut mpsc::Receiver<Inbox>) {
        self.look_at_storage().await;
        const PATIENCE: Duration = Duration::from_millis(300);
        let all_seen = async {
            while self.hosts.packages().are_being_read()
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

    /// Runs until the broker has left.
    pub(crate) async fn run(
        &mut self,
        inbox: &mut mpsc::Receiver<Inbox>,
        mut done: mpsc::UnboundedReceiver<Done>,
    ) -> io::Result<()> {
        let mut alarm = Alarm::new()?;
        let freed = self.front.freed();
        while self.phase != Phase::Left {
            let looks = self.storage.next_look();
            alarm.set([self.core.next_deadline(), looks].into_iter().flatten().min())?;
            let woken = tokio::select! {
                Some(done) = done.recv() => Woken::Done(done),
                Some(happened) = inbox.recv(), if !self.promises.too_many() => Woken::Happened(happened),
                () = freed.notified() => Woken::Freed,
                () = std::future::ready(()), if self.front.has_turns() && !self.promises.too_many() => {
                    Woken::Turns
                }
                rang = alarm.rings() => rang.map(|()| Woken::Alarm)?,
                () = self.promises.silence() => Woken::StoreSilent,
            };
            self.look_at_storage().await;
            self.wake(woken);
            for _ in 1..TURN {
                let Ok(happened) = inbox.try_recv() else { break };
                self.take(happened);
            }
            if !self.promises.too_many() {
                self.take_turns();
            }
            // Effects performed at once go out, and their receivers may run, before the recorder competes
            // for the processor.
            tokio::task::yield_now().await;
            if std::mem::take(&mut self.delivered) {
                std::thread::yield_now();
            }
            self.finish_turn();
        }
        Ok(())
    }

    /// Refuses the calls that have not been handled, and ends what is still running.
    pub(crate) async fn say_goodbye(&mut self, mut inbox: mpsc::Receiver<Inbox>) {
        while let Ok(happened) = inbox.try_recv() {
            if let Inbox::Received(id, call) = happened {
                self.front.received(id, call);
            }
        }
        let _open = self.front.close(GOODBYE).await;
        self.hosts.felled().await;
        self.at_log_in.done().await;
    }

    /// Waits until everything is recorded, but not for a store that does not answer.
    pub(crate) fn end(mut self) -> Result<(), NotRecorded> {
        self.promises.end()
    }

    fn wake(&mut self, woken: Woken) {
        match woken {
            Woken::Done(done) => self.done(done),
            Woken::Happened(happened) => self.take(happened),
            Woken::Freed => self.front.unpark(),
            Woken::Turns => {}
            Woken::StoreSilent => {
                let why = self.promises.fall_silent();
                self.handle(Event::RecordFailed { lost: None, why });
                let after = self.promises.all_unrecorded();
                self.say(after);
            }
            Woken::Alarm => {
                self.look_at_awaited_servers();
                self.handle(Event::DeadlineReached);
            }
        }
    }

    /// Whatever happens may fire a task, which is to be judged by the current free space.
    async fn look_at_storage(&mut self) {
        let now = clock::now();
        if self.storage.is_due(now) {
            // This is as good a moment as any, and nothing has to wake up for it.
            self.address.notify_one();
        }
        if let Some(event) = self.storage.look(now).await {
            self.handle(event);
        }
    }

    /// The deadline may be that of a task server that does not come up. What it wrote then says why, unless
    /// it has not even been started.
    fn look_at_awaited_servers(&mut self) {
        for server in self.core.awaited_servers() {
            for event in self.hosts.signs_of(server) {
                self.handle(event);
            }
        }
    }

    fn take(&mut self, happened: Inbox) {
        match happened {
            Inbox::Event(event) => self.handle(event),
            Inbox::Announced(event, delay) => {
                self.delays.hold(delay);
                self.handle(event);
            }
            Inbox::ZonesChanged => {
                self.zones.look_again();
                self.handle(Event::ClockSet { zone_changed: true });
            }
            Inbox::Connected(id, peer) => self.connected(id, peer),
            Inbox::Received(id, call) => self.front.received(id, call),
            Inbox::Written(reply) => self.promises.reply(reply),
            Inbox::Closed(id) => self.front.no_more(id),
            Inbox::Package(news) => self.package_news(*news),
            Inbox::Launched(server, launched) => {
                let event = self.hosts.launched(server, launched, self.core.package_of_server(server));
                self.handle(event);
            }
            Inbox::ProcessEnded(server, exit) => {
                let exited = self.hosts.process_ended(server, exit, self.front.reaches(server));
                self.exited(server, exited);
            }
            Inbox::ChildEnded => self.hosts.reap_orphans(),
            Inbox::LastWordsOver(server) => {
                let exited = self.hosts.last_words_over(server);
                self.exited(server, exited);
            }
            Inbox::StopSignal(reason) => self.stop_signal(reason),
        }
    }

    /// Passes an event to the core, and performs its effects or keeps them until they are recorded.
    fn handle(&mut self, event: Event) {
        let effects = self.decide(event);
        self.keep(effects);
    }

    /// Passes an event to the core; returns the effects.
    fn decide(&mut self, event: Event) -> Effects {
        // Before anything else, or task servers would be blamed for the time that the machine slept.
        if let Some(slept) = self.sleeps.since_last() {
            let effects = self.core.handle(clock::now(), Event::Woke { slept });
            self.keep(effects);
        }
        self.core.handle(clock::now(), event)
    }

    /// Performs the effects that need not wait, and keeps the others.
    fn keep(&mut self, mut effects: Effects) {
        for record in &effects.records {
            // Before what follows begins, because a process may continue with the next run.
            if let Record::Ended(entry) = record {
                self.hosts.run_ended(entry);
            }
        }
        for effect in effects.at_once.drain(..) {
            self.perform(effect);
        }
        self.promises.record(&mut effects.records);
        self.promises.hold_back(effects.after.drain(..));
        self.core.reuse(effects);
    }

    fn finish_turn(&mut self) {
        match self.promises.finish_turn() {
            Ok(after) => self.say(after),
            Err(gone) => {
                tracing::error!("{gone}; exiting, because nothing can be recorded");
                self.phase = Phase::Left;
            }
        }
    }

    /// Handles a report of the recorder.
    fn done(&mut self, done: Done) {
        self.promises.heard();
        match done {
            Done::Recorded(turn) => {
                if self.core.unwritable().is_some() {
                    self.promises.works();
                    self.handle(Event::RecordWorks);
                }
                let after = self.promises.up_to(turn);
                self.say(after);
            }
            Done::Failed { turn, lost, error } => {
                let after = self.promises.not_recorded(turn, &error);
                let why = error.to_string();
                self.handle(Event::RecordFailed { lost: None, why: why.clone() });
                for record in lost {
                    self.handle(Event::RecordFailed { lost: Some(Box::new(record)), why: why.clone() });
                }
                self.say(after);
            }
            Done::Read(request, entries) => self.answer_history(request, entries),
        }
    }

    /// Lets a client send calls once its package is known, which may take a search.
    fn connected(&mut self, id: PeerId, peer: Peer) {
        let executable = self.front.connected(id, peer);
        let must_wait = executable.is_ok_and(|path| self.hosts.look_for_package_of(id, &path));
        if !must_wait {
            self.front.let_speak(id);
        }
        self.clients_changed();
    }

    fn clients_changed(&mut self) {
        if let Some(event) = self.front.clients() {
            self.handle(event);
        }
    }

    /// Removes a connection, after everything that came over it has been handled.
    fn closed(&mut self, id: PeerId) {
        let server = self.front.closed(id);
        self.clients_changed();
        let Some(server) = server else { return };
        match self.hosts.last_words_over(server) {
            None => self.handle(Event::ServerDisconnected { server }),
            exited => self.exited(server, exited),
        }
    }

    /// Tells the core that a task server's process has ended, unless that has to wait.
    fn exited(&mut self, server: ServerId, exited: Option<Event>) {
        if let Some(exited) = exited {
            self.handle(exited);
            self.hosts.forget(server);
        }
    }

    fn stop_signal(&mut self, reason: CancellationReason) {
        if self.phase != Phase::Serving {
            tracing::warn!("asked twice to stop: exiting without waiting for runs");
            self.phase = Phase::Left;
            return;
        }
        tracing::info!("stopping: cancelling all runs");
        self.stop(reason);
    }

    fn stop(&mut self, reason: CancellationReason) {
        // The loop may already be about to end.
        self.phase = self.phase.max(Phase::Stopping);
        self.handle(Event::StopAsked { reason, within: None });
    }
}
