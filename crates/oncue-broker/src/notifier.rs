//! Desktop notifications about the ends of runs.
//!
//! They go to the notification service on the session bus (freedesktop.org, *Desktop Notifications
//! Specification*). Its action opens the output of the run. Where there is no session bus or no such service,
//! the log says so once.

mod desk;
mod text;

use std::path::Path;
use std::time::Duration;

use oncue_core::{InstanceId, LedgerEntry, TaskId};
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::desk::Desk;
use crate::output::Archive;
use crate::variables::Session;

/// The maximum number of notifications that wait. Further ones are dropped, because no one reads so many.
const WAITING: usize = 32;

/// How long the bus and the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows notifications.
#[derive(Clone, Debug)]
pub(crate) struct Notifier {
    notices: mpsc::Sender<Notice>,
}

/// One notification.
#[derive(Debug)]
struct Notice {
    task: TaskId,
    instance: InstanceId,
    title: String,
    body: String,
    is_bad: bool,
}

impl Notifier {
    /// Starts to show notifications. `state` is the folder below which the output of runs is kept.
    pub(crate) fn start(state: &Path, session: Session) -> Self {
        let (notices, waiting) = mpsc::channel(WAITING);
        tokio::spawn(show_all(waiting, Archive::below(state), session));
        Self { notices }
    }

    /// Notifies the user about the end of a run.
    pub(crate) fn tell(&self, entry: &LedgerEntry) {
        if self.notices.try_send(Notice::about(entry)).is_err() {
            tracing::warn!("too many notifications; that about run {} is not shown", entry.instance);
        }
    }
}

async fn show_all(mut notices: mpsc::Receiver<Notice>, archive: Archive, session: Session) {
    let mut desk: Option<Desk> = None;
    let mut is_told = false;
    loop {
        let notice = tokio::select! {
            notice = notices.recv() => match notice {
                Some(notice) => notice,
                None => return,
            },
            is_there = heard(&mut desk), if desk.is_some() => {
                if !is_there {
                    desk = None;
                }
                continue;
            }
        };
        let shown = show(&mut desk, &notice, &archive, &session).await;
        if let Err(why) = shown {
            desk = None;
            if !std::mem::replace(&mut is_told, true) {
                tracing::warn!("showing a notification: {why}; see the ends of runs with `oncue history`");
            }
        }
    }
}

/// Waits for the next message of the service; returns whether the connection is still there.
async fn heard(desk: &mut Option<Desk>) -> bool {
    match desk {
        Some(desk) => desk.hear().await,
        None => std::future::pending().await,
    }
}

async fn show(
    desk: &mut Option<Desk>,
    notice: &Notice,
    archive: &Archive,
    session: &Session,
) -> Result<(), zbus::Error> {
    let silent = || zbus::Error::from(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer"));
    let desk = match desk {
        Some(desk) => desk,
        None => {
            let opened = timeout(PATIENCE, Desk::open(archive.clone(), session.clone()));
            desk.insert(opened.await.unwrap_or_else(|_| Err(silent()))?)
        }
    };
    timeout(PATIENCE, desk.show(notice)).await.unwrap_or_else(|_| Err(silent()))
}
