//! A progress bar.

use crate::render::line::Line;
use crate::render::style::{ALIVE, FAINT};

/// The progress of a run that is complete.
const WHOLE: u32 = 100;

/// Draws a progress of 0 to 100 as a bar with so many cells, and another one as a number.
pub(in crate::commands::watch) fn bar(progress: u32, cells: usize) -> Line {
    if progress > WHOLE {
        return Line::default().plain(format!("progress {progress}"));
    }
    let full = progress as usize * cells / WHOLE as usize;
    let line = Line::default().styled("█".repeat(full), ALIVE).styled("░".repeat(cells - full), FAINT);
    line.plain(format!(" {progress}%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_run_has_a_full_bar() {
        let text = |progress| bar(progress, 5).parts().map(|(text, _)| text).collect::<String>();
        for (progress, shown) in [
            (0, "░░░░░ 0%"),
            (19, "░░░░░ 19%"),
            (20, "█░░░░ 20%"),
            (99, "████░ 99%"),
            (100, "█████ 100%"),
            (1_000, "progress 1000"),
        ] {
            assert_eq!(text(progress), shown);
        }
    }
}
