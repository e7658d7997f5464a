//! Signals of a message bus, through one connection for all tasks that wait for some.
//!
//! If a bus goes away, or is not available yet, it is retried, less and less often; in the meantime
//! the tasks report the problem. Signals sent while there is no connection are lost.

mod link;
mod signal;

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use oncue_core::{Bus, Event, TaskId};
use oncue_wire::Rule;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use zbus::connection::Builder;
use zbus::{Message, MessageStream};

use super::orders::{self, Done, Given, Order, Orders};
use super::settle::Settling;
use crate::inbox::Inbox;
use crate::source::timing::Backoff;
use link::{Heard, Link};

/// How long connecting to a bus may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The address of a bus.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// The bus of the user's session.
    Session,
    /// The bus of the machine.
    System,
    /// Another bus.
    #[cfg(test)]
    At(String),
}

impl From<Bus> for Place {
    fn from(bus: Bus) -> Self {
        match bus {
            Bus::Session => Self::Session,
            Bus::System => Self::System,
        }
    }
}

impl Place {
    fn builder(&self) -> Builder<'_> {
        match self {
            Self::Session => Builder::session(),
            Self::System => Builder::system(),
            #[cfg(test)]
            Self::At(address) => Builder::address(address.as_str()),
        }
    }

    /// Connects to the bus.
    pub(super) async fn connect(&self) -> zbus::Result<MessageStream> {
        let silent = || std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer");
        let building = self.builder().build_message_stream();
        timeout(PATIENCE, building).await.unwrap_or_else(|_| Err(silent().into()))
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Session => "session bus",
            Self::System => "system bus",
            #[cfg(test)]
            Self::At(_) => "test bus",
        }
    }
}

/// Starts to listen to a bus on behalf of tasks, until the orders are dropped.
pub(super) fn open(place: Place, inbox: mpsc::Sender<Inbox>) -> Orders<Rule> {
    let (orders, given) = orders::orders();
    let keeper = Keeper { place, inbox, tasks: HashMap::new(), settling: Settling::default() };
    tokio::spawn(keeper.keep(given));
    orders
}

/// What one task waits for, and the problem that was last reported to it.
struct Waiting {
    rule: Rule,
    trouble: Option<String>,
}

struct Keeper {
    place: Place,
    inbox: mpsc::Sender<Inbox>,
    tasks: HashMap<TaskId, Waiting>,
    settling: Settling,
}

impl Keeper {
    async fn keep(mut self, mut orders: Given<Rule>) {
        let mut retries = 0;
        loop {
            let lost = match self.place.connect().await {
                Ok(messages) => {
                    retries = 0;
                    match self.listen(messages, &mut orders).await {
                        Ok(lost) => lost,
                        Err(Done) => return,
                    }
                }
                Err(error) => error.to_string(),
            };
            let why = format!("the {} is not available: {lost}", self.place.name());
            let pause = Backoff::BUS.pause(retries);
            tracing::info!("{why}; retrying in {pause:?}");
            if self.wait(Instant::now() + pause, &why, &mut orders).await.is_err() {
                return;
            }
            retries += 1;
        }
    }

    /// Waits without the bus for a while.
    async fn wait(&mut self, until: Instant, why: &str, orders: &mut Given<Rule>) -> Result<(), Done> {
        let all: Vec<TaskId> = self.tasks.keys().copied().collect();
        for task in all {
            self.say(task, Some(why.to_owned())).await;
        }
        loop {
            let due = self.settling.due();
            tokio::select! {
                order = orders.next() => match order? {
                    Order::Begin { task, wanted: rule } => {
                        self.tasks.insert(task, Waiting { rule, trouble: None });
                        self.say(task, Some(why.to_owned())).await;
                    }
                    Order::End { task } => self.forget(task),
                },
                () = sleep_until(due.unwrap_or(until)), if due.is_some() => self.settling.tell(&self.inbox).await,
                () = sleep_until(until) => return Ok(()),
            }
        }
    }

    /// Listens until the connection is lost, and returns why.
    async fn listen(
        &mut self,
        mut messages: MessageStream,
        orders: &mut Given<Rule>,
    ) -> Result<String, Done> {
        let mut link = Link::new((&messages).into());
        for (task, waiting) in &self.tasks {
            if let Err(error) = link.begin(*task, &waiting.rule).await {
                return Ok(error.to_string());
            }
        }
        loop {
            let due = self.settling.due();
            let done = tokio::select! {
                order = orders.next() => self.obey(order?, &mut link).await,
                message = messages.next() => match message {
                    Some(Ok(message)) => self.hear(&message, &mut link).await,
                    Some(Err(error)) => Err(error),
                    None => return Ok("it closed the connection".into()),
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.settling.tell(&self.inbox).await;
                    Ok(())
                }
            };
            if let Err(error) = done {
                return Ok(error.to_string());
            }
        }
    }

    async fn obey(&mut self, order: Order<Rule>, link: &mut Link) -> zbus::Result<()> {
        match order {
            Order::Begin { task, wanted: rule } => {
                let waiting = Waiting { rule, trouble: None };
                link.begin(task, &self.tasks.entry(task).insert_entry(waiting).get().rule).await
            }
            Order::End { task } => {
                self.forget(task);
                link.end(task).await
            }
        }
    }

    async fn hear(&mut self, message: &Message, link: &mut Link) -> zbus::Result<()> {
        match link.hear(message) {
            Some(Heard::Taken(task)) => self.say(task, None).await,
            Some(Heard::Refused(task, error)) => {
                let why = format!("the {} refuses the match rule: {error}", self.place.name());
                self.say(task, Some(why)).await;
            }
            Some(Heard::Signal) => self.select(message, link),
            None => {}
        }
        Ok(())
    }

    /// Records a signal for the tasks whose rules match it.
    fn select(&mut self, message: &Message, link: &Link) {
        let (now, body) = (Instant::now(), message.body());
        let signal = signal::Signal::new(message.header(), &body);
        let waiting_for = |(_, waiting): &(&TaskId, &Waiting)| {
            signal.is_selected_by(&waiting.rule, |name| link.owner(name))
        };
        for (task, _) in self.tasks.iter().filter(waiting_for) {
            signal.texts().into_iter().for_each(|text| self.settling.add(now, *task, text));
        }
    }

    fn forget(&mut self, task: TaskId) {
        self.settling.forget(task);
        self.tasks.remove(&task);
    }

    async fn say(&mut self, task: TaskId, why: Option<String>) {
        let Some(waiting) = self.tasks.get_mut(&task) else { return };
        if waiting.trouble != why {
            waiting.trouble.clone_from(&why);
            let _ = self.inbox.send(Event::Troubled { task, why }.into()).await;
        }
    }
}

#[cfg(test)]
pub(crate) mod small_bus;
#[cfg(test)]
mod tests;
