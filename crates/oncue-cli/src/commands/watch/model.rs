//! The state of the live view, and how events change it. It knows no terminal, broker or clock.

mod news;
mod output;
mod recent;
mod tasks;

use oncue::TaskState;
use oncue::tools::{BrokerInfo, InstanceId, TaskId, TaskInfo, Wall};
use ratatui_core::layout::Size;

pub(super) use self::output::Output;
pub(super) use self::recent::Recent;
pub(super) use self::tasks::Tasks;
use super::areas::Areas;
use super::event::{Effect, Event, Explained, Request};
use super::key::Key;
use super::scroll::Scroll;
use crate::exit::Exit;
use crate::render::clean::clean;

/// The state of the live view.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) size: Size,
    pub(super) broker: Reach,
    pub(super) tasks: Tasks,
    pub(super) recent: Recent,
    pub(super) view: View,
    pub(super) bottom: Bottom,
}

/// Whether the broker answers.
#[derive(Debug)]
pub(super) enum Reach {
    /// It was asked, and has not answered yet.
    Asked,
    /// It answers.
    Answers(Box<BrokerInfo>),
    /// It does not answer since then, for this reason.
    Gone { since: Wall, why: String },
}

/// The contents of the screen.
#[derive(Debug)]
pub(super) enum View {
    /// The tasks, and the recent runs.
    Tasks,
    /// Why a task runs or does not run, once that is known.
    Why { task: TaskId, known: Option<Box<Explained>>, scroll: Scroll },
    /// What a run has written.
    Output(Output),
    /// The keys.
    Help(Scroll),
}

/// The contents of the last row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bottom {
    /// The keys.
    Keys,
    /// What became of the last request.
    Said { text: String, is_bad: bool },
    /// A question.
    Asks(Question),
    /// The filter, which is being typed.
    Filter,
}

/// Whether to cancel a task's run, or to drop its held firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) task: TaskId,
    pub(super) name: String,
    /// The run, or `None` for a held firing.
    pub(super) run: Option<InstanceId>,
}

/// What a key does with the selected task.
#[derive(Clone, Copy, Debug)]
enum Act {
    Run,
    Cancel,
    PauseOrResume,
    Why,
    Output,
}

const ON_TASK: [(Key, Act); 6] = [
    (Key::Char('r'), Act::Run),
    (Key::Char('c'), Act::Cancel),
    (Key::Char('p'), Act::PauseOrResume),
    (Key::Char('w'), Act::Why),
    (Key::Enter, Act::Why),
    (Key::Char('l'), Act::Output),
];

impl Bottom {
    fn said(text: impl Into<String>) -> Self {
        Self::Said { text: text.into(), is_bad: false }
    }

    fn refused(text: impl Into<String>) -> Self {
        Self::Said { text: text.into(), is_bad: true }
    }
}

impl Model {
    /// A view of nothing yet, on a screen of this size.
    pub(super) fn new(size: Size) -> Self {
        Self {
            size,
            broker: Reach::Asked,
            tasks: Tasks::default(),
            recent: Recent::default(),
            view: View::Tasks,
            bottom: Bottom::Keys,
        }
    }

    /// Changes the state, and returns what is to be done.
    pub(super) fn handle(&mut self, now: Wall, event: Event) -> Vec<Effect> {
        let effects = match event {
            Event::Key(key) => self.press(key),
            Event::Resized(size) => {
                self.size = size;
                Vec::new()
            }
            Event::News(news) => self.hear(now, news),
            Event::Continued => vec![Effect::Repaint],
            Event::Terminated => vec![Effect::Leave(Exit::Interrupted)],
            Event::Panicked => vec![Effect::Leave(Exit::Failed)],
        };
        self.tasks.keep_in_view(self.page());
        effects
    }

    /// Notes how many lines the text has that was drawn.
    pub(super) fn saw(&mut self, lines: usize) {
        match &mut self.view {
            View::Tasks => {}
            View::Why { scroll, .. } | View::Output(Output { scroll, .. }) | View::Help(scroll) => {
                scroll.saw(lines);
            }
        }
    }

    /// Returns how many rows the list or the text has.
    fn page(&self) -> usize {
        let areas = Areas::of(self.size);
        usize::from(match self.view {
            View::Tasks => areas.tasks.height,
            View::Why { .. } | View::Output(_) | View::Help(_) => areas.text.height,
        })
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        match key {
            Key::Interrupt => return vec![Effect::Leave(Exit::Done)],
            Key::Suspend => return vec![Effect::Suspend],
            Key::Repaint => return vec![Effect::Repaint],
            Key::Char(_)
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End
            | Key::Enter
            | Key::Backspace
            | Key::Escape
            | Key::Erase => {}
        }
        match std::mem::replace(&mut self.bottom, Bottom::Keys) {
            Bottom::Asks(question) => self.answer(question, key),
            Bottom::Filter => self.type_filter(key),
            Bottom::Keys | Bottom::Said { .. } => match self.view {
                View::Tasks => self.press_in_list(key),
                View::Why { .. } | View::Output(_) | View::Help(_) => self.press_in_text(key),
            },
        }
    }

    fn press_in_list(&mut self, key: Key) -> Vec<Effect> {
        let page = self.page();
        if let Some((_, act)) = ON_TASK.into_iter().find(|(act_key, _)| *act_key == key) {
            return self.act(act);
        }
        match key {
            Key::Char('q') => return vec![Effect::Leave(Exit::Done)],
            Key::Escape => self.tasks.filter_by(String::clear),
            Key::Char('/') => self.bottom = Bottom::Filter,
            Key::Char('?' | 'h') => self.view = View::Help(Scroll::at_top()),
            Key::Char('P') => return vec![Effect::Ask(self.pause_of_all())],
            Key::Char(_)
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End
            | Key::Enter
            | Key::Backspace
            | Key::Interrupt
            | Key::Suspend
            | Key::Repaint
            | Key::Erase => self.tasks.press(key, page),
        }
        Vec::new()
    }

    fn act(&mut self, act: Act) -> Vec<Effect> {
        let Some(task) = self.tasks.selected() else {
            self.bottom = Bottom::refused("no task is selected");
            return Vec::new();
        };
        let id = task.task_id;
        match act {
            Act::Run => vec![Effect::Ask(Request::Fire(id))],
            Act::PauseOrResume if task.paused.is_some() => vec![Effect::Ask(Request::Resume(id))],
            Act::PauseOrResume => vec![Effect::Ask(Request::Pause(id))],
            Act::Cancel => {
                self.bottom = question(task);
                Vec::new()
            }
            Act::Output => {
                let output = Output::of(task);
                let effect = output.run.map(|run| Effect::Read(id, run));
                self.view = View::Output(output);
                effect.into_iter().collect()
            }
            Act::Why => {
                self.view = View::Why { task: id, known: None, scroll: Scroll::at_top() };
                vec![Effect::Ask(Request::Explain(id))]
            }
        }
    }

    fn press_in_text(&mut self, key: Key) -> Vec<Effect> {
        let page = self.page();
        let is_back = matches!(key, Key::Escape | Key::Backspace | Key::Char('q'));
        match &mut self.view {
            View::Output(_) if is_back => {
                self.view = View::Tasks;
                return vec![Effect::StopReading];
            }
            View::Why { .. } | View::Help(_) if is_back => self.view = View::Tasks,
            View::Why { scroll, .. } | View::Output(Output { scroll, .. }) | View::Help(scroll) => {
                scroll.press(key, page);
            }
            View::Tasks => {}
        }
        Vec::new()
    }

    fn answer(&mut self, question: Question, key: Key) -> Vec<Effect> {
        if !matches!(key, Key::Char('y' | 'Y')) {
            self.bottom = Bottom::said("nothing was cancelled");
            return Vec::new();
        }
        // Another run may have begun since the question was asked.
        if self.tasks.get(question.task).is_none_or(|task| task.instance_id != question.run) {
            let name = clean(&question.name);
            self.bottom = Bottom::refused(format!("that run of {name} has ended; nothing was cancelled"));
            return Vec::new();
        }
        vec![Effect::Ask(Request::Cancel(question.task))]
    }

    fn type_filter(&mut self, key: Key) -> Vec<Effect> {
        let page = self.page();
        self.bottom = Bottom::Filter;
        match key {
            Key::Char(character) => self.tasks.filter_by(|text| text.push(character)),
            Key::Backspace if self.tasks.filter().text().is_empty() => self.bottom = Bottom::Keys,
            Key::Backspace => self.tasks.filter_by(|text| {
                text.pop();
            }),
            Key::Erase => self.tasks.filter_by(String::clear),
            Key::Escape => {
                self.tasks.filter_by(String::clear);
                self.bottom = Bottom::Keys;
            }
            Key::Enter => self.bottom = Bottom::Keys,
            Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End
            | Key::Interrupt
            | Key::Suspend
            | Key::Repaint => self.tasks.press(key, page),
        }
        Vec::new()
    }

    fn pause_of_all(&self) -> Request {
        match &self.broker {
            Reach::Answers(about) if about.all_paused.is_some() => Request::ResumeAll,
            Reach::Answers(_) | Reach::Asked | Reach::Gone { .. } => Request::PauseAll,
        }
    }

    fn name_of(&self, task: TaskId) -> String {
        self.tasks.get(task).map_or_else(|| "the task".to_owned(), |task| clean(&task.name).into_owned())
    }
}

/// Asks before a run is cancelled.
fn question(task: &TaskInfo) -> Bottom {
    let name = task.name.clone();
    if task.instance_id.is_none() && task.waiting.is_none() && task.state != TaskState::Held {
        return Bottom::refused(format!("{} is neither running nor held", clean(&name)));
    }
    Bottom::Asks(Question { task: task.task_id, name, run: task.instance_id })
}

#[cfg(test)]
mod tests;
