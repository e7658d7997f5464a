//! What tasks wait for that only a source can see: begun and ended as the core says.

mod files;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;

use oncue_core::{TaskId, Watch};
use tokio::sync::mpsc;

use crate::event_loop::Inbox;
use files::Files;

/// The watches that are being kept, one a task; a source is opened when its first task comes.
pub(crate) struct Watches {
    inbox: mpsc::Sender<Inbox>,
    kept: HashMap<TaskId, Arc<Watch>>,
    files: Option<Files>,
}

impl Watches {
    pub(crate) fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self { inbox, kept: HashMap::new(), files: None }
    }

    /// Looks out for `watch`, in the place of what was looked out for before.
    pub(crate) fn begin(&mut self, task: TaskId, watch: Arc<Watch>) {
        self.end(task);
        match &*watch {
            Watch::Path { path, deep } => {
                let files = self.files.get_or_insert_with(|| Files::open(self.inbox.clone()));
                files.begin(task, path.into(), *deep);
            }
            Watch::Device { .. } | Watch::Bus { .. } | Watch::Push => {
                let (inbox, watch) = (self.inbox.clone(), watch.clone());
                tokio::spawn(async move {
                    let why = format!("nothing here can watch `{watch}` yet");
                    let _ = inbox.send(Inbox::Troubled { task, why: Some(why) }).await;
                });
            }
        }
        self.kept.insert(task, watch);
    }

    /// Looks out no more for what the task waited for.
    pub(crate) fn end(&mut self, task: TaskId) {
        let Some(watch) = self.kept.remove(&task) else { return };
        match &*watch {
            Watch::Path { .. } => self.files.iter().for_each(|files| files.end(task)),
            Watch::Device { .. } | Watch::Bus { .. } | Watch::Push => {}
        }
    }
}
