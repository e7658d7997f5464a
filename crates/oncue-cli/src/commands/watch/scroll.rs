//! The position in a text that is longer than the screen.

use super::key::Key;

/// Which line is the first on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    place: Place,
    /// How many lines there were when they were last drawn.
    lines: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    At(usize),
    /// At the end, also when lines are added.
    End,
}

impl Scroll {
    /// Begins at the first line.
    pub(super) fn at_top() -> Self {
        Self { place: Place::At(0), lines: 0 }
    }

    /// Begins at the end, and follows it.
    pub(super) fn at_end() -> Self {
        Self { place: Place::End, lines: 0 }
    }

    /// Returns the first line to show, if there are so many lines and so many fit.
    pub(super) fn first(self, lines: usize, page: usize) -> usize {
        let last = lines.saturating_sub(page);
        match self.place {
            Place::At(top) => top.min(last),
            Place::End => last,
        }
    }

    /// Notes how many lines there are.
    pub(super) fn saw(&mut self, lines: usize) {
        self.lines = lines;
    }

    /// Moves, if the key does that.
    pub(super) fn press(&mut self, key: Key, page: usize) {
        let top = self.first(self.lines, page);
        let last = self.lines.saturating_sub(page);
        let leap = page.saturating_sub(1).max(1);
        let top = match key {
            Key::Up | Key::Char('k') => top.saturating_sub(1),
            Key::Down | Key::Enter | Key::Char('j') => top + 1,
            Key::PageUp => top.saturating_sub(leap),
            Key::PageDown | Key::Char(' ') => top + leap,
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            Key::Char(_)
            | Key::Backspace
            | Key::Escape
            | Key::Interrupt
            | Key::Suspend
            | Key::Repaint
            | Key::Erase => return,
        };
        // A text that began at its top stays there, even if all of it is visible.
        let follows = top >= last && (last > 0 || self.place == Place::End);
        self.place = if follows { Place::End } else { Place::At(top.min(last)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_followed_until_the_user_leaves_it() {
        let mut scroll = Scroll::at_end();
        scroll.saw(100);
        assert_eq!(scroll.first(100, 10), 90);
        assert_eq!(scroll.first(120, 10), 110);
        scroll.saw(120);
        scroll.press(Key::Up, 10);
        assert_eq!(scroll.first(120, 10), 109);
        assert_eq!(scroll.first(200, 10), 109);
        scroll.saw(200);
        scroll.press(Key::End, 10);
        assert_eq!(scroll.first(300, 10), 290);
    }

    #[test]
    fn a_text_begins_at_its_top_and_ends_with_its_last_line() {
        let mut scroll = Scroll::at_top();
        scroll.saw(25);
        for (key, first) in [
            (Key::Up, 0),
            (Key::Down, 1),
            (Key::PageDown, 10),
            (Key::PageDown, 15),
            (Key::PageUp, 6),
            (Key::Home, 0),
        ] {
            scroll.press(key, 10);
            assert_eq!(scroll.first(25, 10), first, "{key:?}");
        }
    }

    #[test]
    fn a_short_text_stays() {
        let mut scroll = Scroll::at_top();
        scroll.saw(3);
        scroll.press(Key::PageDown, 10);
        assert_eq!(scroll.first(3, 10), 0);
        assert_eq!(scroll.first(30, 10), 0);
    }
}
