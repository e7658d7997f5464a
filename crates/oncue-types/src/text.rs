//! Cutting text that is too long.

/// Returns the start of a text: at most this many bytes, without cutting a character in two.
#[must_use]
pub fn start_of(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_cut_in_two() {
        let starts: [&str; 6] = core::array::from_fn(|most| start_of("aö…", most));
        assert_eq!(starts, ["", "a", "a", "aö", "aö", "aö"]);
        assert_eq!((start_of("aö…", 6), start_of("aö…", 99), start_of("", 1)), ("aö…", "aö…", ""));
    }
}
