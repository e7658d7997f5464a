//! The last row: the keys, a question, an answer, or the filter.

use ratatui_core::layout::{Position, Rect};

use crate::commands::watch::canvas::Canvas;
use crate::commands::watch::model::{Bottom, Model, Question, View};
use crate::render::clean::clean;
use crate::render::line::Line;
use crate::render::style::{BAD, FAINT, GOOD, HELD, TITLE};
use crate::render::width::width;

/// The keys of the list, most important last, because those are shown where there is little room.
const LIST: [(&str, &str); 9] = [
    ("P", "pause all"),
    ("p", "pause"),
    ("/", "filter"),
    ("c", "cancel"),
    ("l", "logs"),
    ("w", "why"),
    ("r", "run"),
    ("?", "help"),
    ("q", "quit"),
];
const TEXT: [(&str, &str); 2] = [("↑↓", "scroll"), ("q", "back")];

/// Draws the row, and returns where the user types.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, area: Rect) -> Option<Position> {
    let line = match &model.bottom {
        Bottom::Keys => match model.view {
            View::Tasks => with_filter(model, keys(&LIST, area.width)),
            View::Why { .. } | View::Output(_) | View::Help(_) => keys(&TEXT, area.width),
        },
        Bottom::Said { text, is_bad } => {
            Line::default().styled(text.as_str(), if *is_bad { BAD } else { GOOD })
        }
        Bottom::Asks(question) => asked(question),
        Bottom::Filter => {
            let line = Line::default().styled("/", TITLE).plain(clean(model.tasks.filter().text()));
            canvas.row(area, 0, &line);
            let column = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
            return (area.height > 0).then_some(Position { x: area.x + column, y: area.y });
        }
    };
    canvas.row(area, 0, &line);
    None
}

fn with_filter(model: &Model, keys: Line) -> Line {
    match model.tasks.filter().text() {
        "" => keys,
        text => Line::default().styled(format!("/{}  ", clean(text)), HELD).followed_by(keys),
    }
}

/// Returns as many keys as there is room for, in the order in which they are used.
fn keys(all: &[(&str, &str)], columns: u16) -> Line {
    let wide = |(key, meaning): &(&str, &str)| width(key) + 1 + width(meaning) + 2;
    let mut left = usize::from(columns) + 2;
    let fits = |key: &&(&str, &str)| {
        let rest = left.checked_sub(wide(key));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    let mut shown: Vec<_> = all.iter().rev().take_while(fits).collect();
    // The last two end the row.
    let ends = shown.len().min(2);
    shown[..ends].reverse();
    shown.rotate_left(ends);
    let line = |line: Line, (key, meaning): &(&str, &str)| {
        let gap = if line.width() == 0 { "" } else { "  " };
        line.plain(gap).styled(*key, TITLE).styled(format!(" {meaning}"), FAINT)
    };
    shown.into_iter().fold(Line::default(), line)
}

fn asked(question: &Question) -> Line {
    let name = clean(&question.name);
    let what = match question.run {
        Some(_) => format!("cancel the run of {name}?"),
        None => format!("drop the held firing of {name}?"),
    };
    Line::default().styled(what, HELD).plain(" ").styled("y", TITLE).plain("es, any other key: no")
}
