//! The listeners for progress and ends of runs, and the thread that calls them.
//!
//! Handlers are the app's code and may take a long time, so they run on a separate thread. The
//! queue of events is bounded: for each run, only the latest progress value is kept.

use std::collections::VecDeque;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use oncue_types::{Guid, InstanceId, TaskId};
use oncue_wire::{Entry, Word, signal};

use crate::broker::answers::past_run;
use crate::broker::clock::{Activity, Clock};
use crate::broker::scope::Scope;
use crate::broker::unreachable::Unreachable;
use crate::error::Error;
use crate::event::{
    BackgroundTaskCompletedEventArgs, BackgroundTaskProgressEventArgs, EventRegistrationToken, Handler,
};
use crate::lock::lock;
use crate::registration::BackgroundTaskRegistration;

/// The maximum number of events in the queue. When it is full, the oldest one is dropped.
const LONGEST: usize = 1_024;

/// The handlers of this process.
pub(crate) struct Listening {
    begun: AtomicBool,
    state: Mutex<State>,
    more: Condvar,
    clock: Clock,
}

#[derive(Default)]
struct State {
    handlers: Vec<Attached>,
    last_token: u64,
    waiting: VecDeque<Waiting>,
    /// Whether there is a thread that calls handlers.
    has_teller: bool,
}

/// An event that has not been passed to its handlers yet.
struct Waiting {
    event: Event,
    telling: Activity,
}

struct Attached {
    token: EventRegistrationToken,
    task: BackgroundTaskRegistration,
    handler: Handler,
}

enum Event {
    Progress { task: Guid, args: BackgroundTaskProgressEventArgs },
    Completed { task: Guid, args: BackgroundTaskCompletedEventArgs },
}

impl Listening {
    pub(crate) fn new(clock: Clock) -> Self {
        let (begun, state) = (AtomicBool::new(false), Mutex::default());
        Self { begun, state, more: Condvar::new(), clock }
    }

    /// Whether the broker has been asked to send signals.
    pub(crate) fn is_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
    }

    /// Attaches a handler to a task.
    pub(crate) fn attach(
        self: &Arc<Self>,
        task: BackgroundTaskRegistration,
        handler: Handler,
    ) -> Result<EventRegistrationToken, Error> {
        let mut state = lock(&self.state);
        if !state.has_teller {
            let listening = Arc::clone(self);
            let teller = thread::Builder::new().name("oncue events".to_owned());
            let scope = Scope::here();
            teller.spawn(move || scope.within(|| listening.tell())).map_err(Unreachable::NoThread)?;
            state.has_teller = true;
        }
        state.last_token += 1;
        let token = EventRegistrationToken(state.last_token);
        state.handlers.push(Attached { token, task, handler });
        Ok(token)
    }

    /// Removes the handlers with these tokens; returns whether there were any. The thread that calls
    /// handlers ends with the last one.
    pub(crate) fn detach(&self, these: impl Fn(EventRegistrationToken) -> bool) -> bool {
        let mut state = lock(&self.state);
        let (gone, kept) = take(&mut state.handlers).into_iter().partition(|attached| these(attached.token));
        state.handlers = kept;
        drop(state);
        self.more.notify_all();
        // Handlers are the app's, and are dropped without the lock.
        let gone: Vec<Attached> = gone;
        !gone.is_empty()
    }

    /// Adds a progress value, which replaces one of the same run that is still in the queue.
    pub(crate) fn progressed(&self, progress: &signal::Progress) {
        let (Word::Known(TaskId(task)), Word::Known(InstanceId(instance))) =
            (&progress.task_id, &progress.instance_id)
        else {
            return;
        };
        let (task, instance) = (*task, *instance);
        let args = BackgroundTaskProgressEventArgs::new(instance, progress.value);
        let mut state = lock(&self.state);
        let earlier = state.waiting.iter_mut().find_map(|waiting| match &mut waiting.event {
            Event::Progress { args, .. } => (args.instance_id() == instance).then_some(args),
            Event::Completed { .. } => None,
        });
        match earlier {
            Some(earlier) => *earlier = args,
            None => self.put(&mut state, Event::Progress { task, args }),
        }
    }

    /// Adds the end of a firing. Only the end of a run is an event.
    pub(crate) fn ended(&self, entry: Entry) {
        let (TaskId(task), run) = (entry.task_id, past_run(entry));
        if run.is_run() {
            let args = BackgroundTaskCompletedEventArgs::new(run);
            self.put(&mut lock(&self.state), Event::Completed { task, args });
        }
    }

    fn put(&self, state: &mut State, event: Event) {
        if !state.handlers.iter().any(|attached| attached.wants(&event)) {
            return;
        }
        if state.waiting.len() >= LONGEST {
            state.waiting.pop_front();
        }
        state.waiting.push_back(Waiting { event, telling: self.clock.activity() });
        self.more.notify_one();
    }

    fn tell(&self) {
        loop {
            let Some((Waiting { event, telling }, told)) = self.next() else { return };
            for (task, handler) in told {
                // A handler that panics must not affect the others.
                let _ = catch_unwind(AssertUnwindSafe(|| event.tell(&task, &handler)));
            }
            telling.end();
        }
    }

    /// Waits for the next event. None arrives when no handler is left.
    fn next(&self) -> Option<(Waiting, Vec<(BackgroundTaskRegistration, Handler)>)> {
        let mut state = lock(&self.state);
        loop {
            if let Some(next) = state.waiting.pop_front() {
                let wanting = state.handlers.iter().filter(|attached| attached.wants(&next.event));
                let told =
                    wanting.map(|attached| (attached.task.clone(), attached.handler.clone())).collect();
                return Some((next, told));
            }
            if state.handlers.is_empty() {
                state.has_teller = false;
                return None;
            }
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Attached {
    fn wants(&self, event: &Event) -> bool {
        match (event, &self.handler) {
            (Event::Progress { task, .. }, Handler::Progress(_))
            | (Event::Completed { task, .. }, Handler::Completed(_)) => self.task.task_id() == *task,
            (Event::Progress { .. }, Handler::Completed(_))
            | (Event::Completed { .. }, Handler::Progress(_)) => false,
        }
    }
}

impl Event {
    fn tell(&self, task: &BackgroundTaskRegistration, handler: &Handler) {
        match (self, handler) {
            (Self::Progress { args, .. }, Handler::Progress(handler)) => handler(task, args),
            (Self::Completed { args, .. }, Handler::Completed(handler)) => handler(task, args),
            (Self::Progress { .. }, Handler::Completed(_))
            | (Self::Completed { .. }, Handler::Progress(_)) => {}
        }
    }
}
