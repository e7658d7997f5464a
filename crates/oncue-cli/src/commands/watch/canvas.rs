//! Draws styled lines into a part of the screen, whatever its size.

use anstyle::Style;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Modifier, Style as CellStyle};

use crate::render::line::Line;
use crate::render::width::{cut, width};

/// Whether there are colours. Bold, dim and reversed text is not a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Coloured,
    Plain,
}

/// A screen that is being drawn.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    look: Look,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: Look) -> Self {
        Self { buffer, look }
    }

    /// Draws a line into a row of an area, from a column on, in at most so many columns.
    pub(super) fn put(&mut self, area: Rect, row: u16, column: u16, room: u16, line: &Line) {
        let room = room.min(area.width.saturating_sub(column));
        let (x, y) = (area.x + column, area.y + row);
        if row >= area.height || room == 0 {
            return;
        }
        let mut left = usize::from(room);
        for (text, style) in fitting(line, left) {
            let columns = width(&text).min(left);
            let x = x + room - u16::try_from(left).unwrap_or(room);
            self.buffer.set_stringn(x, y, text, left, self.cell_style(style));
            left -= columns;
        }
    }

    /// Draws a line into a row of an area.
    pub(super) fn row(&mut self, area: Rect, row: u16, line: &Line) {
        self.put(area, row, 0, area.width, line);
    }

    /// Draws a line at the end of a row, if there is room for it after so many columns.
    pub(super) fn at_end(&mut self, area: Rect, row: u16, after: usize, line: &Line) {
        let columns = line.width();
        if after + columns <= usize::from(area.width) {
            let columns = u16::try_from(columns).unwrap_or(area.width);
            self.put(area, row, area.width - columns, columns, line);
        }
    }

    /// Marks a row of an area as the selected one.
    pub(super) fn select(&mut self, area: Rect, row: u16) {
        if row < area.height {
            let row = Rect { y: area.y + row, height: 1, ..area };
            self.buffer.set_style(row, CellStyle::new().add_modifier(Modifier::REVERSED));
        }
    }

    fn cell_style(&self, style: Style) -> CellStyle {
        match self.look {
            Look::Coloured => style.into(),
            Look::Plain => style.fg_color(None).bg_color(None).into(),
        }
    }
}

/// Returns the parts of a line that fit into so many columns, the last one truncated if necessary.
fn fitting(line: &Line, columns: usize) -> Vec<(String, Style)> {
    let is_whole = line.width() <= columns;
    let mut left = columns;
    let mut parts = Vec::new();
    for (text, style) in line.parts() {
        let wide = width(text);
        if is_whole || wide < left {
            parts.push((text.to_owned(), style));
            left -= wide;
            continue;
        }
        let shown = if wide == left { cut(&format!("{text} "), left) } else { cut(text, left) };
        parts.push((shown, style));
        break;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::style::{BAD, GOOD};

    fn text(line: &Line, columns: usize) -> String {
        fitting(line, columns).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn a_line_that_is_too_long_ends_with_a_mark() {
        let line = Line::default().styled("held", GOOD).plain(" ").styled("日本語", BAD);
        for (columns, shown) in [
            (11, "held 日本語"),
            (10, "held 日本…"),
            (9, "held 日…"),
            (8, "held 日…"),
            (6, "held …"),
            (5, "held…"),
            (4, "hel…"),
            (1, "…"),
        ] {
            assert_eq!(text(&line, columns), shown, "{columns}");
        }
    }

    #[test]
    fn nothing_is_drawn_outside_of_the_area() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
        let mut canvas = Canvas::new(&mut buffer, Look::Plain);
        let line = Line::default().styled("abcdefgh", BAD);
        canvas.put(Rect::new(1, 0, 4, 1), 0, 1, 100, &line);
        canvas.put(Rect::new(1, 0, 4, 1), 1, 0, 100, &line);
        canvas.select(Rect::new(1, 0, 4, 1), 7);
        canvas.at_end(Rect::new(0, 1, 6, 1), 0, 3, &Line::default().plain("xyz"));
        canvas.at_end(Rect::new(0, 1, 6, 1), 0, 4, &Line::default().plain("long"));
        let mut expected = Buffer::with_lines(["  ab… ", "   xyz"]);
        expected.set_style(Rect::new(2, 0, 3, 1), CellStyle::from(BAD.fg_color(None)));
        assert_eq!(buffer, expected);
    }
}
