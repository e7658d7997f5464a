//! The width of text on a terminal, in columns: a character can take up none, one or two.

use unicode_width::UnicodeWidthChar as _;

/// Returns how many columns a text takes up.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(of).sum()
}

fn of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Truncates a text to this many columns.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let mut used = 0;
    let fits = |character: &char| {
        used += of(*character);
        used <= room
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_count_as_a_terminal_counts_them() {
        for (text, columns) in [("sync", 4), ("größer", 6), ("日本", 4), ("e\u{301}", 1), ("…", 1)] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn a_truncated_text_has_room_for_its_mark() {
        for (text, columns, shown) in [
            ("sync", 4, "sync"),
            ("sync", 3, "sy…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("日本語", 1, "…"),
            ("sync", 0, ""),
        ] {
            assert_eq!(cut(text, columns), shown);
        }
    }
}
