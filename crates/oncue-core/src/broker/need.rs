//! Whether anyone needs the broker: while there are tasks, one has to start at log-in, and a broker that a
//! client has started leaves when there is nothing left to do.

use oncue_types::Moment;

use crate::broker::Broker;
use crate::broker::machine::Life;
use crate::effect::{Effect, Effects};
use crate::timers::Timer;

/// Who needs the broker, as far as the tasks and runs do not show it.
#[derive(Debug, Default)]
pub(super) struct Need {
    /// Whether any client is connected.
    clients: bool,
    /// What the shell was last told about log-ins.
    told: Option<bool>,
    /// Whether [`Timer::NoTasks`] is set.
    awaits_tasks: bool,
    /// Whether [`Timer::NobodyHere`] is set.
    awaits_anyone: bool,
}

impl Need {
    pub(super) fn clients(&mut self, any: bool) {
        self.clients = any;
    }
}

impl Broker {
    /// Looks at it after every event. What is no longer needed goes after a while only: tasks are often
    /// replaced by others, and clients come back.
    pub(super) fn look_at_need(&mut self, now: Moment, out: &mut Effects) {
        let has_tasks = self.tasks.len() > 0;
        if has_tasks && self.settings.starts_at_log_in {
            self.tell_log_in(true, out);
        }
        let too_late = self.settings.starts_at_log_in && !has_tasks && self.need.told != Some(false);
        if self.need.awaits_tasks != too_late {
            self.need.awaits_tasks = too_late;
            self.wait_if(too_late, Timer::NoTasks, now);
        }
        let nobody = self.settings.leaves && !has_tasks && !self.is_in_use();
        if self.need.awaits_anyone != nobody {
            self.need.awaits_anyone = nobody;
            self.wait_if(nobody, Timer::NobodyHere, now);
        }
    }

    /// Handles that there has been no task for a while.
    pub(super) fn no_tasks_any_more(&mut self, out: &mut Effects) {
        self.need.awaits_tasks = false;
        self.tell_log_in(false, out);
    }

    /// Handles that nobody has needed the broker for a while.
    pub(super) fn nobody_came(&mut self, out: &mut Effects) {
        self.need.awaits_anyone = false;
        self.machine.life = Life::Left;
        out.after.push(Effect::Leave);
    }

    /// Returns whether something other than tasks needs this broker. A simulated fact would be forgotten.
    fn is_in_use(&self) -> bool {
        self.need.clients
            || !self.runs.is_empty()
            || self.machine.life != Life::Serves
            || self.facts.pinned().next().is_some()
    }

    fn tell_log_in(&mut self, wanted: bool, out: &mut Effects) {
        if self.need.told != Some(wanted) {
            self.need.told = Some(wanted);
            out.after.push(Effect::StartAtLogIn { wanted });
        }
    }

    fn wait_if(&mut self, waits: bool, timer: Timer, now: Moment) {
        match waits {
            true => self.timers.set(timer, now.boot.after(self.settings.stay)),
            false => self.timers.clear(timer),
        }
    }
}
