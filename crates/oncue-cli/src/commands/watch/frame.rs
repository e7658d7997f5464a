//! The bytes that change what a terminal shows: only for cells that differ, and none if none does.

use std::io::{self, Write as _};

use anstyle::Style;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType};
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Position;
use ratatui_core::style::{Color, Style as CellStyle};

/// What a terminal shows.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// `None` if that is not known.
    shown: Option<Buffer>,
    cursor: Option<Position>,
}

impl Frame {
    /// Returns the bytes that make the terminal show this instead.
    pub(super) fn become_this(&mut self, next: Buffer, cursor: Option<Position>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let shown = match self.shown.take().filter(|shown| shown.area == next.area) {
            Some(shown) => shown,
            None => {
                queue!(bytes, Hide, Clear(ClearType::All))?;
                self.cursor = None;
                Buffer::empty(next.area)
            }
        };
        changes(&shown, &next, &mut bytes)?;
        self.place(cursor, &mut bytes)?;
        self.shown = Some(next);
        Ok(bytes)
    }

    fn place(&mut self, cursor: Option<Position>, bytes: &mut Vec<u8>) -> io::Result<()> {
        match (self.cursor, cursor) {
            // What was drawn has moved it.
            (Some(before), Some(now)) if before == now && bytes.is_empty() => {}
            (_, Some(Position { x, y })) => queue!(bytes, MoveTo(x, y), Show)?,
            (Some(_), None) => queue!(bytes, Hide)?,
            (None, None) => {}
        }
        self.cursor = cursor;
        Ok(())
    }
}

fn changes(shown: &Buffer, next: &Buffer, bytes: &mut Vec<u8>) -> io::Result<()> {
    let (mut style, mut cursor) = (Style::new(), None);
    for (x, y, cell) in shown.diff(next) {
        if cursor != Some((x, y)) {
            queue!(bytes, MoveTo(x, y))?;
        }
        let wanted = style_of(cell);
        if wanted != style {
            // An unstyled cell needs the reset only.
            write!(bytes, "\u{1b}[0m{wanted}")?;
            style = wanted;
        }
        bytes.write_all(cell.symbol().as_bytes())?;
        // Terminals do not agree on how wide some characters are, so none but simple ones is relied on.
        cursor = cell.symbol().is_ascii().then_some((x + 1, y));
    }
    if style != Style::new() {
        write!(bytes, "\u{1b}[0m")?;
    }
    Ok(())
}

fn style_of(cell: &Cell) -> Style {
    let style = cell.style();
    let colour = |colour: Option<Color>| colour.filter(|colour| *colour != Color::Reset);
    Style::from(CellStyle { fg: colour(style.fg), bg: colour(style.bg), ..style })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(frame: &mut Frame, lines: &[&str]) -> String {
        String::from_utf8(frame.become_this(Buffer::with_lines(lines.to_vec()), None).unwrap()).unwrap()
    }

    #[test]
    fn only_what_differs_is_written() {
        let mut frame = Frame::default();
        assert_eq!(bytes(&mut frame, &["ab", "cd"]), "\u{1b}[?25l\u{1b}[2J\u{1b}[1;1Hab\u{1b}[2;1Hcd");
        assert_eq!(bytes(&mut frame, &["ab", "cd"]), "");
        assert_eq!(bytes(&mut frame, &["ab", "cx"]), "\u{1b}[2;2Hx");
        assert_eq!(bytes(&mut frame, &["ab "]), "\u{1b}[?25l\u{1b}[2J\u{1b}[1;1Hab", "of another size");
    }

    #[test]
    fn a_style_lasts_until_the_next_and_ends_with_the_frame() {
        let mut next = Buffer::with_lines(["abc"]);
        next[(0, 0)].set_fg(Color::Red);
        next[(1, 0)].set_fg(Color::Red);
        let bytes = Frame::default().become_this(next.clone(), None).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with("\u{1b}[1;1H\u{1b}[0m\u{1b}[31mab\u{1b}[0mc"), "{text:?}");
        next[(2, 0)].set_fg(Color::Red);
        let text = String::from_utf8(Frame::default().become_this(next, None).unwrap()).unwrap();
        assert!(text.ends_with("abc\u{1b}[0m"), "{text:?}");
    }

    #[test]
    fn the_cursor_is_shown_where_the_user_types() {
        let mut frame = Frame::default();
        bytes(&mut frame, &["/ "]);
        let mut at = |x, lines: &str| {
            let cursor = Some(Position { x, y: 0 });
            String::from_utf8(frame.become_this(Buffer::with_lines([lines]), cursor).unwrap()).unwrap()
        };
        assert_eq!(at(1, "/ "), "\u{1b}[1;2H\u{1b}[?25h");
        assert_eq!(at(1, "/ "), "");
        assert_eq!(at(2, "/a"), "\u{1b}[1;2Ha\u{1b}[1;3H\u{1b}[?25h");
        assert_eq!(bytes(&mut frame, &["/a"]), "\u{1b}[?25l");
    }
}
