//! The list of tasks.

use oncue::tools::TaskInfo;
use oncue_types::FamilyName;
use ratatui_core::layout::Rect;

use super::columns::{Columns, MARK};
use super::state;
use crate::commands::watch::areas::Areas;
use crate::commands::watch::canvas::Canvas;
use crate::commands::watch::glance::Glance;
use crate::commands::watch::model::{Model, Reach};
use crate::render::clean::clean;
use crate::render::line::Line;
use crate::render::style::{self, FAINT};
use crate::render::width::width;
use crate::render::words;

/// The titles of the columns, in the order in which they stand.
const TITLES: [&str; 6] = ["NAME", "PACKAGE", "STATE", "TRIGGER", "NEXT", "LAST RUN"];

pub(super) fn draw(model: &Model, glance: &Glance<'_>, canvas: &mut Canvas<'_>, areas: Areas) {
    let columns = columns(model, areas.titles.width.max(areas.tasks.width));
    for ((place, width), title) in columns.places().into_iter().zip(TITLES) {
        canvas.put(areas.titles, 0, place, width, &Line::default().styled(title, FAINT));
    }
    if model.tasks.extent().1 == 0 {
        let nothing = Line::default().plain(" ".repeat(usize::from(MARK))).plain(nothing(model));
        canvas.row(areas.tasks, 0, &nothing);
    }
    let page = usize::from(areas.tasks.height);
    part(model, page, canvas, areas);
    for (row, (task, is_selected)) in (0..).zip(model.tasks.on_screen(page)) {
        put(task, glance, columns, canvas, areas.tasks, row);
        if is_selected {
            canvas.put(areas.tasks, row, 0, MARK, &Line::default().plain(">"));
            canvas.select(areas.tasks, row);
        }
    }
}

/// Says which part of the list is on the screen, in the free row below it.
fn part(model: &Model, page: usize, canvas: &mut Canvas<'_>, areas: Areas) {
    let (above, shown) = model.tasks.extent();
    if shown > page {
        let part = format!("{}–{} of {shown}", above + 1, (above + page).min(shown));
        canvas.at_end(areas.recent, 0, 0, &Line::default().styled(part, FAINT));
    }
}

/// Draws a task in a row.
fn put(
    task: &TaskInfo,
    glance: &Glance<'_>,
    columns: Columns,
    canvas: &mut Canvas<'_>,
    area: Rect,
    row: u16,
) {
    let state = state::line(task, glance, usize::from(columns.state));
    // What a run says matters more than what happens after it and what happened before.
    let takes_all = task.instance_id.is_some() && state.width() > usize::from(columns.state);
    let places = columns.places();
    let [(name_at, name), (package_at, package), (state_at, state_width), ..] = places;
    canvas.put(area, row, name_at, name, &Line::default().plain(clean(&task.name)));
    canvas.put(area, row, package_at, package, &Line::default().plain(clean(package_of(task))));
    canvas.put(area, row, state_at, if takes_all { area.width } else { state_width }, &state);
    if !takes_all {
        for ((place, width), line) in places[3..].iter().zip(rest(task, glance, columns)) {
            canvas.put(area, row, *place, *width, &line);
        }
    }
}

/// Returns the package of a task. Commands belong to none.
fn package_of(task: &TaskInfo) -> &str {
    if task.package == FamilyName::COMMANDS { "" } else { words::short_package(&task.package) }
}

/// Returns the columns of the list, for as many columns of the terminal.
pub(super) fn columns(model: &Model, room: u16) -> Columns {
    let all = || model.tasks.all().iter();
    let widest_name = all().map(|task| width(&task.name)).max().unwrap_or(0);
    let widest_package = all().map(|task| width(package_of(task))).max().unwrap_or(0);
    Columns::of(room, widest_name, widest_package)
}

/// Says why there is no task in the list.
fn nothing(model: &Model) -> String {
    let filter = clean(model.tasks.filter().text());
    if !filter.is_empty() {
        return format!("no task contains `{filter}`; Esc shows all");
    }
    match &model.broker {
        Reach::Asked => String::new(),
        Reach::Answers(_) | Reach::Gone { .. } => {
            "no tasks are registered; `oncue add NAME -- COMMAND` adds one".to_owned()
        }
    }
}

/// Returns the trigger of a task, when it fires next, and how its last run ended.
fn rest(task: &TaskInfo, glance: &Glance<'_>, columns: Columns) -> [Line; 3] {
    // A time that is not shown does not have to be shown again when it changes.
    let next = task.next_due.filter(|_| columns.next > 0).map(|at| glance.distance(at)).unwrap_or_default();
    let last = task.last.as_ref().filter(|_| columns.last > 0).map(|last| {
        let text = format!("{} {}", words::outcome(&last.outcome), glance.distance(last.ended_at));
        Line::default().styled(clean(&text), style::of_outcome(&last.outcome))
    });
    let trigger = words::trigger_of(task);
    [Line::default().plain(clean(&trigger)), Line::default().plain(next), last.unwrap_or_default()]
}
