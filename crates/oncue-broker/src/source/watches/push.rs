//! Push messages, through the user's UnifiedPush distributor on the session bus.
//!
//! Each waiting task is a separate registration, with the task's id as its token, so that it is known again
//! after a restart. The task is first told its endpoint, `endpoint=URL`, which the app needs to be sent
//! messages, and again whenever the endpoint changes. Only messages from the distributor are accepted. See
//! unifiedpush.org, *D-Bus specification*.

mod distributor;
mod endpoints;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use oncue_core::{Details, Event, TaskId};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use zbus::{Message, MessageStream};

use super::bus::Place;
use super::orders::{self, Done, Given, Order, Orders};
use crate::errand::Errands;
use crate::inbox::Inbox;
use distributor::{Distributor, Lost};
use endpoints::Endpoints;
use words::Said;

/// How long to wait before looking again for a missing bus or distributor. A distributor that appears on an
/// existing bus is noticed at once.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// Starts to listen for tasks, until the orders are dropped; `folder` stores what they were told.
pub(super) fn open(
    place: Place,
    folder: PathBuf,
    errands: Errands,
    inbox: mpsc::Sender<Inbox>,
) -> Orders<()> {
    let (orders, given) = orders::orders();
    let endpoints = Endpoints::in_folder(folder, errands);
    let keeper = Keeper { inbox, tasks: BTreeMap::new(), endpoints };
    tokio::spawn(keeper.keep(place, given));
    orders
}

struct Keeper {
    inbox: mpsc::Sender<Inbox>,
    /// The waiting tasks, each with the problem last reported to it.
    tasks: BTreeMap<TaskId, Option<String>>,
    endpoints: Endpoints,
}

impl Keeper {
    async fn keep(mut self, place: Place, mut orders: Given<()>) {
        loop {
            let lost = match place.connect().await {
                Ok(messages) => match self.serve(messages, &mut orders).await {
                    Ok(lost) => lost.to_string(),
                    Err(Done) => return,
                },
                Err(error) => format!("the session bus is not available: {error}"),
            };
            tracing::info!("push messages: {lost}; retrying in {PAUSE:?}");
            if self.wait(&lost, &mut orders).await.is_err() {
                return;
            }
        }
    }

    /// Waits for a while without the bus.
    async fn wait(&mut self, why: &str, orders: &mut Given<()>) -> Result<(), Done> {
        let until = Instant::now() + PAUSE;
        self.say_to_all(Some(why)).await;
        loop {
            tokio::select! {
                order = orders.next() => match order? {
                    Order::Begin { task, wanted: () } => {
                        self.tasks.insert(task, None);
                        self.say(task, Some(why)).await;
                    }
                    Order::End { task } => self.forget(task).await,
                },
                () = sleep_until(until) => return Ok(()),
            }
        }
    }

    /// Listens until the connection is lost, and returns the reason.
    async fn serve(&mut self, mut messages: MessageStream, orders: &mut Given<()>) -> Result<Lost, Done> {
        let mut distributor = Distributor::on((&messages).into());
        let mut done = distributor.look().await;
        loop {
            if let Err(lost) = done {
                return Ok(lost);
            }
            done = tokio::select! {
                order = orders.next() => match order? {
                    Order::Begin { task, wanted: () } => {
                        self.tasks.insert(task, None);
                        self.register(task, &mut distributor).await
                    }
                    Order::End { task } => {
                        self.forget(task).await;
                        distributor.unregister(task).await
                    }
                },
                message = messages.next() => match message {
                    Some(Ok(message)) => self.hear(&message, &mut distributor).await,
                    Some(Err(error)) => Err(error.into()),
                    None => return Ok(Lost::Ended),
                },
            };
        }
    }

    async fn register(&mut self, task: TaskId, distributor: &mut Distributor) -> Result<(), Lost> {
        match distributor.is_there() {
            Some(true) => distributor.register(task).await?,
            Some(false) => self.say(task, Some(distributor::NONE)).await,
            // As soon as there is a distributor, all tasks are registered.
            None => {}
        }
        Ok(())
    }

    async fn hear(&mut self, message: &Message, distributor: &mut Distributor) -> Result<(), Lost> {
        match distributor.hear(message).await? {
            Said::Nothing => {}
            Said::Came => {
                let tasks: Vec<TaskId> = self.tasks.keys().copied().collect();
                for task in tasks {
                    distributor.register(task).await?;
                }
            }
            Said::Went => self.say_to_all(Some(distributor::NONE)).await,
            Said::Registered(task) => self.say(task, None).await,
            Said::Refused(task, why) => {
                let why = format!("the UnifiedPush distributor refuses: {why}");
                self.say(task, Some(&why)).await;
            }
            Said::Endpoint(task, url) => {
                if self.tasks.contains_key(&task) && self.endpoints.changes(task, &url).await {
                    self.notice(task, format!("endpoint={url}")).await;
                }
            }
            Said::Message(task, text) => self.notice(task, text).await,
            Said::Unregistered(task) => {
                if self.tasks.contains_key(&task) {
                    distributor.register(task).await?;
                }
            }
        }
        Ok(())
    }

    async fn notice(&self, task: TaskId, text: String) {
        if self.tasks.contains_key(&task) {
            let details = Details::of([text]);
            let _ = self.inbox.send(Event::Noticed { task, count: 1, during: None, details }.into()).await;
        }
    }

    async fn forget(&mut self, task: TaskId) {
        self.tasks.remove(&task);
        self.endpoints.forget(task).await;
    }

    async fn say_to_all(&mut self, why: Option<&str>) {
        let all: Vec<TaskId> = self.tasks.keys().copied().collect();
        for task in all {
            self.say(task, why).await;
        }
    }

    async fn say(&mut self, task: TaskId, why: Option<&str>) {
        let Some(told) = self.tasks.get_mut(&task) else { return };
        if told.as_deref() != why {
            *told = why.map(Into::into);
            let _ = self.inbox.send(Event::Troubled { task, why: told.clone() }.into()).await;
        }
    }
}

#[cfg(test)]
mod tests;
