//! Passes events to the model, performs its effects, and draws it.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use oncue::tools::{Broker, Wall};
use oncue_broker::output::Archive;
use oncue_wire::Place;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::SignalKind;

use super::event::{Effect, Event, News};
use super::key;
use super::link::{self, Job};
use super::model::Model;
use super::reading::Reader;
use super::screen::{self, Screen};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::FollowError;
use crate::render::time::Clock;
use crate::signals;

/// How many events can wait; when the queue is full, their senders wait.
const QUEUE: usize = 256;
/// The minimum time between two drawings, unless the user presses a key.
const APART: Duration = Duration::from_millis(100);
/// How long to wait for the stop that Ctrl-Z asks for. Without a shell that can continue the process, there is none.
const STOP: Duration = Duration::from_millis(300);

/// The terminal cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("using the terminal")]
struct Terminal(#[source] io::Error);

fn terminal(error: io::Error) -> Failure {
    Failure::new(Exit::Failed, Terminal(error))
}

/// The live view.
struct View {
    model: Model,
    screen: Screen,
    events: Receiver<Event>,
    sender: SyncSender<Event>,
    jobs: SyncSender<Job>,
    archive: Archive,
    reader: Option<Reader>,
}

/// Shows the tasks until the user leaves.
pub(super) fn show(broker: Broker) -> Result<Exit, Failure> {
    let archive = Archive::of(&Place::find()?);
    let (sender, events) = sync_channel(QUEUE);
    let jobs = link::start(broker, sender.clone())?;
    listen_to_signals(sender.clone())?;
    let screen = Screen::take(sender.clone()).map_err(terminal)?;
    key::read(sender.clone()).map_err(FollowError::Thread)?;
    let model = Model::new(screen::size());
    View { model, screen, events, sender, jobs, archive, reader: None }.run()
}

fn listen_to_signals(sender: SyncSender<Event>) -> Result<(), FollowError> {
    let continued = SignalKind::from_raw(Signal::CONT.as_raw());
    let mut kinds = signals::ENDS.to_vec();
    kinds.push(continued);
    let heard = move |kind| {
        let event = if kind == continued { Event::Continued } else { Event::Terminated };
        // If the receiver is gone, the process is about to end.
        let _ = sender.send(event);
    };
    signals::hear_each(&kinds, heard).map_err(FollowError::Signals)
}

impl View {
    fn run(mut self) -> Result<Exit, Failure> {
        // When the next drawing is due: at once after a key, otherwise some time after the last one.
        let (mut due, mut drawn) = (Some(Instant::now()), Instant::now());
        loop {
            if due.is_some_and(|due| due <= Instant::now()) {
                due = self.draw().map_err(terminal)?.map(|steady| Instant::now() + steady.max(APART));
                drawn = Instant::now();
            }
            let Some(event) = self.next(due) else { continue };
            let soon = match event {
                Event::Key(_) | Event::Resized(_) | Event::Continued => Instant::now(),
                Event::News(_) | Event::Terminated | Event::Panicked => drawn + APART,
            };
            due = Some(due.map_or(soon, |due| due.min(soon)));
            for effect in self.model.handle(now(), event) {
                if let Some(exit) = self.perform(effect)? {
                    return Ok(exit);
                }
            }
        }
    }

    /// Waits for the next event, until the deadline if there is one.
    fn next(&self, deadline: Option<Instant>) -> Option<Event> {
        let Some(deadline) = deadline else { return self.events.recv().ok() };
        // This holds a sender itself, so an error means that the time is over.
        self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }

    /// Draws the model, and returns how long that stays as it is.
    fn draw(&mut self) -> io::Result<Option<Duration>> {
        let drawn = self.screen.draw(&self.model, &Clock::here())?;
        self.model.saw(drawn.lines);
        Ok(drawn.steady)
    }

    /// Performs an effect, and returns how to exit if it is the last one.
    fn perform(&mut self, effect: Effect) -> Result<Option<Exit>, Failure> {
        match effect {
            Effect::Ask(request) => match self.jobs.try_send(Job::Ask(request)) {
                Ok(()) => {}
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    self.refuse("the broker has not answered the last requests yet");
                }
            },
            Effect::Read(task, run) => match Reader::start(&self.archive, task, run, self.sender.clone()) {
                Ok(reader) => self.reader = Some(reader),
                Err(error) => self.refuse(&format!("reading the output: {error}")),
            },
            Effect::StopReading => self.reader = None,
            Effect::Suspend => self.suspend().map_err(terminal)?,
            Effect::Repaint => self.screen.return_to().map_err(terminal)?,
            Effect::Leave(exit) => return Ok(Some(exit)),
        }
        Ok(None)
    }

    fn refuse(&mut self, why: &str) {
        self.model.handle(now(), Event::News(News::Refused(why.to_owned())));
    }

    /// Stops the process until the shell continues it.
    fn suspend(&mut self) -> io::Result<()> {
        self.screen.leave();
        kill_process(getpid(), Signal::TSTP)?;
        let until = Instant::now() + STOP;
        loop {
            match self.next(Some(until)) {
                None | Some(Event::Continued) => return self.screen.return_to(),
                // Nothing is asked for while the screen is left.
                Some(event) => drop(self.model.handle(now(), event)),
            }
        }
    }
}

fn now() -> Wall {
    oncue::tools::wall(std::time::SystemTime::now())
}
