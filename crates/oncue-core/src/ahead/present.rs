//! The present state of a broker that runs, and another broker that continues from it.

use alloc::vec::Vec;

use oncue_types::{Firing, Moment, TaskId, Wall};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::id::made;
use crate::stored::Stored;

/// The present state of a broker.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// The state that it keeps in its store, apart from the runs that are alive.
    pub stored: Stored,
    /// The runs that are alive.
    pub running: Vec<Alive>,
}

/// A run that is alive.
#[derive(Clone, Debug)]
pub struct Alive {
    /// Its task.
    pub task: TaskId,
    /// Its firing.
    pub firing: Firing,
    /// When it was entered.
    pub entered: Option<Wall>,
}

impl Broker {
    /// Continues from the present state of another broker. What runs there is not lost, as after a start, but
    /// continues; what waits there is judged only then, so that it waits for its turn here as well.
    pub(super) fn continue_from(&mut self, now: Moment, present: Present) -> Effects {
        let Present { mut stored, running } = present;
        // Clients are told of tasks in the order of their ids, which does not show when they were registered.
        stored.tasks.sort_by_key(|task| made(task.id.0));
        let waiting: Vec<_> = (stored.tasks.iter_mut())
            .filter_map(|task| Some((task.id, task.held.take()?, task.held_since.take())))
            .collect();
        let mut out = self.recover(now, None, stored);
        for Alive { task, firing, .. } in running {
            self.take_over_run(now, task, firing, &mut out);
        }
        for (task, firing, since) in waiting {
            self.take_over_waiting(now, task, firing, since, &mut out);
        }
        out
    }
}
