//! Follows a firing until its run ends, or until waiting is pointless.

use std::time::Instant;

use oncue::TaskState;
use oncue::tools::{Broker, Entry, Fired, Notice, RunState, TaskId, Word};

use super::ctrl_c::{Choice, CtrlC};
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

/// The state of the firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stood {
    /// It is held.
    Held,
    /// Its run is in progress.
    Alive,
    /// It waits for the previous run to end.
    Behind,
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

    /// Follows a firing; `silent` writes no progress to standard error and asks nothing.
    pub(super) fn to_the_end(
        &self,
        fired: &Fired,
        deadline: Option<Instant>,
        silent: bool,
    ) -> Result<Followed, FollowError> {
        let live = if silent { Live::Silent } else { Live::open() };
        let ctrl_c = if silent { CtrlC::StopsWaiting } else { CtrlC::here() };
        let (awaited, stood, how) = begun(fired);
        let mut firing = Firing { task: fired.task_id, stood, live, shown: Shown::Text(how), ctrl_c };
        let followed = self.follow(fired, awaited, deadline, &mut firing);
        firing.ctrl_c.ends_line();
        firing.live.close();
        followed
    }

    fn follow(
        &self,
        fired: &Fired,
        awaited: Awaited,
        deadline: Option<Instant>,
        firing: &mut Firing,
    ) -> Result<Followed, FollowError> {
        let mut wait = Wait::of(fired.task_id, awaited);
        // Once the run has been entered, anything that holds the task concerns a later firing.
        let mut may_be_held = fired.state != RunState::Started;
        if fired.state == RunState::Held && self.is_up_to_a_person(firing)? {
            return Ok(Followed::UpToAPerson);
        }
        firing.show(firing.shown);
        loop {
            let notice = match self.happenings.next(deadline) {
                Happening::Notice(notice) => *notice,
                Happening::Changed => continue,
                Happening::Interrupted => {
                    if firing.ask(&self.happenings)? {
                        continue;
                    }
                    return Ok(Followed::Interrupted(firing.stood));
                }
                Happening::Answered(answer) => {
                    if self.obey(firing, &answer)? {
                        continue;
                    }
                    return Ok(Followed::Interrupted(firing.stood));
                }
                Happening::Terminated => return Ok(Followed::Interrupted(firing.stood)),
                Happening::Gone => return Err(FollowError::Gone),
                Happening::Nothing => return Ok(Followed::TimedOut(firing.stood)),
            };
            let changed =
                may_be_held && matches!(&notice, Notice::TaskChanged(task) if *task == fired.task_id);
            match wait.hear(notice) {
                Some(Step::Entered) => {
                    (firing.stood, may_be_held) = (Stood::Alive, false);
                    firing.show(Shown::Text("running"));
                }
                Some(Step::Progress(value)) => firing.show(Shown::Progress(value)),
                Some(Step::Ended(entry)) => return Ok(Followed::Ended(entry)),
                None if changed && self.is_up_to_a_person(firing)? => return Ok(Followed::UpToAPerson),
                None => {}
            }
        }
    }

    /// Does what the user has chosen; returns whether to go on waiting.
    fn obey(&self, firing: &mut Firing, answer: &str) -> Result<bool, FollowError> {
        match firing.ctrl_c.answered(answer) {
            Choice::Cancel if firing.stood != Stood::Behind => {
                match self.broker.cancel(firing.task) {
                    // It has just ended by itself.
                    Err(error) if error.is_not_active() || error.is_not_found() => {}
                    cancelled => cancelled?,
                }
                firing.live = Live::open();
                firing.show(Shown::Text("cancelling"));
                Ok(true)
            }
            Choice::StopWaiting => Ok(false),
            Choice::Cancel | Choice::GoOn => {
                firing.live = Live::open();
                firing.show(firing.shown);
                Ok(true)
            }
        }
    }

    /// Checks the state of the task, and whether it is held until a person lets it run.
    ///
    /// If the task no longer exists, the end of its firing will follow.
    fn is_up_to_a_person(&self, firing: &mut Firing) -> Result<bool, FollowError> {
        let why = match self.broker.why(firing.task) {
            Err(error) if error.is_not_found() => return Ok(false),
            why => why?,
        };
        let held = matches!(why.state(), Word::Known(TaskState::Held | TaskState::Quarantined));
        if held {
            firing.stood = Stood::Held;
        } else if firing.stood == Stood::Held {
            firing.stood = Stood::Alive;
        }
        Ok(held && why.needs_a_person())
    }
}

/// The firing that is followed, and what the user sees of it.
struct Firing {
    task: TaskId,
    stood: Stood,
    live: Live,
    shown: Shown,
    ctrl_c: CtrlC,
}

/// The parts of a firing that are shown.
#[derive(Clone, Copy)]
enum Shown {
    Text(&'static str),
    Progress(u32),
}

impl Firing {
    fn show(&mut self, shown: Shown) {
        self.shown = shown;
        match shown {
            Shown::Text(text) => self.live.say(text),
            Shown::Progress(value) => self.live.progress(value),
        }
    }

    /// Asks what to do, if a person can answer. Progress is not shown in the meantime.
    fn ask(&mut self, happenings: &Happenings) -> Result<bool, FollowError> {
        std::mem::replace(&mut self.live, Live::Silent).close();
        self.ctrl_c.asks(happenings, self.stood)
    }
}

/// Returns which end is awaited, and what is shown at first.
fn begun(fired: &Fired) -> (Awaited, Stood, &'static str) {
    match (&fired.state, fired.instance_id) {
        (Word::Known(RunState::Started), Some(run)) => (Awaited::Run(run), Stood::Alive, "activating"),
        (Word::Known(RunState::AfterThis), Some(run)) => {
            (Awaited::After(run), Stood::Behind, "waiting for the current run to end")
        }
        (Word::Known(RunState::Started), None) => (Awaited::Next, Stood::Alive, "activating"),
        (Word::Known(RunState::AfterThis), None) => (Awaited::Next, Stood::Behind, "activating"),
        (Word::Known(RunState::Held) | Word::Other(_), _) => (Awaited::Next, Stood::Held, "held"),
    }
}
