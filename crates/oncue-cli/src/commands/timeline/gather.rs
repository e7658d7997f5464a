//! The data of the timeline: the entries of the ledger, the present, and what comes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use oncue::Outcome;
use oncue::tools::{Broker, Entry, Of, TaskId, TaskInfo, Wall, Word};

use super::lane::Lane;
use crate::ahead::Ahead;
use crate::failure::Failure;

/// How many entries of the ledger are shown at most; the latest ones.
const ENTRIES: usize = 50_000;

/// How many runs to come are shown of one task.
const RUNS: usize = 300;

/// The state of a task of which only the ledger knows.
const GONE: &str = "gone";

/// What is shown.
#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) since: Wall,
    pub(super) until: Wall,
    /// The tasks, ordered by name.
    pub(super) lanes: Vec<Lane>,
    /// The tasks of each queue, as places in `lanes`.
    queues: HashMap<String, Vec<usize>>,
    pub(super) ahead: Ahead,
    /// Whether there are more entries than are shown.
    pub(super) is_cut: bool,
}

impl Timeline {
    /// Asks the broker. `chosen` names the tasks to show, or `None` for all, including those that are no longer
    /// registered.
    pub(super) fn gather(
        broker: &Broker,
        chosen: Option<&BTreeSet<TaskId>>,
        (since, now, until): (Wall, Wall, Wall),
    ) -> Result<Self, Failure> {
        let ahead = Ahead::look(broker, now, until, RUNS)?;
        let mut entries = Vec::new();
        match chosen {
            Some(chosen) => {
                for task in chosen {
                    entries.extend(past(broker, Of::Task(*task), since)?);
                }
            }
            None => entries = past(broker, Of::All, since)?,
        }
        Ok(Self::of(ahead, entries, chosen, (since, until)))
    }

    /// Puts together what the broker has told.
    pub(super) fn of(
        ahead: Ahead,
        entries: Vec<Entry>,
        chosen: Option<&BTreeSet<TaskId>>,
        (since, until): (Wall, Wall),
    ) -> Self {
        let is_cut = entries.len() >= ENTRIES;
        let mut past: BTreeMap<TaskId, Vec<Entry>> = BTreeMap::new();
        for entry in entries.into_iter().filter(|entry| entry.outcome != Outcome::Coalesced) {
            past.entry(entry.task_id).or_default().push(entry);
        }
        let is_chosen = |task: &&TaskInfo| chosen.is_none_or(|chosen| chosen.contains(&task.task_id));
        let mut lanes: Vec<Lane> = (ahead.tasks.iter().filter(is_chosen))
            .map(|task| {
                let coming = ahead.outlook.coming.get(&task.task_id).cloned().unwrap_or_default();
                Lane::new(task.clone(), past.remove(&task.task_id).unwrap_or_default(), coming, false)
            })
            .collect();
        for (task_id, entries) in past {
            let last = entries.iter().max_by_key(|entry| entry.ended_at);
            let Some(Entry { name, package, .. }) = last.cloned() else { continue };
            let task = TaskInfo { task_id, name, package, state: Word::read(GONE), ..TaskInfo::default() };
            lanes.push(Lane::new(task, entries, Default::default(), true));
        }
        lanes.sort_by(|a, b| (&a.task.name, a.task.task_id).cmp(&(&b.task.name, b.task.task_id)));
        let mut queues: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, lane) in lanes.iter().enumerate() {
            if let Some(queue) = lane.queue() {
                queues.entry(queue.to_owned()).or_default().push(at);
            }
        }
        Self { since, until, lanes, queues, ahead, is_cut }
    }

    /// Returns the other tasks that are in the same queue as this one.
    pub(super) fn beside<'t>(&'t self, lane: &'t Lane) -> impl Iterator<Item = &'t Lane> {
        let members = lane.queue().and_then(|queue| self.queues.get(queue)).into_iter().flatten();
        members.map(|at| &self.lanes[*at]).filter(|other| other.task.task_id != lane.task.task_id)
    }

    pub(super) fn now(&self) -> Wall {
        self.ahead.now
    }
}

/// Returns the entries that ended since then. They are read in the order in which they were written.
fn past(broker: &Broker, of: Of<'_>, since: Wall) -> Result<Vec<Entry>, oncue::Error> {
    let is_since = |entry: &Result<Entry, oncue::Error>| entry.as_ref().map_or(true, |e| e.ended_at >= since);
    broker.ledger(of).take_while(is_since).take(ENTRIES).collect()
}
