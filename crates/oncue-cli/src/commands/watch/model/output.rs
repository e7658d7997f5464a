//! What one run has written, as far as it is kept in memory.

use std::collections::VecDeque;

use oncue::tools::{InstanceId, TaskInfo};

use super::super::event::OutputLine;
use super::super::scroll::Scroll;

/// How many lines are kept. The rest is shown by `oncue logs`.
const MOST: usize = 5_000;

/// The output of a run.
#[derive(Debug)]
pub(in crate::commands::watch) struct Output {
    pub(in crate::commands::watch) name: String,
    /// The run, unless the task has never run.
    pub(in crate::commands::watch) run: Option<InstanceId>,
    pub(in crate::commands::watch) lines: VecDeque<OutputLine>,
    /// How many lines were left out at the beginning.
    pub(in crate::commands::watch) left_out: usize,
    pub(in crate::commands::watch) scroll: Scroll,
}

impl Output {
    /// The output of a task's current run, or of its last one.
    pub(super) fn of(task: &TaskInfo) -> Self {
        Self {
            name: task.name.clone(),
            run: task.instance_id.or(task.last.as_ref().map(|last| last.instance_id)),
            lines: VecDeque::new(),
            left_out: 0,
            scroll: Scroll::at_end(),
        }
    }

    /// Adds what a run has written, if it is this one.
    pub(super) fn add(&mut self, run: InstanceId, lines: Vec<OutputLine>) {
        if self.run != Some(run) {
            return;
        }
        self.lines.extend(lines);
        let surplus = self.lines.len().saturating_sub(MOST);
        self.lines.drain(..surplus);
        self.left_out += surplus;
    }
}
