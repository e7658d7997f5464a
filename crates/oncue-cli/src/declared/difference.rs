//! How a task would change, in the words of its file.

use super::write::Part;

/// A key whose value differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference<'a> {
    Added(&'a Part),
    Removed(&'a Part),
    Changed { old: &'a Part, new: &'a Part },
}

/// Returns what differs.
pub(crate) fn between<'a>(old: &'a [Part], new: &'a [Part]) -> Vec<Difference<'a>> {
    let of_old = |old: &'a Part| match counterpart(new, old) {
        None => Some(Difference::Removed(old)),
        Some(new) if new == old => None,
        Some(new) => Some(Difference::Changed { old, new }),
    };
    let added = new.iter().filter(|part| counterpart(old, part).is_none()).map(Difference::Added);
    old.iter().filter_map(of_old).chain(added).collect()
}

fn counterpart<'a>(among: &'a [Part], part: &Part) -> Option<&'a Part> {
    among.iter().find(|other| other.key == part.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_found_by_its_key() {
        let [every, at, when] = [("every", "\"1h\""), ("at", "\"3:00\""), ("when", "\"ac\"")]
            .map(|(key, value)| Part::new(key, value));
        let other = Part::new("when", "\"internet\"");
        let (old, new) = ([every.clone(), when.clone()], [at.clone(), other.clone()]);
        let found = between(&old, &new);
        let changed = Difference::Changed { old: &when, new: &other };
        assert_eq!(found, [Difference::Removed(&every), changed, Difference::Added(&at)]);
        assert_eq!(between(&old, &old), []);
    }
}
