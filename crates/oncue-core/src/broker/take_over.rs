//! Taking over what runs and what waits in another broker.

use oncue_types::{Firing, Moment, Stamp, TaskId};

use crate::broker::Broker;
use crate::effect::Effects;
use crate::tasks::{Joined, Waiting};

impl Broker {
    /// Begins a run that has already begun elsewhere, whatever would keep it from starting now.
    pub(crate) fn take_over_run(&mut self, now: Moment, task: TaskId, firing: Firing, out: &mut Effects) {
        if let Some(key) = self.tasks.key(task) {
            self.start(now, key, firing, out);
        }
    }

    /// Lets a firing wait that has already waited elsewhere, or runs it if it may run now.
    pub(crate) fn take_over_waiting(
        &mut self,
        now: Moment,
        task: TaskId,
        firing: Firing,
        since: Option<Stamp>,
        out: &mut Effects,
    ) {
        let Some(key) = self.tasks.key(task) else { return };
        if let Joined::Alone(firing) = self.tasks.join(key, firing) {
            let since = since.map_or(now.boot, |since| self.time.clocks().boot_of(since.steady));
            let Some(waiting) = self.start_if_allowed(now, key, Waiting { firing, since }, out) else {
                return;
            };
            self.hold(key, waiting);
        }
        self.record_waiting(now, key, out);
    }
}
