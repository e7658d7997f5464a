//! The parts of the screen: how many rows each gets.

use ratatui_core::layout::{Rect, Size};

/// With fewer rows than this, the recent runs are left out.
const ROWS_FOR_RECENT: u16 = 16;
/// The share of the rows that the recent runs get.
const SHARE_OF_RECENT: u16 = 3;

/// Where each part of the screen is. A part without room has no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    /// One row about the broker.
    pub(super) header: Rect,
    /// One row of titles above the list, or above another text.
    pub(super) titles: Rect,
    /// The tasks.
    pub(super) tasks: Rect,
    /// The recent runs, with a row of titles.
    pub(super) recent: Rect,
    /// Another text instead of tasks and recent runs.
    pub(super) text: Rect,
    /// One row with keys, questions and answers.
    pub(super) bottom: Rect,
}

impl Areas {
    /// Divides a screen.
    pub(super) fn of(size: Size) -> Self {
        let Size { width, height } = size;
        let rows = |top: u16, count: u16| Rect::new(0, top, width, count);
        // The most important parts come first: the list, the bottom, the titles, the header.
        let bottom = u16::from(height >= 2);
        let titles = u16::from(height >= 4);
        let header = u16::from(height >= 3);
        let rest = height - bottom - titles - header;
        let recent = if height >= ROWS_FOR_RECENT { rest / SHARE_OF_RECENT } else { 0 };
        let top = header + titles;
        Self {
            header: rows(0, header),
            titles: rows(header, titles),
            tasks: rows(top, rest - recent),
            recent: rows(top + rest - recent, recent),
            text: rows(top, rest),
            bottom: rows(height - bottom, bottom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_belongs_to_one_part() {
        for height in 0..100 {
            let areas = Areas::of(Size { width: 80, height });
            let parts = [areas.header, areas.titles, areas.tasks, areas.recent, areas.bottom];
            let mut next = 0;
            for part in parts.into_iter().filter(|part| part.height > 0) {
                assert_eq!(part.y, next, "{height}");
                next += part.height;
            }
            assert_eq!(next, height);
            assert_eq!(areas.text.height, areas.tasks.height + areas.recent.height);
            assert!(height == 0 || areas.tasks.height > 0, "{height}");
        }
    }

    #[test]
    fn a_small_screen_has_no_recent_runs() {
        assert_eq!(Areas::of(Size { width: 40, height: 10 }).recent.height, 0);
        assert_eq!(Areas::of(Size { width: 80, height: 24 }).recent.height, 7);
    }
}
