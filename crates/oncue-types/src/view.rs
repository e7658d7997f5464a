//! The current state of a task.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::action::Action;
use crate::blocker::Blocker;
use crate::condition::Condition;
use crate::family_name::FamilyName;
use crate::firing::Firing;
use crate::group::Group;
use crate::id::{InstanceId, TaskId};
use crate::moment::Wall;
use crate::outcome::Outcome;
use crate::pause::Pause;
use crate::policy::Policy;
use crate::trigger::Trigger;
use crate::unknown::named;

/// The current state of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: Arc<str>,
    /// Its package.
    pub package: FamilyName,
    /// Its group.
    pub group: Option<Group>,
    /// What it does when it runs.
    pub action: Action,
    /// Its trigger.
    pub trigger: Trigger,
    /// Its own condition, if it has one.
    pub condition: Option<Condition>,
    /// Its policy.
    pub policy: Policy,
    /// Its state.
    pub state: TaskState,
    /// When its trigger fires next.
    pub next_due: Option<Wall>,
    /// The latest time of that firing, which may be delayed to share a wake-up with others.
    pub next_by: Option<Wall>,
    /// The waiting firing.
    pub waiting: Option<Firing>,
    /// The parts of its condition that do not hold now.
    pub failing: Vec<Condition>,
    /// What else keeps it from running.
    pub blocked: Vec<Blocker>,
    /// Its own pause, if it is paused.
    pub paused: Option<Pause>,
    /// The pause of all tasks, if they are paused.
    pub all_paused: Option<Pause>,
    /// Why a source cannot watch what it waits for.
    pub trouble: Option<String>,
    /// Since when its firing has waited for its condition.
    pub held_since: Option<Wall>,
    /// How many activations in a row crashed or never registered.
    pub strikes: u32,
    /// The next retry: its number, and when it is due.
    pub retry: Option<(u32, Wall)>,
    /// Its run, if it has one.
    pub instance: Option<InstanceId>,
    /// When that run's firing was due.
    pub fired_at: Option<Wall>,
    /// When that run was entered.
    pub started_at: Option<Wall>,
    /// That run's progress.
    pub progress: Option<u32>,
    /// What that run says about itself, if it is a command.
    pub note: Option<Arc<str>>,
    /// How its last run ended.
    pub last: Option<Last>,
}

/// The state of a task, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It waits for its trigger.
    Armed,
    /// It has fired and waits for its condition.
    Held,
    /// Its server is being started or asked.
    Activating,
    /// Its run is in progress.
    Running,
    /// Its run was told to end.
    Cancelling,
    /// It kept crashing and is no longer activated.
    Quarantined,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Armed, Self::Held, Self::Activating, Self::Running, Self::Cancelling, Self::Quarantined];

    /// Returns its name on the wire and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Armed => "armed",
            Self::Held => "held",
            Self::Activating => "activating",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Quarantined => "quarantined",
        }
    }
}

named!(TaskState);

/// How the last run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// The run.
    pub instance: InstanceId,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: Wall,
}
