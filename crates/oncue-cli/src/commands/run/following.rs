//! Follows a firing until its run ends, or until waiting is pointless.

use std::time::Instant;

use oncue::TaskState;
use oncue::tools::{Broker, Entry, Fired, Notice, RunState, TaskId, Word};

use crate::follow::{Awaited, FollowError, Happening, Happenings, Step, Wait};
use crate::render::live::Live;

/// How following ended.
pub(super) enum Followed {
    /// The run has ended.
    Ended(Box<Entry>),
    /// The user stopped waiting.
    Interrupted(Stood),
    /// The deadline has passed.
    TimedOut(Stood),
    /// The task is held until a person lets it run.
    UpToAPerson,
}

/// The state of the firing when following stopped.
#[derive(Clone, Copy)]
pub(super) enum Stood {
    /// It is held.
    Held,
    /// Its run is in progress, or waits for the previous run to end.
    Alive,
}

/// Listens to the events of a task.
pub(super) struct Following<'b> {
    broker: &'b Broker,
    happenings: Happenings,
}

impl<'b> Following<'b> {
    /// Starts to listen, before the task is fired.
    pub(super) fn begin(broker: &'b Broker) -> Result<Self, FollowError> {
        let happenings = Happenings::of_signals()?;
        happenings.watch(broker)?;
        Ok(Self { broker, happenings })
    }

    /// Follows a firing; `silent` writes no progress to standard error.
    pub(super) fn to_the_end(
        &self,
        fired: &Fired,
        deadline: Option<Instant>,
        silent: bool,
    ) -> Result<Followed, FollowError> {
        let mut live = if silent { Live::Silent } else { Live::open() };
        let followed = self.follow(fired, deadline, &mut live);
        live.close();
        followed
    }

    fn follow(
        &self,
        fired: &Fired,
        deadline: Option<Instant>,
        live: &mut Live,
    ) -> Result<Followed, FollowError> {
        let (awaited, mut stood, how) = match (&fired.state, fired.instance_id) {
            (Word::Known(RunState::Started), Some(run)) => (Awaited::Run(run), Stood::Alive, "activating"),
            (Word::Known(RunState::AfterThis), Some(run)) => {
                (Awaited::After(run), Stood::Alive, "waiting for the current run to end")
            }
            (Word::Known(RunState::Started | RunState::AfterThis), None) => {
                (Awaited::Next, Stood::Alive, "activating")
            }
            (Word::Known(RunState::Held) | Word::Other(_), _) => (Awaited::Next, Stood::Held, "held"),
        };
        let mut wait = Wait::of(fired.task_id, awaited);
        // Once the run has been entered, anything that holds the task concerns a later firing.
        let mut may_be_held = fired.state != RunState::Started;
        if fired.state == RunState::Held && self.is_up_to_a_person(fired.task_id, &mut stood)? {
            return Ok(Followed::UpToAPerson);
        }
        live.say(how);
        loop {
            let notice = match self.happenings.next(deadline) {
                Happening::Notice(notice) => *notice,
                Happening::Changed => continue,
                Happening::Interrupted => return Ok(Followed::Interrupted(stood)),
                Happening::Gone => return Err(FollowError::Gone),
                Happening::Nothing => return Ok(Followed::TimedOut(stood)),
            };
            let changed =
                may_be_held && matches!(&notice, Notice::TaskChanged(task) if *task == fired.task_id);
            match wait.hear(notice) {
                Some(Step::Entered) => {
                    (stood, may_be_held) = (Stood::Alive, false);
                    live.say("running");
                }
                Some(Step::Progress(value)) => live.say_often(&format!("running, progress {value}")),
                Some(Step::Ended(entry)) => return Ok(Followed::Ended(entry)),
                None if changed && self.is_up_to_a_person(fired.task_id, &mut stood)? => {
                    return Ok(Followed::UpToAPerson);
                }
                None => {}
            }
        }
    }

    /// Checks the state of the task, and whether it is held until a person lets it run.
    ///
    /// If the task no longer exists, the end of its firing will follow.
    fn is_up_to_a_person(&self, task: TaskId, stood: &mut Stood) -> Result<bool, FollowError> {
        let why = match self.broker.why(task) {
            Err(error) if error.is_not_found() => return Ok(false),
            why => why?,
        };
        let held = matches!(why.state(), Word::Known(TaskState::Held | TaskState::Quarantined));
        *stood = if held { Stood::Held } else { Stood::Alive };
        Ok(held && why.needs_a_person())
    }
}
