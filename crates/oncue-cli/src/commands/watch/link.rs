//! The thread that talks to the broker, so that the screen never waits for it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use oncue::tools::{Broker, Entry, Notice, Of, PauseEnd, PauseScope, TaskId, Watched};
use oncue::{Cancel, Force};

use super::event::{Changed, Done, Event, Explained, News, Request};
use super::model::Recent;
use crate::follow::FollowError;
use crate::kept::Kept;
use crate::render::report::whole;

/// How many jobs can wait. When the queue is full, notices wait in the broker.
const QUEUE: usize = 256;
/// The minimum time between two looks at what has changed.
const APART: Duration = Duration::from_millis(100);
/// How often to look for a broker while none answers.
const AGAIN: Duration = Duration::from_secs(1);
/// If more tasks than this have changed, all are requested.
const MANY: usize = 32;

/// Something that this thread has to do.
#[derive(Debug)]
pub(super) enum Job {
    /// The user asks.
    Ask(Request),
    /// The broker says that something has changed.
    Notice(Notice),
    /// The connection with this number was lost.
    Gone(u64),
}

/// The connection to the broker.
#[derive(Debug)]
struct Link {
    jobs: SyncSender<Job>,
    inbox: Receiver<Job>,
    events: SyncSender<Event>,
    /// The number of the current connection.
    number: u64,
}

/// Why the thread no longer uses a connection.
enum Over {
    /// The live view has ended.
    Left,
    /// The connection was lost.
    Lost(String),
}

impl From<oncue::Error> for Over {
    fn from(error: oncue::Error) -> Self {
        Self::Lost(whole(&error))
    }
}

/// Notices that have not been looked at yet.
#[derive(Debug, Default)]
struct Pending {
    tasks: BTreeSet<TaskId>,
    ended: Vec<Entry>,
    /// Something has changed that concerns all tasks.
    is_all: bool,
}

/// Starts the thread, and returns where its jobs go.
pub(super) fn start(broker: Broker, events: SyncSender<Event>) -> Result<SyncSender<Job>, FollowError> {
    let (jobs, inbox) = sync_channel(QUEUE);
    let mut link = Link { jobs: jobs.clone(), inbox, events, number: 0 };
    let work = move || link.work(broker);
    thread::Builder::new().name("link".into()).spawn(work).map_err(FollowError::Thread)?;
    Ok(jobs)
}

impl Link {
    fn work(&mut self, mut broker: Broker) {
        loop {
            let Err(Over::Lost(why)) = self.serve(&broker) else { return };
            let Ok(found) = self.wait_for_broker(why) else { return };
            broker = found;
        }
    }

    fn say(&self, news: News) -> Result<(), Over> {
        self.events.send(Event::News(news)).map_err(|_| Over::Left)
    }

    /// Serves the view until the connection is lost.
    fn serve(&mut self, broker: &Broker) -> Result<(), Over> {
        self.listen(broker)?;
        self.say(everything(broker)?)?;
        let (mut pending, mut looked) = (Pending::default(), Instant::now());
        loop {
            let due = pending.is_any().then(|| looked + APART);
            if due.is_some_and(|due| due <= Instant::now()) {
                self.say(std::mem::take(&mut pending).look(broker)?)?;
                looked = Instant::now();
                continue;
            }
            match self.next(due)? {
                None => {}
                Some(Job::Ask(request)) => {
                    self.say(answer(broker, request)?)?;
                    // What it led to is shown at once.
                    pending.concerns(request);
                    looked = Instant::now().checked_sub(APART).unwrap_or(looked);
                }
                Some(Job::Notice(notice)) => pending.hear(notice),
                Some(Job::Gone(number)) if number == self.number => {
                    return Err(Over::Lost("the broker ended".to_owned()));
                }
                Some(Job::Gone(_)) => {}
            }
        }
    }

    /// Waits for the next job, until the deadline if there is one.
    fn next(&self, deadline: Option<Instant>) -> Result<Option<Job>, Over> {
        let Some(deadline) = deadline else { return self.inbox.recv().map(Some).map_err(|_| Over::Left) };
        match self.inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(job) => Ok(Some(job)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Over::Left),
        }
    }

    /// Starts to receive notices. After this returns, none is missed.
    fn listen(&mut self, broker: &Broker) -> Result<(), Over> {
        self.number += 1;
        let (watch, jobs, last) = (broker.watch(Watched::All)?, self.jobs.clone(), Job::Gone(self.number));
        let forward = move || {
            for job in watch.map(Job::Notice).chain([last]) {
                if jobs.send(job).is_err() {
                    return;
                }
            }
        };
        let started = thread::Builder::new().name("notices".into()).spawn(forward);
        started.map(drop).map_err(|error| Over::Lost(whole(&FollowError::Thread(error))))
    }

    /// Waits until a broker answers. This starts none: the user may have ended it.
    fn wait_for_broker(&self, why: String) -> Result<Broker, Over> {
        self.say(News::Gone(why))?;
        let mut again = Instant::now();
        loop {
            match self.next(Some(again))? {
                None => match Broker::connect_running() {
                    Ok(broker) => return Ok(broker),
                    Err(_) => again = Instant::now() + AGAIN,
                },
                Some(Job::Ask(_)) => self.say(News::Refused("no broker answers".to_owned()))?,
                Some(Job::Notice(_) | Job::Gone(_)) => {}
            }
        }
    }
}

impl Pending {
    fn is_any(&self) -> bool {
        self.is_all || !self.tasks.is_empty() || !self.ended.is_empty()
    }

    fn hear(&mut self, notice: Notice) {
        match notice {
            Notice::TaskChanged(task) | Notice::TaskRemoved(task) => drop(self.tasks.insert(task)),
            Notice::RunEntered { task_id, .. } | Notice::Progress { task_id, .. } => {
                self.tasks.insert(task_id);
            }
            Notice::Ended(entry) => {
                self.tasks.insert(entry.task_id);
                self.ended.push(entry);
            }
            // A notice that was added later is about something that is not shown.
            _ => {}
        }
    }

    fn concerns(&mut self, request: Request) {
        match request {
            Request::Fire(task) | Request::Cancel(task) | Request::Pause(task) | Request::Resume(task) => {
                self.tasks.insert(task);
            }
            Request::PauseAll | Request::ResumeAll => self.is_all = true,
            Request::Explain(_) => {}
        }
    }

    /// Looks at what has changed.
    fn look(self, broker: &Broker) -> Result<News, oncue::Error> {
        if self.is_all || self.tasks.len() > MANY {
            return everything(broker);
        }
        let mut changed =
            Changed { about: Some(Box::new(broker.about()?)), ended: self.ended, ..Changed::default() };
        for task in self.tasks {
            match broker.task_with_id(task)? {
                Some(found) => changed.tasks.push(found),
                None => changed.removed.push(task),
            }
        }
        Ok(News::Changed(changed))
    }
}

fn everything(broker: &Broker) -> Result<News, oncue::Error> {
    Ok(News::Everything {
        about: Box::new(broker.about()?),
        tasks: broker.tasks(Watched::All)?,
        entries: broker.history(Of::All, Recent::MOST)?,
    })
}

/// Has the broker do what the user asks for. A refusal is an answer; only the loss of the broker is an error.
fn answer(broker: &Broker, request: Request) -> Result<News, oncue::Error> {
    match perform(broker, request) {
        Err(error) if !error.is_unreachable() => Ok(News::Refused(whole(&error))),
        answer => answer,
    }
}

fn perform(broker: &Broker, request: Request) -> Result<News, oncue::Error> {
    let done = match request {
        Request::Fire(task) => Done::Fired(Box::new(broker.fire(task, Force::No)?)),
        Request::Cancel(task) => {
            broker.cancel(task)?;
            Done::Cancelled(task)
        }
        Request::Pause(task) => {
            broker.pause(PauseScope::Task(task), PauseEnd::WhenResumed, Cancel::No)?;
            Done::Paused(task)
        }
        Request::Resume(task) => {
            broker.resume(PauseScope::Task(task))?;
            Done::Resumed(task)
        }
        Request::PauseAll => {
            broker.pause(PauseScope::All, PauseEnd::WhenResumed, Cancel::No)?;
            Done::AllPaused
        }
        Request::ResumeAll => Done::AllResumed(broker.resume(PauseScope::All)?),
        Request::Explain(task) => {
            let (why, kept) = (broker.why(task)?, Kept::here());
            // This reads the folder of the task here, instead of while the screen is drawn.
            kept.has_runs_of(task);
            return Ok(News::Explained(Box::new(Explained { why, kept })));
        }
    };
    Ok(News::Done(done))
}
