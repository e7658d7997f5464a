//! Ids, shortened as far as they stay distinct.

use std::fmt::Display;

/// The minimum number of characters shown, which is what a verb that changes something needs.
pub(crate) const FEWEST: usize = 8;

/// Returns how many characters are needed to distinguish the ids, but at least the minimum.
pub(crate) fn digits(ids: impl Iterator<Item = impl Display>) -> usize {
    let mut ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |pair: &[String]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count();
    ids.windows(2).map(|pair| common(pair) + 1).max().unwrap_or(0).max(FEWEST)
}

/// Returns the first characters of an id.
pub(crate) fn short(id: impl Display, digits: usize) -> String {
    let mut id = id.to_string();
    id.truncate(digits);
    id
}

/// Shortens the id of every run that a text names, so that it reads as in the table beside it.
pub(crate) fn shorten(text: &str, digits: usize) -> String {
    let mut before = "";
    let words = text.split(' ').map(|word| {
        let is_run = before == "run" && is_id(word);
        before = word;
        if is_run { short(word, digits) } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is a GUID as ids are written.
fn is_id(word: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    let fits =
        |(at, byte): (usize, u8)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    word.len() == 36 && word.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_long_as_they_must_be() {
        assert_eq!(digits([""; 0].into_iter()), FEWEST);
        assert_eq!(digits(["1f2e3d4c-aaaa", "1f2e3d4c-aabb", "1f2e3d4c-aabb"].into_iter()), 12);
        assert_eq!(short("1f2e", 8), "1f2e");
    }

    #[test]
    fn runs_in_a_text_are_shortened_and_nothing_else() {
        let id = "1f2e3d4c-0000-8000-8000-000000000007";
        let text = format!("joined the firing that run {id} answers; class {id}, run {id}x");
        let shown = format!("joined the firing that run 1f2e3d4c answers; class {id}, run {id}x");
        assert_eq!(shorten(&text, 8), shown);
    }
}
