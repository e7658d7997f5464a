//! One connection to a broker: sends questions, receives answers, and handles the broker's calls
//! and signals.
//!
//! One future on the I/O thread serves a link; the rest of the program sends it commands. Their
//! number is bounded by the threads that wait for answers and by the runs in progress.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use futures_util::StreamExt;
use oncue_wire::Ask;
use oncue_wire::dictionary::Sendable;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use zbus::message::{Message, Type as Kind};
use zbus::{Connection, MessageStream};

use crate::Error;
use crate::broker::pace::Pace;
use crate::broker::question::{self, Question};
use crate::broker::unreachable::Unreachable;
use crate::broker::{io, report};
use crate::run::Run;

/// How long the broker may take to answer.
const ANSWER_SECONDS: u64 = 30;
/// The maximum number of messages in one write.
const BATCH: usize = 64;

/// One connection, possibly lost. A clone refers to the same connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    commands: UnboundedSender<Command>,
}

/// What to send over the link.
#[derive(Debug)]
enum Command {
    Ask { message: Message, answer: SyncSender<Result<Message, Error>> },
    Tell(Message),
    Progress(Arc<Run>),
    Completed(Arc<Run>, Option<String>),
}

/// Handles what the broker sends without being asked. All methods are called on the I/O thread and
/// must return immediately.
pub(crate) trait Incoming: Send + 'static {
    /// Handles a call; `out` is sent immediately afterwards.
    fn called(&mut self, call: &Message, link: &Link, out: &mut Vec<Message>);
    /// Handles a signal.
    fn signalled(&mut self, signal: &Message);
    /// Called when the connection is lost.
    fn broken(&mut self, why: &Error);
}

/// For a link that only asks questions.
impl Incoming for () {
    fn called(&mut self, _: &Message, _: &Link, _: &mut Vec<Message>) {}
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
    /// Serves a connection whose handshake is complete. Sends `greeting` first, and ignores the
    /// answers to it.
    pub(crate) fn open(
        messages: MessageStream,
        greeting: Vec<Message>,
        incoming: impl Incoming,
    ) -> Result<Self, Unreachable> {
        let (sender, commands) = unbounded_channel();
        let talk = Talk { waiting: HashMap::new(), pace: Pace::new(), link: sender.downgrade(), incoming };
        io::spawn(talk.run(messages, greeting, commands))?;
        Ok(Self { commands: sender })
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.commands.is_closed()
    }

    /// Sends a question without waiting for its answer.
    pub(crate) fn ask<M: Ask>(&self, ask: &M) -> Result<Pending<M::Answer>, Error> {
        self.put(Question::of(ask))
    }

    /// The same with a question that is ready to send.
    pub(crate) fn put<A>(&self, question: Question<A>) -> Result<Pending<A>, Error> {
        let name = question.name;
        let (answer, receiver) = sync_channel(1);
        let command = Command::Ask { message: question.message()?, answer };
        self.commands.send(command).map_err(|_| Unreachable::Broke)?;
        Ok(Pending { question: name, answer: receiver, reads: PhantomData })
    }

    /// Sends a message that needs no answer. If the link is lost, the message is dropped.
    pub(crate) fn tell(&self, message: Message) {
        let _ = self.commands.send(Command::Tell(message));
    }

    /// Announces that the run has a progress value to send.
    pub(crate) fn progress(&self, run: Arc<Run>) {
        let _ = self.commands.send(Command::Progress(run));
    }

    /// Announces that the run has ended.
    pub(crate) fn completed(&self, run: Arc<Run>, error: Option<String>) {
        let _ = self.commands.send(Command::Completed(run, error));
    }
}

struct Talk<I> {
    waiting: HashMap<NonZeroU32, SyncSender<Result<Message, Error>>>,
    pace: Pace,
    link: tokio::sync::mpsc::WeakUnboundedSender<Command>,
    incoming: I,
}

impl<I: Incoming> Talk<I> {
    async fn run(
        mut self,
        messages: MessageStream,
        greeting: Vec<Message>,
        mut commands: UnboundedReceiver<Command>,
    ) {
        let Err(why) = self.speak(messages, greeting, &mut commands).await else { return };
        let why = Error::from(why);
        commands.close();
        self.incoming.broken(&why);
        for (_, answer) in self.waiting.drain() {
            let _ = answer.send(Err(why.clone()));
        }
        while let Ok(command) = commands.try_recv() {
            if let Command::Ask { answer, .. } = command {
                let _ = answer.send(Err(why.clone()));
            }
        }
    }

    /// Returns without an error when all handles of the link have been dropped.
    async fn speak(
        &mut self,
        mut messages: MessageStream,
        greeting: Vec<Message>,
        commands: &mut UnboundedReceiver<Command>,
    ) -> Result<(), Unreachable> {
        let connection = Connection::from(&messages);
        let mut out = greeting;
        loop {
            let due = self.pace.due();
            if out.is_empty() {
                tokio::select! {
                    biased;
                    message = messages.next() => match message {
                        Some(Ok(message)) => self.take_in(&message, &mut out),
                        Some(Err(_)) | None => return Err(Unreachable::Broke),
                    },
                    command = commands.recv() => match command {
                        Some(command) => self.give_out(command, &mut out),
                        None => return Ok(()),
                    },
                    () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                        self.pace.flush(&mut out);
                    }
                }
            }
            while out.len() < BATCH {
                let Ok(command) = commands.try_recv() else { break };
                self.give_out(command, &mut out);
            }
            connection.send_all(&out).await.map_err(|_| Unreachable::Broke)?;
            out.clear();
        }
    }

    fn take_in(&mut self, message: &Message, out: &mut Vec<Message>) {
        match message.message_type() {
            Kind::MethodCall => {
                // Without a handle, there is nobody to run anything for.
                if let Some(commands) = self.link.upgrade() {
                    self.incoming.called(message, &Link { commands }, out);
                }
            }
            Kind::Signal => self.incoming.signalled(message),
            Kind::MethodReturn | Kind::Error => {
                let serial = message.header().reply_serial();
                if let Some(answer) = serial.and_then(|serial| self.waiting.remove(&serial)) {
                    let _ = answer.send(Ok(message.clone()));
                }
            }
        }
    }

    fn give_out(&mut self, command: Command, out: &mut Vec<Message>) {
        match command {
            Command::Ask { message, answer } => {
                self.waiting.insert(message.primary_header().serial_num(), answer);
                out.push(message);
            }
            Command::Tell(message) => out.push(message),
            Command::Progress(run) => self.pace.offer(run, out),
            Command::Completed(run, error) => {
                out.extend(report::unsent_progress(&run));
                out.extend(report::completed(&run, error.as_deref()));
            }
        }
    }
}
