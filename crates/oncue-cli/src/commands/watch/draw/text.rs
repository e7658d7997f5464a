//! A text instead of the list: why a task runs or does not run, what a run has written, the keys.

use oncue::tools::{TaskInfo, Wall};

use crate::commands::logs::page;
use crate::commands::watch::areas::Areas;
use crate::commands::watch::canvas::Canvas;
use crate::commands::watch::event::Explained;
use crate::commands::watch::glance::Glance;
use crate::commands::watch::model::{Model, Output, View};
use crate::commands::watch::scroll::Scroll;
use crate::commands::why::Now;
use crate::render::clean::clean;
use crate::render::ids::{FEWEST, short};
use crate::render::line::Line;
use crate::render::style::{FAINT, HELD, TITLE};
use crate::render::width::width;

/// The keys, and what they do.
const HELP: [(&str, &str); 16] = [
    ("↑ ↓  k j", "select a task; PgUp, PgDn, Home and End move further"),
    ("r", "run the task now; its conditions still apply"),
    ("c", "cancel its run, or drop its held firing, after a question"),
    ("p", "pause the task until you resume it, or resume it"),
    ("P", "pause all tasks, or resume them"),
    ("w  Enter", "explain why the task runs or does not run"),
    ("l", "show what its current or last run writes"),
    ("/", "show only tasks whose name or package contains a text; Esc shows all"),
    ("?  h", "show this help"),
    ("q", "quit; in a text: back to the list"),
    ("Ctrl-C", "quit"),
    ("Ctrl-Z", "suspend; `fg` continues"),
    ("Ctrl-L", "draw everything anew"),
    ("", ""),
    ("", "More: `oncue run TASK --force`, `oncue pause TASK --for 2h`,"),
    ("", "`oncue logs TASK --failed`, `oncue history`; see `oncue --help`."),
];

/// Draws the text, and returns how many lines it has.
pub(super) fn draw(model: &Model, glance: &Glance<'_>, canvas: &mut Canvas<'_>, areas: Areas) -> usize {
    let columns = usize::from(areas.text.width);
    let (title, lines, scroll) = match &model.view {
        View::Tasks => return 0,
        View::Why { known: Some(explained), scroll, .. } => {
            (Line::default().styled("why", TITLE), why(explained, glance, columns), *scroll)
        }
        View::Why { known: None, scroll, .. } => {
            (Line::default().styled("why", TITLE), vec![Line::default().styled("asking …", FAINT)], *scroll)
        }
        View::Output(output) => (title_of(output), written(output, glance, columns), output.scroll),
        View::Help(scroll) => (Line::default().styled("keys", TITLE), help(columns), *scroll),
    };
    canvas.row(areas.titles, 0, &title);
    show(&lines, scroll, canvas, areas);
    lines.len()
}

fn show(lines: &[Line], scroll: Scroll, canvas: &mut Canvas<'_>, areas: Areas) {
    let page = usize::from(areas.text.height);
    let first = scroll.first(lines.len(), page);
    for (row, line) in (0..).zip(lines.iter().skip(first).take(page)) {
        canvas.row(areas.text, row, line);
    }
    if lines.len() > page {
        let part = format!("  lines {}–{} of {}", first + 1, (first + page).min(lines.len()), lines.len());
        canvas.at_end(areas.titles, 0, 0, &Line::default().styled(part, FAINT));
    }
}

fn why(explained: &Explained, glance: &Glance<'_>, columns: usize) -> Vec<Line> {
    let Explained { why, kept } = explained;
    let task = why.task();
    times(task).for_each(|at| glance.note(at));
    let mut rows = Vec::new();
    for line in (Now { why, named: &task.name, kept }).lines(glance.clock(), Some(columns)) {
        wrap(line, columns, &mut rows);
    }
    rows
}

/// Returns the times that an explanation shows together with their distance.
fn times(task: &TaskInfo) -> impl Iterator<Item = Wall> {
    let pauses = [task.paused, task.all_paused].into_iter().flatten();
    let pauses = pauses.flat_map(|pause| [Some(pause.since), pause.until]);
    let waiting = task.waiting.map(|waiting| waiting.since);
    let retry = task.retry.map(|retry| retry.at);
    let others = [task.next_due, task.fired_at, task.started_at, task.held_since, waiting, retry];
    pauses.chain(others).flatten()
}

fn title_of(output: &Output) -> Line {
    let run = output.run.map(|run| format!(", run {}", short(run, FEWEST))).unwrap_or_default();
    Line::default().styled("output of ", TITLE).styled(clean(&output.name), TITLE).styled(run, FAINT)
}

fn written(output: &Output, glance: &Glance<'_>, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    match (output.run, output.lines.is_empty()) {
        (None, _) => lines.push(Line::default().plain("it has not run yet")),
        (Some(_), true) => lines.push(Line::default().plain("nothing that this run wrote is kept yet")),
        (Some(_), false) => {}
    }
    if output.left_out > 0 {
        let text =
            format!("{} earlier lines are not shown here; `oncue logs TASK` has them", output.left_out);
        lines.push(Line::default().styled(text, HELD));
    }
    for line in &output.lines {
        let parts = page::parts(line.at, line.kind, line.continues, &line.text, glance.clock());
        wrap(parts, columns, &mut lines);
    }
    lines
}

/// Breaks a line into rows of so many columns.
fn wrap(line: Line, columns: usize, rows: &mut Vec<Line>) {
    if line.width() <= columns {
        rows.push(line);
        return;
    }
    let (mut row, mut used) = (Line::default(), 0);
    for (text, style) in line.parts() {
        let mut rest = String::new();
        for character in text.chars() {
            let wide = width(character.encode_utf8(&mut [0; 4]));
            if used + wide > columns && used > 0 {
                rows.push(row.styled(std::mem::take(&mut rest), style));
                (row, used) = (Line::default(), 0);
            }
            rest.push(character);
            used += wide;
        }
        row = row.styled(rest, style);
    }
    rows.push(row);
}

fn help(columns: usize) -> Vec<Line> {
    let left = HELP.iter().map(|(key, _)| width(key)).max().unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (key, meaning) in HELP {
        let gap = " ".repeat(left - width(key));
        wrap(Line::default().styled(key, TITLE).plain(gap).plain(meaning), columns, &mut lines);
    }
    lines
}
