//! Lists of tasks, built in parts, so that nobody waits for a long one.

use oncue_core::{Broker, Moment, TaskId};
use oncue_wire::{TaskInfo, Word, convert, limits};

use super::questions::Question;

/// How many tasks to add at a time.
const AT_ONCE: usize = 32;

/// A list in progress.
#[derive(Debug)]
pub(crate) struct Listing {
    question: Question,
    /// The tasks still to be added.
    tasks: std::vec::IntoIter<TaskId>,
    shown: Vec<TaskInfo>,
    bytes: usize,
}

impl Listing {
    pub(super) fn new(question: Question, tasks: Vec<TaskId>) -> Self {
        Self { question, tasks: tasks.into_iter(), shown: Vec::new(), bytes: 0 }
    }

    /// Adds some more tasks.
    pub(super) fn add_some(&mut self, now: Moment, core: &Broker) {
        for task in self.tasks.by_ref().take(AT_ONCE) {
            // A task that has been unregistered in the meantime is left out.
            let Some(view) = core.view(now, task) else { continue };
            let task = convert::task(view);
            self.bytes += size(&task);
            if self.bytes > limits::ANSWER && !self.shown.is_empty() {
                self.tasks = Vec::new().into_iter();
                return;
            }
            self.shown.push(task);
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.tasks.len() == 0
    }

    pub(super) fn finish(self) -> (Question, Vec<TaskInfo>) {
        (self.question, self.shown)
    }
}

/// The approximate size of a task in an answer.
fn size(task: &TaskInfo) -> usize {
    /// What it takes besides its texts of any length.
    const TASK: usize = 768;
    let texts = [&task.name, &task.trouble].into_iter();
    let texts = texts.chain(task.group.iter().flat_map(|group| [&group.id, &group.name]));
    let conditions = task.condition.iter().chain(&task.failing);
    let blockers = task.blocked.iter().map(Word::text_len);
    TASK + task.trigger.text_len()
        + task.policy.as_ref().map_or(0, Word::text_len)
        + texts.map(String::len).chain(conditions.map(Word::text_len)).chain(blockers).sum::<usize>()
}
