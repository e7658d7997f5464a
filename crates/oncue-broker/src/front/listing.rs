//! Lists of tasks, built in parts, so that nobody waits for a long one.

use oncue_core::TaskId;
use oncue_wire::{TaskInfo, convert, limits};
use zbus::Message;

use super::{Charge, PeerId, Waiting};
use crate::clock;
use crate::event_loop::Loop;

/// How many tasks to add at a time.
const AT_ONCE: usize = 32;

/// A list in progress.
#[derive(Debug)]
pub(crate) struct Listing {
    call: Message,
    charge: Charge,
    /// The tasks still to be added.
    tasks: std::vec::IntoIter<TaskId>,
    shown: Vec<TaskInfo>,
    bytes: usize,
}

impl Listing {
    pub(super) fn new(call: Message, charge: Charge, tasks: Vec<TaskId>) -> Self {
        Self { call, charge, tasks: tasks.into_iter(), shown: Vec::new(), bytes: 0 }
    }
}

impl Loop {
    /// Adds some more tasks to a list. If it is not complete, it waits for its next turn.
    pub(super) fn list_on(&mut self, id: PeerId, mut listing: Listing) {
        if self.peers.get(&id).is_none_or(|peer| peer.gone) {
            return;
        }
        let now = clock::now();
        for task in listing.tasks.by_ref().take(AT_ONCE) {
            // A task that has been unregistered in the meantime is left out.
            let Some(view) = self.core.view(now, task) else { continue };
            let task = convert::task(view);
            listing.bytes += size(&task);
            if listing.bytes > limits::ANSWER && !listing.shown.is_empty() {
                listing.tasks = Vec::new().into_iter();
                break;
            }
            listing.shown.push(task);
        }
        if listing.tasks.len() > 0 {
            return self.turns.put_back(id, Waiting::Listing(listing));
        }
        let Listing { call, charge, shown, .. } = listing;
        self.scribe.write((id, call, charge), move || shown);
    }
}

/// The approximate size of a task in an answer.
fn size(task: &TaskInfo) -> usize {
    /// What it takes besides its texts of any length.
    const TASK: usize = 768;
    let texts = [&task.name, &task.trigger, &task.condition, &task.policy, &task.trouble];
    let group = task.group.iter().flat_map(|group| [&group.id, &group.name]);
    let texts = texts.into_iter().chain(group).chain(&task.failing);
    TASK + texts.map(String::len).sum::<usize>()
}
