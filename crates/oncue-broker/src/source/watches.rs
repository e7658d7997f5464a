//! What tasks wait for that only a source can see: begun and ended as the core says.

use std::collections::HashMap;
use std::sync::Arc;

use oncue_core::{TaskId, Watch};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::event_loop::Inbox;

/// The watches that are being kept, one a task.
pub(crate) struct Watches {
    inbox: mpsc::Sender<Inbox>,
    kept: HashMap<TaskId, AbortHandle>,
}

impl Watches {
    pub(crate) fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self { inbox, kept: HashMap::new() }
    }

    /// Looks out for `watch`, in the place of what was looked out for before.
    pub(crate) fn begin(&mut self, task: TaskId, watch: Arc<Watch>) {
        self.end(task);
        let inbox = self.inbox.clone();
        let keeping = tokio::spawn(async move {
            let why = format!("nothing here can watch `{watch}` yet");
            let _ = inbox.send(Inbox::Troubled { task, why: Some(why) }).await;
        });
        self.kept.insert(task, keeping.abort_handle());
    }

    /// Looks out no more for what the task waited for.
    pub(crate) fn end(&mut self, task: TaskId) {
        if let Some(keeping) = self.kept.remove(&task) {
            keeping.abort();
        }
    }
}
