//! What sources observe on behalf of tasks, started and stopped by the core.

mod bus;
mod device;
mod files;
mod orders;
mod push;
mod settle;

#[cfg(test)]
pub(crate) use bus::small_bus;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oncue_core::{Bus, Event, TaskId, Watch};
use oncue_wire::Rule;
use tokio::sync::mpsc;

use crate::errand::Errands;
use crate::inbox::Inbox;
use bus::Place;
use device::Wanted;
use files::Files;
use orders::Orders;

/// The current watches, one for each task. A source is opened for its first task.
pub(crate) struct Watches {
    inbox: mpsc::Sender<Inbox>,
    kept: HashMap<TaskId, Arc<Watch>>,
    files: Option<Files>,
    session_bus: Option<Orders<Rule>>,
    system_bus: Option<Orders<Rule>>,
    devices: Option<Orders<Wanted>>,
    push: Option<Orders<()>>,
    /// The folder that records what tasks know about push messages.
    push_folder: PathBuf,
    errands: Errands,
}

impl Watches {
    /// Starts without watches; `state` is the folder for files that outlive the broker.
    pub(crate) fn new(inbox: mpsc::Sender<Inbox>, state: &Path, errands: Errands) -> Self {
        Self {
            inbox,
            kept: HashMap::new(),
            files: None,
            session_bus: None,
            system_bus: None,
            devices: None,
            push: None,
            push_folder: state.join("push"),
            errands,
        }
    }

    /// Retries what does not work at the moment, because someone asks about the tasks.
    pub(crate) fn try_again(&self) {
        self.files.iter().for_each(Files::try_again);
    }

    /// Starts a watch for a task, which replaces the task's previous one.
    pub(crate) fn begin(&mut self, task: TaskId, watch: Arc<Watch>) {
        self.end(task);
        match &*watch {
            Watch::Path { path, deep } => {
                let files = self.files.get_or_insert_with(|| Files::open(self.inbox.clone()));
                files.begin(task, path.into(), *deep);
            }
            Watch::Bus { bus, rule } => match Rule::parse(rule) {
                Ok(rule) => {
                    let inbox = self.inbox.clone();
                    let signals = || bus::open(Place::from(*bus), inbox);
                    self.signals(*bus).get_or_insert_with(signals).begin(task, rule);
                }
                // A task that an older version registered may have an invalid rule.
                Err(error) => self.refuse(task, format!("match rule `{rule}`: {error}")),
            },
            Watch::Device { subsystem, action } => {
                let wanted = Wanted { subsystem: subsystem.clone(), action: *action };
                let devices = || device::open(self.inbox.clone());
                self.devices.get_or_insert_with(devices).begin(task, wanted);
            }
            Watch::Push => {
                let (folder, errands) = (self.push_folder.clone(), self.errands.clone());
                let push = || push::open(Place::Session, folder, errands, self.inbox.clone());
                self.push.get_or_insert_with(push).begin(task, ());
            }
        }
        self.kept.insert(task, watch);
    }

    /// Stops watching for a task, and closes a source that is no longer needed.
    pub(crate) fn end(&mut self, task: TaskId) {
        let Some(watch) = self.kept.remove(&task) else { return };
        match &*watch {
            Watch::Path { .. } => self.files.iter().for_each(|files| files.end(task)),
            Watch::Bus { bus, .. } => {
                self.signals(*bus).iter().for_each(|signals| signals.end(task));
                if !self.keeps(|watch| matches!(watch, Watch::Bus { bus: other, .. } if other == bus)) {
                    *self.signals(*bus) = None;
                }
            }
            Watch::Device { .. } => {
                self.devices.iter().for_each(|devices| devices.end(task));
                if !self.keeps(|watch| matches!(watch, Watch::Device { .. })) {
                    self.devices = None;
                }
            }
            // The source stays open, because it still has to tell the distributor.
            Watch::Push => self.push.iter().for_each(|push| push.end(task)),
        }
    }

    fn keeps(&self, is: impl Fn(&Watch) -> bool) -> bool {
        self.kept.values().any(|watch| is(watch))
    }

    fn signals(&mut self, bus: Bus) -> &mut Option<Orders<Rule>> {
        match bus {
            Bus::Session => &mut self.session_bus,
            Bus::System => &mut self.system_bus,
        }
    }

    fn refuse(&self, task: TaskId, why: String) {
        let inbox = self.inbox.clone();
        tokio::spawn(async move {
            let _ = inbox.send(Event::Troubled { task, why: Some(why) }.into()).await;
        });
    }
}
