//! One connection to a broker: sends questions and reports, receives answers, calls and signals.
//!
//! A thread that has something to send writes it to the socket itself. The link's own thread reads, and
//! writes only what the socket did not take at once and progress that had to wait. What is kept is
//! bounded by the threads that wait for answers and by the runs in progress.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::mem::{replace, take};
use std::num::NonZeroU32;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread;
use std::time::{Duration, Instant};

use oncue_wire::Ask;
use oncue_wire::dictionary::Sendable;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use zbus::message::{Message, Type as Kind};

use crate::broker::pace::{Offered, Pace};
use crate::broker::question::{self, Question};
use crate::broker::report;
use crate::broker::socket::{Socket, Wait, send_now};
use crate::broker::unreachable::Unreachable;
use crate::error::Error;
use crate::lock::lock;
use crate::run::Run;

/// How long the broker may take to answer.
const ANSWER_SECONDS: u64 = 30;

/// One connection, possibly lost. A clone refers to the same connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    handle: Arc<Handle>,
}

/// Closes the line when it is dropped.
#[derive(Debug)]
struct Handle {
    line: Arc<Line>,
}

/// What the link's thread and the others share.
#[derive(Debug)]
struct Line {
    stream: Arc<UnixStream>,
    /// Readable when the link's thread should look at the state again.
    wake: OwnedFd,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    waiting: HashMap<NonZeroU32, SyncSender<Result<Message, Error>>>,
    /// What the socket has not taken yet.
    unsent: Vec<u8>,
    pace: Pace,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nobody has the link any more; what is unsent is still sent.
    Closing,
    Broken,
}

/// Handles what the broker sends without being asked. All methods are called on the link's thread and
/// must return immediately.
pub(crate) trait Incoming: Send + 'static {
    /// Handles a call.
    fn called(&mut self, call: &Message, link: &Link);
    /// Handles a signal.
    fn signalled(&mut self, signal: &Message);
    /// Called when the connection is lost.
    fn broken(&mut self, why: &Error);
    /// Called last, when everybody who waited for an answer has been told. This may take its time.
    fn over(&mut self) {}
}

/// For a link that only asks questions.
impl Incoming for () {
    fn called(&mut self, _: &Message, _: &Link) {}
    fn signalled(&mut self, _: &Message) {}
    fn broken(&mut self, _: &Error) {}
}

/// An answer that has not arrived yet.
pub(crate) struct Pending<A> {
    question: &'static str,
    answer: Receiver<Result<Message, Error>>,
    reads: PhantomData<fn() -> A>,
}

impl<A: Sendable> Pending<A> {
    /// Waits for the answer. An answer that arrives too late is dropped.
    pub(crate) fn wait(self) -> Result<A, Error> {
        let question = self.question;
        let message = match self.answer.recv_timeout(Duration::from_secs(ANSWER_SECONDS)) {
            Ok(answer) => answer?,
            Err(RecvTimeoutError::Disconnected) => return Err(Unreachable::Broke.into()),
            Err(RecvTimeoutError::Timeout) => {
                return Err(Unreachable::NoAnswer { question, seconds: ANSWER_SECONDS }.into());
            }
        };
        question::read(question, &message)
    }
}

impl Link {
    /// Serves a connection. Sends `greeting` first, and ignores the answers to it.
    pub(crate) fn open(
        socket: Socket,
        greeting: &[Message],
        incoming: impl Incoming,
    ) -> Result<Self, Unreachable> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let wake = wake.map_err(|error| Unreachable::NoThread(error.into()))?;
        let (waiting, unsent) = (HashMap::new(), Vec::new());
        let state = State { waiting, unsent, pace: Pace::new(), phase: Phase::Open };
        let line = Arc::new(Line { stream: Arc::clone(socket.stream()), wake, state: Mutex::new(state) });
        line.send(&mut line.state(), greeting);
        let handle = Arc::new(Handle { line: Arc::clone(&line) });
        let reader = Reader { socket, line, handle: Arc::downgrade(&handle), incoming };
        let thread = thread::Builder::new().name("oncue".to_owned());
        thread.spawn(move || reader.run()).map_err(Unreachable::NoThread)?;
        Ok(Self { handle })
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.line().state().phase == Phase::Broken
    }

    /// Sends a question without waiting for its answer.
    pub(crate) fn ask<M: Ask>(&self, ask: &M) -> Result<Pending<M::Answer>, Error> {
        self.put(Question::of(ask))
    }

    /// The same with a question that is ready to send.
    pub(crate) fn put<A>(&self, question: Question<A>) -> Result<Pending<A>, Error> {
        let name = question.name;
        let message = question.message()?;
        let (answer, receiver) = sync_channel(1);
        let mut state = self.line().state();
        if state.phase == Phase::Broken {
            return Err(Unreachable::Broke.into());
        }
        state.waiting.insert(message.primary_header().serial_num(), answer);
        self.line().send(&mut state, &[message]);
        Ok(Pending { question: name, answer: receiver, reads: PhantomData })
    }

    /// Sends a message that needs no answer. If the link is lost, the message is dropped.
    pub(crate) fn tell(&self, message: &Message) {
        self.line().send(&mut self.line().state(), std::slice::from_ref(message));
    }

    /// Sends the run's latest progress value, now or when the pace permits it.
    pub(crate) fn progress(&self, run: Arc<Run>) {
        let offered = {
            let mut state = self.line().state();
            (state.phase != Phase::Broken).then(|| state.pace.offer(run))
        };
        match offered {
            Some(Offered::Due) => self.line().send_progress(),
            Some(Offered::Waits) => self.line().wake(),
            None => {}
        }
    }

    /// Sends that the run has ended, after its last progress value.
    pub(crate) fn completed(&self, run: &Run, error: Option<&str>) {
        let mut state = self.line().state();
        let last = report::unsent_progress(run).into_iter().chain(report::completed(run, error));
        self.line().send(&mut state, &last.collect::<Vec<_>>());
    }

    fn line(&self) -> &Line {
        &self.handle.line
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.line.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        drop(state);
        self.line.wake();
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Sends messages in one piece, after everything that was sent before them.
    fn send(&self, state: &mut State, messages: &[Message]) {
        if messages.is_empty() || state.phase == Phase::Broken {
            return;
        }
        let joined;
        let bytes: &[u8] = match messages {
            [message] => &message.data()[..],
            several => {
                joined = several.iter().map(|message| &message.data()[..]).collect::<Vec<_>>().concat();
                &joined
            }
        };
        let sent = if state.unsent.is_empty() { send_now(&self.stream, bytes) } else { 0 };
        if sent < bytes.len() {
            state.unsent.extend_from_slice(&bytes[sent..]);
            self.wake();
        }
    }

    /// Sends what the socket did not take before.
    fn send_rest(&self, state: &mut State) {
        if !state.unsent.is_empty() {
            let sent = send_now(&self.stream, &state.unsent);
            state.unsent.drain(..sent);
        }
    }

    /// Sends the progress values that may be sent by now.
    fn send_progress(&self) {
        let mut state = self.state();
        let runs = state.pace.take_due(Instant::now());
        let out: Vec<_> = runs.iter().filter_map(|run| report::unsent_progress(run)).collect();
        self.send(&mut state, &out);
        // A run may hold the last handle of the link, which needs the lock when it is dropped.
        drop(state);
        drop(runs);
    }

    fn wake(&self) {
        // It can only fail if the thread has been woken very often without looking.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

/// The link's thread.
struct Reader<I> {
    socket: Socket,
    line: Arc<Line>,
    handle: Weak<Handle>,
    incoming: I,
}

impl<I: Incoming> Reader<I> {
    fn run(mut self) {
        let Err(why) = self.serve() else { return };
        let why = Error::from(why);
        // Runs are dropped without the lock, as in `send_progress`.
        let (waiting, _runs) = {
            let mut state = self.line.state();
            state.phase = Phase::Broken;
            state.unsent = Vec::new();
            (take(&mut state.waiting), replace(&mut state.pace, Pace::new()))
        };
        self.incoming.broken(&why);
        for (_, answer) in waiting {
            let _ = answer.send(Err(why.clone()));
        }
        self.incoming.over();
    }

    /// Returns without an error when nobody has the link any more.
    fn serve(&mut self) -> Result<(), Unreachable> {
        loop {
            self.take_in()?;
            let Some((events, due)) = self.give_out() else { return Ok(()) };
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            if left.is_none_or(|left| !left.is_zero()) && self.wait(events, left)? {
                self.socket.read(Wait::No)?;
            }
        }
    }

    /// Handles the messages that have arrived.
    fn take_in(&mut self) -> Result<(), Unreachable> {
        while let Some(message) = self.socket.next()? {
            match message.message_type() {
                Kind::MethodCall => {
                    // Without a handle, there is nobody to run anything for.
                    if let Some(handle) = self.handle.upgrade() {
                        self.incoming.called(&message, &Link { handle });
                    }
                }
                Kind::Signal => self.incoming.signalled(&message),
                Kind::MethodReturn | Kind::Error => self.answered(message),
            }
        }
        Ok(())
    }

    fn answered(&self, message: Message) {
        let serial = message.header().reply_serial();
        let waiting = serial.and_then(|serial| self.line.state().waiting.remove(&serial));
        if let Some(waiting) = waiting {
            let _ = waiting.send(Ok(message));
        }
    }

    /// Sends what is due, and returns what to wait for and until when, or `None` when the link is closed.
    fn give_out(&self) -> Option<(PollFlags, Option<Instant>)> {
        self.line.send_progress();
        let mut state = self.line.state();
        self.line.send_rest(&mut state);
        match (state.unsent.is_empty(), state.phase) {
            (true, Phase::Closing | Phase::Broken) => None,
            (true, Phase::Open) => Some((PollFlags::IN, state.pace.due())),
            (false, _) => Some((PollFlags::IN | PollFlags::OUT, state.pace.due())),
        }
    }

    /// Waits, and returns whether something has arrived at the socket.
    fn wait(&self, events: PollFlags, left: Option<Duration>) -> Result<bool, Unreachable> {
        let left = left.map(|left| Timespec {
            tv_sec: left.as_secs().cast_signed(),
            tv_nsec: left.subsec_nanos().into(),
        });
        let stream = &**self.socket.stream();
        let mut watched = [PollFd::new(stream, events), PollFd::new(&self.line.wake, PollFlags::IN)];
        match poll(&mut watched, left.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(Unreachable::Broke),
        }
        if !watched[1].revents().is_empty() {
            let _ = rustix::io::read(&self.line.wake, &mut [0; 8]);
        }
        Ok(watched[0].revents().intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR))
    }
}
