//! What a trigger reports about its firings: changed paths, arguments, and the like.

use alloc::string::String;
use alloc::vec::Vec;

/// The details of all firings that one run answers, in order. Their number and size are limited; what is left
/// out is counted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Details {
    /// One text each: a path, an argument, a device.
    pub items: Vec<String>,
    /// How many more there were.
    pub left_out: u32,
}

/// The maximum number of texts for one run, and of bytes in all of them together.
const MAX_ITEMS: usize = 256;
const MAX_BYTES: usize = 64 * 1024;

impl Details {
    /// Creates details from as many of the texts as permitted, and counts the rest.
    #[must_use]
    pub fn of(items: impl IntoIterator<Item = String>) -> Self {
        let mut details = Self::default();
        details.extend(items);
        details
    }

    /// Adds the details of a later firing, without duplicates.
    #[must_use]
    pub fn and(mut self, later: &Self) -> Self {
        let new: Vec<String> =
            later.items.iter().filter(|item| !self.items.contains(item)).cloned().collect();
        self.extend(new);
        self.left_out = self.left_out.saturating_add(later.left_out);
        self
    }

    fn extend(&mut self, items: impl IntoIterator<Item = String>) {
        let mut bytes: usize = self.items.iter().map(String::len).sum();
        for item in items {
            bytes = bytes.saturating_add(item.len());
            if self.items.len() < MAX_ITEMS && bytes <= MAX_BYTES {
                self.items.push(item);
            } else {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn later_details_are_added_once_and_what_does_not_fit_is_counted() {
        let first = Details::of(["a".into(), "b".into()]);
        let both = first.and(&Details::of(["b".into(), "c".into()]));
        assert_eq!((both.items.join(" "), both.left_out), ("a b c".into(), 0));

        let many = Details::of((0..300).map(|n| format!("{n}")));
        assert_eq!((many.items.len(), many.left_out), (256, 44));
        let more = many.and(&Details::of(["x".into()]));
        assert_eq!((more.items.len(), more.left_out), (256, 45));

        let wide = Details::of(["x".repeat(60_000), "y".repeat(60_000)]);
        assert_eq!((wide.items.len(), wide.left_out), (1, 1));
    }
}
