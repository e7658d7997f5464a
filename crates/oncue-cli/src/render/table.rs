//! A table that fits the screen: columns are truncated first, and left out if that is not enough.
//! Empty columns are also left out, unless they must stay.

use anstyle::Style;

use crate::render::clean::clean;
use crate::render::style::{FAINT, PLAIN, paint};
use crate::render::width::{cut, width};

/// Between two columns.
const GAP: usize = 2;

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The heading.
    pub(crate) title: &'static str,
    /// The minimum useful width.
    pub(crate) least: usize,
    /// The order in which columns are left out if there is no room: highest first; 0 always stays.
    pub(crate) rank: u8,
}

/// One cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

/// Rows of cells under columns.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Column {
    /// Creates a column.
    pub(crate) const fn new(title: &'static str, least: usize, rank: u8) -> Self {
        Self { title, least, rank }
    }
}

impl Cell {
    /// Creates a cell from any text.
    pub(crate) fn styled(text: &str, style: Style) -> Self {
        Self { text: clean(text).into_owned(), style }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text.as_ref(), PLAIN)
    }
}

impl Table {
    /// Creates a table without rows.
    pub(crate) fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, with one cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Draws the table. Lines are at most `width` columns wide, if the minimum widths of the required
    /// columns permit it.
    pub(crate) fn draw(&self, width: Option<usize>) -> String {
        let shown = self.fit(width.unwrap_or(usize::MAX));
        let mut text = String::new();
        let titles = self.columns.iter().map(|column| Cell::styled(column.title, FAINT)).collect();
        for row in std::iter::once(&titles).chain(&self.rows) {
            line(&mut text, row, &shown);
        }
        text
    }

    /// Returns the columns to show, and their widths.
    fn fit(&self, width: usize) -> Vec<(usize, usize)> {
        let columns = (0..self.columns.len()).filter(|at| self.columns[*at].rank == 0 || self.says(*at));
        let mut shown: Vec<(usize, usize)> = columns.map(|at| (at, self.natural(at))).collect();
        let least = |(at, natural): &(usize, usize)| self.columns[*at].least.min(*natural);
        while sum(shown.iter().map(least)) > width {
            let first = (0..shown.len()).max_by_key(|at| self.columns[shown[*at].0].rank);
            let Some(first) = first.filter(|at| self.columns[shown[*at].0].rank > 0) else { break };
            shown.remove(first);
        }
        while sum(shown.iter().map(|column| column.1)) > width {
            let can_give = |column: &&mut (usize, usize)| column.1 > self.columns[column.0].least;
            let Some(widest) = shown.iter_mut().filter(can_give).max_by_key(|column| column.1) else { break };
            widest.1 -= 1;
        }
        shown
    }

    fn says(&self, at: usize) -> bool {
        self.rows.iter().any(|row| !row[at].text.is_empty())
    }

    fn natural(&self, at: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| width(&cell.text));
        cells.chain([width(self.columns[at].title)]).max().unwrap_or(0)
    }
}

fn sum(widths: impl ExactSizeIterator<Item = usize>) -> usize {
    let gaps = widths.len().saturating_sub(1) * GAP;
    widths.sum::<usize>() + gaps
}

fn line(text: &mut String, row: &[Cell], shown: &[(usize, usize)]) {
    let mut pending = 0;
    for (at, room) in shown {
        let cell = &row[*at];
        let cut = cut(&cell.text, *room);
        let length = width(&cut);
        if length > 0 {
            text.extend(std::iter::repeat_n(' ', pending));
            text.push_str(&paint(cell.style, &cut));
            pending = 0;
        }
        pending += room - length + GAP;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::new("NAME", 4, 0), Column::new("PACKAGE", 6, 1), Column::new("ID", 8, 2)];

    fn table() -> Table {
        let mut table = Table::new(&COLUMNS);
        table.row(vec!["sync".into(), "Contoso.Mail".into(), "1f2e3d4c".into()]);
        table.row(vec!["sync-calendars".into(), "".into(), "9a".into()]);
        table
    }

    fn drawn(width: Option<usize>) -> String {
        anstream::adapter::strip_str(&table().draw(width)).to_string()
    }

    #[test]
    fn with_room_everything_is_shown() {
        let expected = "NAME            PACKAGE       ID\n\
                        sync            Contoso.Mail  1f2e3d4c\n\
                        sync-calendars                9a\n";
        assert_eq!(drawn(None), expected);
        assert_eq!(drawn(Some(38)), expected);
    }

    #[test]
    fn with_less_room_the_widest_are_cut() {
        assert_eq!(
            drawn(Some(28)),
            "NAME      PACKAGE   ID\n\
             sync      Contoso…  1f2e3d4c\n\
             sync-ca…            9a\n"
        );
    }

    #[test]
    fn without_room_columns_are_left_out_by_rank() {
        assert_eq!(drawn(Some(14)), "NAME    PACKA…\nsync    Conto…\nsync-…\n");
        assert_eq!(drawn(Some(9)), "NAME\nsync\nsync-cal…\n");
    }

    #[test]
    fn a_column_in_which_nothing_stands_is_left_out() {
        let mut table = Table::new(&COLUMNS);
        table.row(vec!["sync".into(), "".into(), "9a".into()]);
        assert_eq!(anstream::adapter::strip_str(&table.draw(None)).to_string(), "NAME  ID\nsync  9a\n");
    }

    #[test]
    fn wide_characters_do_not_move_the_next_column() {
        let mut table = Table::new(&COLUMNS);
        table.row(vec!["日本".into(), "Mail".into(), "1".into()]);
        table.row(vec!["sync".into(), "日本語版".into(), "2".into()]);
        let drawn = |width| anstream::adapter::strip_str(&table.draw(width)).to_string();
        assert_eq!(drawn(None), "NAME  PACKAGE   ID\n日本  Mail      1\nsync  日本語版  2\n");
        assert_eq!(drawn(Some(17)), "NAME  PACKAGE  ID\n日本  Mail     1\nsync  日本語…  2\n");
    }

    #[test]
    fn no_line_is_longer_than_there_is_room() {
        for width in 4..60 {
            assert!(drawn(Some(width)).lines().all(|line| line.chars().count() <= width), "{width}");
        }
    }
}
