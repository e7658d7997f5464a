//! The columns of the list: which there is room for, and how wide they are.

/// Between two columns.
const GAP: u16 = 2;
/// The mark of the selected task.
pub(super) const MARK: u16 = 2;

/// The width of each column; 0 if it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) name: u16,
    pub(super) package: u16,
    pub(super) state: u16,
    pub(super) trigger: u16,
    pub(super) next: u16,
    pub(super) last: u16,
}

impl Columns {
    /// Divides a row among the columns. The widths do not depend on what changes with time, so that columns do
    /// not jump.
    pub(super) fn of(width: u16, widest_name: usize, widest_package: usize) -> Self {
        let from = |least: u16, columns: u16| if width >= least { columns } else { 0 };
        let wanted = |widest: usize| u16::try_from(widest).unwrap_or(u16::MAX);
        let mut columns = Self {
            name: wanted(widest_name).clamp("NAME".len() as u16, (width / 4).clamp(12, 40)),
            package: from(120, if widest_package == 0 { 0 } else { wanted(widest_package).clamp(7, 24) }),
            state: 0,
            trigger: from(170, 30),
            next: from(50, 13),
            last: from(76, if width < 110 { 20 } else { 28 }),
        };
        let others = [columns.name, columns.package, columns.trigger, columns.next, columns.last];
        let taken: u16 = others.into_iter().filter(|width| *width > 0).map(|width| width + GAP).sum();
        columns.state = width.saturating_sub(MARK).saturating_sub(taken);
        columns
    }

    /// Returns where each column begins, in the order in which they stand.
    pub(super) fn places(self) -> [(u16, u16); 6] {
        let mut next = MARK;
        [self.name, self.package, self.state, self.trigger, self.next, self.last].map(|width| {
            let place = next;
            next += if width > 0 { width + GAP } else { 0 };
            (place, width)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_row_and_the_state_always_has_room() {
        for width in 40..=300 {
            for widest in [0, 4, 20, 300] {
                let columns = Columns::of(width, widest, widest);
                let [.., (place, last)] = columns.places();
                assert!(place + last <= width + GAP, "{width}: {columns:?}");
                assert!(columns.state >= 15, "{width}: {columns:?}");
            }
        }
    }

    #[test]
    fn a_tiny_screen_does_no_harm() {
        for width in 0..40 {
            assert_eq!(Columns::of(width, 20, 20).places()[0].0, MARK);
        }
    }
}
