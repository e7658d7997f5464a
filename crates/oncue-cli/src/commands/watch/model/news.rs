//! How news of the broker change the state.

use oncue::tools::{Fired, RunState, Wall, Word};

use super::{Bottom, Model, Reach, View};
use crate::commands::watch::event::{Changed, Done, Effect, News, Request};
use crate::render::clean::clean;
use crate::render::needs;

impl Model {
    pub(super) fn hear(&mut self, now: Wall, news: News) -> Vec<Effect> {
        match news {
            News::Everything { about, tasks, entries } => {
                self.broker = Reach::Answers(about);
                self.tasks.replace(tasks);
                self.recent.replace(entries);
                return self.explain_again(|_| true);
            }
            News::Changed(changed) => return self.change(changed),
            News::Gone(why) => {
                if !matches!(self.broker, Reach::Gone { .. }) {
                    self.broker = Reach::Gone { since: now, why };
                }
            }
            News::Done(done) => self.bottom = Bottom::said(self.done(&done)),
            News::Refused(why) => self.bottom = Bottom::refused(clean(&why)),
            News::Explained(explained) => {
                if let View::Why { task, known, .. } = &mut self.view
                    && explained.why.task().task_id == *task
                {
                    *known = Some(explained);
                }
            }
            News::Written(run, lines) => {
                if let View::Output(output) = &mut self.view {
                    output.add(run, lines);
                }
            }
        }
        Vec::new()
    }

    fn change(&mut self, changed: Changed) -> Vec<Effect> {
        let Changed { about, tasks, removed, ended } = changed;
        if let Some(about) = about {
            self.broker = Reach::Answers(about);
        }
        let concerned: Vec<_> = tasks.iter().map(|task| task.task_id).collect();
        self.tasks.change(tasks, &removed);
        self.recent.add(ended);
        self.explain_again(|task| concerned.contains(&task))
    }

    /// Asks again why the task that is being explained runs or does not run, if it has changed.
    fn explain_again(&self, has_changed: impl Fn(oncue::tools::TaskId) -> bool) -> Vec<Effect> {
        match self.view {
            View::Why { task, .. } if has_changed(task) => vec![Effect::Ask(Request::Explain(task))],
            View::Why { .. } | View::Tasks | View::Output(_) | View::Help(_) => Vec::new(),
        }
    }

    /// Describes what was done.
    fn done(&self, done: &Done) -> String {
        match done {
            Done::Fired(fired) => self.fired(fired),
            Done::Cancelled(task) => match self.tasks.get(*task).and_then(|task| task.instance_id) {
                Some(_) => format!("the run of {} is being cancelled", self.name_of(*task)),
                None => format!("the held firing of {} was dropped", self.name_of(*task)),
            },
            Done::Paused(task) => format!("{} is paused until you resume it", self.name_of(*task)),
            Done::Resumed(task) => match &self.broker {
                Reach::Answers(about) if about.all_paused.is_some() => {
                    format!("{} is resumed, but all tasks are paused", self.name_of(*task))
                }
                Reach::Answers(_) | Reach::Asked | Reach::Gone { .. } => {
                    format!("{} is resumed", self.name_of(*task))
                }
            },
            Done::AllPaused => "all tasks are paused until you resume them".to_owned(),
            Done::AllResumed(resumed) => match resumed.tasks_paused {
                0 => "all tasks are resumed".to_owned(),
                1 => "all tasks are resumed, but 1 task is paused by itself".to_owned(),
                tasks => format!("all tasks are resumed, but {tasks} tasks are paused by themselves"),
            },
        }
    }

    fn fired(&self, fired: &Fired) -> String {
        let name = self.name_of(fired.task_id);
        match &fired.state {
            Word::Known(RunState::Started) => format!("{name} started"),
            Word::Known(RunState::AfterThis) => {
                format!("{name} is already running; it runs again when this run has ended")
            }
            Word::Known(RunState::Held) if fired.blocked.is_empty() && !fired.failing.is_empty() => {
                let needed: Vec<String> = fired.failing.iter().map(needs::needs).collect();
                format!("{name} is held: it waits for {}", clean(&needed.join(", and for ")))
            }
            Word::Known(RunState::Held) => format!("{name} is held; press w to see why"),
            Word::Other(state) => format!("{name} is {}", clean(state)),
        }
    }
}
