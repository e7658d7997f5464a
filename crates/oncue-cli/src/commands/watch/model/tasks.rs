//! The list of tasks: which are shown, which one is selected, and which is the first on the screen.

use std::cmp::Ordering;

use oncue::TaskState;
use oncue::tools::{TaskId, TaskInfo};

use super::super::key::Key;
use crate::render::words;

/// The tasks.
#[derive(Debug, Default)]
pub(in crate::commands::watch) struct Tasks {
    /// Ordered by package, name and id.
    all: Vec<TaskInfo>,
    /// The places of those that match the filter.
    shown: Vec<usize>,
    filter: Filter,
    selected: Option<TaskId>,
    /// The place of the selected task among those that are shown.
    at: usize,
    /// The place of the first task on the screen.
    top: usize,
}

/// A text that the tasks to show contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::commands::watch) struct Filter {
    text: String,
}

impl Filter {
    /// Returns the text, as the user typed it.
    pub(in crate::commands::watch) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether a task is to be shown, regardless of case.
    pub(in crate::commands::watch) fn matches(&self, package: &str, name: &str) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let wanted = self.text.to_lowercase();
        [words::short_package(package), name].iter().any(|text| text.to_lowercase().contains(&wanted))
    }
}

impl Tasks {
    /// Replaces all tasks.
    pub(super) fn replace(&mut self, tasks: Vec<TaskInfo>) {
        self.all = tasks;
        self.arrange();
    }

    /// Replaces tasks that have changed, adds new ones and removes others.
    pub(super) fn change(&mut self, changed: Vec<TaskInfo>, removed: &[TaskId]) {
        self.all.retain(|task| !removed.contains(&task.task_id));
        for task in changed {
            match self.all.iter_mut().find(|known| known.task_id == task.task_id) {
                Some(known) => *known = task,
                None => self.all.push(task),
            }
        }
        self.arrange();
    }

    /// Changes the filter.
    pub(super) fn filter_by(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.filter.text);
        self.arrange();
    }

    /// Restores the order, the filter, and the place of the selected task.
    fn arrange(&mut self) {
        self.all.sort_by(by_name);
        let matches = |place: &usize| self.filter.matches(&self.all[*place].package, &self.all[*place].name);
        self.shown = (0..self.all.len()).filter(matches).collect();
        let place = self.shown.iter().position(|place| Some(self.all[*place].task_id) == self.selected);
        self.at = place.unwrap_or(self.at).min(self.shown.len().saturating_sub(1));
        self.selected = self.selected().map(|task| task.task_id);
    }

    /// Moves the selection, if the key does that.
    pub(super) fn press(&mut self, key: Key, page: usize) {
        let last = self.shown.len().saturating_sub(1);
        let leap = page.saturating_sub(1).max(1);
        self.at = match key {
            Key::Up | Key::Char('k') => self.at.saturating_sub(1),
            Key::Down | Key::Char('j') => self.at + 1,
            Key::PageUp => self.at.saturating_sub(leap),
            Key::PageDown | Key::Char(' ') => self.at + leap,
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            Key::Char(_)
            | Key::Enter
            | Key::Backspace
            | Key::Escape
            | Key::Interrupt
            | Key::Suspend
            | Key::Repaint
            | Key::Erase => return,
        }
        .min(last);
        self.selected = self.selected().map(|task| task.task_id);
    }

    /// Moves the window so that the selected task is in it.
    pub(super) fn keep_in_view(&mut self, page: usize) {
        let page = page.max(1);
        self.top = self.top.clamp((self.at + 1).saturating_sub(page), self.at);
        self.top = self.top.min(self.shown.len().saturating_sub(page));
    }

    /// Returns the selected task.
    pub(in crate::commands::watch) fn selected(&self) -> Option<&TaskInfo> {
        self.shown.get(self.at).map(|place| &self.all[*place])
    }

    /// Returns the task with this id.
    pub(super) fn get(&self, id: TaskId) -> Option<&TaskInfo> {
        self.all.iter().find(|task| task.task_id == id)
    }

    /// Returns the tasks on a screen with so many rows, and whether each is the selected one.
    pub(in crate::commands::watch) fn on_screen(
        &self,
        page: usize,
    ) -> impl Iterator<Item = (&TaskInfo, bool)> {
        let places = self.shown.iter().enumerate().skip(self.top).take(page);
        places.map(|(at, place)| (&self.all[*place], at == self.at))
    }

    /// Returns all tasks, shown or not.
    pub(in crate::commands::watch) fn all(&self) -> &[TaskInfo] {
        &self.all
    }

    /// Returns how many tasks are shown, above the window and in total.
    pub(in crate::commands::watch) fn extent(&self) -> (usize, usize) {
        (self.top, self.shown.len())
    }

    /// Returns the filter.
    pub(in crate::commands::watch) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns how many tasks are running, and how many are held.
    pub(in crate::commands::watch) fn counts(&self) -> (usize, usize) {
        let count = |is: fn(&TaskInfo) -> bool| self.all.iter().filter(|task| is(task)).count();
        (count(|task| task.instance_id.is_some()), count(|task| task.state == TaskState::Held))
    }
}

fn by_name(a: &TaskInfo, b: &TaskInfo) -> Ordering {
    (&a.package, &a.name, a.task_id).cmp(&(&b.package, &b.name, b.task_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{self, guid};

    const PAGE: usize = 10;

    fn numbered(number: u32) -> TaskInfo {
        TaskInfo {
            task_id: TaskId(guid(number)),
            name: format!("task {number:04}"),
            ..sample::task(TaskState::Armed)
        }
    }

    fn many() -> Tasks {
        let mut tasks = Tasks::default();
        tasks.replace((0..1_000).rev().map(numbered).collect());
        tasks
    }

    fn names(tasks: &Tasks) -> Vec<&str> {
        tasks.on_screen(PAGE).map(|(task, _)| task.name.as_str()).collect()
    }

    fn press(tasks: &mut Tasks, key: Key) {
        tasks.press(key, PAGE);
        tasks.keep_in_view(PAGE);
    }

    #[test]
    fn the_selected_task_is_always_on_the_screen() {
        let mut tasks = many();
        let keys =
            [Key::Down, Key::PageDown, Key::PageDown, Key::Up, Key::End, Key::PageUp, Key::Home, Key::PageUp];
        for key in keys {
            press(&mut tasks, key);
            assert_eq!(tasks.on_screen(PAGE).filter(|(_, selected)| *selected).count(), 1, "{key:?}");
            assert_eq!(tasks.on_screen(PAGE).count(), PAGE);
        }
        press(&mut tasks, Key::End);
        assert_eq!(tasks.selected().unwrap().name, "task 0999");
        assert_eq!(names(&tasks).first(), Some(&"task 0990"));
    }

    #[test]
    fn the_selection_stays_with_its_task() {
        let mut tasks = many();
        (0..5).for_each(|_| press(&mut tasks, Key::Down));
        assert_eq!(tasks.selected().unwrap().name, "task 0005");
        tasks.change(vec![TaskInfo { name: "a".into(), ..numbered(5_000) }], &[TaskId(guid(1))]);
        assert_eq!(tasks.selected().unwrap().name, "task 0005");
        tasks.change(Vec::new(), &[TaskId(guid(5))]);
        assert_eq!(tasks.selected().unwrap().name, "task 0006", "the next one is selected");
    }

    #[test]
    fn the_last_task_can_be_removed_while_it_is_selected() {
        let mut tasks = Tasks::default();
        tasks.replace(vec![numbered(1), numbered(2)]);
        press(&mut tasks, Key::End);
        tasks.change(Vec::new(), &[TaskId(guid(2))]);
        assert_eq!(tasks.selected().unwrap().name, "task 0001");
        tasks.change(Vec::new(), &[TaskId(guid(1))]);
        assert!(tasks.selected().is_none());
        press(&mut tasks, Key::Down);
        assert_eq!(names(&tasks), [""; 0]);
    }

    #[test]
    fn a_filter_matches_names_and_packages_regardless_of_case() {
        let mut tasks = many();
        let app = TaskInfo { package: "Größe_8wekyb".into(), name: "Sync".into(), ..numbered(5_000) };
        tasks.change(vec![app], &[]);
        for (filter, count) in
            [("099", 11), ("TASK 0001", 1), ("größe", 1), ("sync", 1), ("8wek", 0), ("x", 0)]
        {
            tasks.filter_by(|text| *text = filter.to_owned());
            tasks.keep_in_view(PAGE);
            assert_eq!(tasks.extent().1, count, "{filter}");
            assert_eq!(tasks.selected().is_some(), count > 0, "{filter}");
        }
    }
}
