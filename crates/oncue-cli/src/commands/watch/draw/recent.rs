//! The firings that have ended, latest first.

use oncue::tools::Entry;
use ratatui_core::layout::Rect;

use super::columns::MARK;
use super::tasks::columns;
use crate::commands::watch::canvas::Canvas;
use crate::commands::watch::glance::Glance;
use crate::commands::watch::model::Model;
use crate::render::clean::clean;
use crate::render::line::Line;
use crate::render::style::{self, FAINT};
use crate::render::words;

/// Between two columns.
const GAP: u16 = 2;

pub(super) fn draw(model: &Model, glance: &Glance<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    // The list above may be full, so the title has a row of its own between two empty ones, or none.
    let title = u16::from(area.height > 3);
    canvas.put(area, title, MARK, area.width, &Line::default().styled("RECENT", FAINT));
    let filter = model.tasks.filter();
    let shown = model.recent.iter().filter(|entry| filter.matches(&entry.package, &entry.name));
    let page = usize::from(area.height.saturating_sub(title + 1));
    let shown: Vec<&Entry> = shown.take(page).collect();
    if shown.is_empty() {
        canvas.put(area, title + 1, MARK, area.width, &Line::default().styled("nothing has run yet", FAINT));
        return;
    }
    let ended = |entry: &Entry| glance.clock().brief(entry.ended_at);
    let widest = shown.iter().map(|entry| ended(entry).len()).max().unwrap_or(0);
    let (time, name) = (u16::try_from(widest).unwrap_or(0), columns(model, area.width).name);
    for (row, entry) in (title + 1..).zip(shown) {
        canvas.put(area, row, MARK, time, &Line::default().styled(ended(entry), FAINT));
        let place = MARK + time + GAP;
        canvas.put(area, row, place, name, &Line::default().plain(clean(&entry.name)));
        canvas.put(area, row, place + name + GAP, area.width, &ending(entry));
    }
}

/// Describes how a firing ended, with the last line that its run said.
fn ending(entry: &Entry) -> Line {
    let line = Line::default().styled(clean(&words::whole_ending(entry)), style::of_outcome(&entry.outcome));
    match words::last_words(entry, 1).first() {
        Some(words) => line.styled(clean(words), FAINT),
        None => line,
    }
}
