//! Separates the items under `#[cfg(test)]` from the rest of a Rust file.

const ATTRIBUTE: &str = "#[cfg(test)]";

/// A file's code, separated from code for tests only.
pub(super) struct Parted {
    /// The code with every test item blanked out; line numbers stay the same.
    pub(super) code: String,
    /// The names of test modules in separate files.
    pub(super) modules: Vec<String>,
}

/// Separates `code`, which contains no comments or literals, from its test items.
pub(super) fn part(code: &str) -> Parted {
    let mut kept = String::with_capacity(code.len());
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(ATTRIBUTE) {
        let (before, item) = rest.split_at(at);
        let (item, after) = item.split_at(item_length(item));
        kept.push_str(before);
        kept.extend(item.chars().filter(|c| *c == '\n'));
        modules.extend(module_name(item));
        rest = after;
    }
    kept.push_str(rest);
    Parted { code: kept, modules }
}

/// The length up to the semicolon or closing brace that ends the item, including attributes.
fn item_length(item: &str) -> usize {
    let mut depth = 0i32;
    for (at, c) in item.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        let closes = depth == 0 && matches!(c, ';' | '}');
        if closes || depth < 0 {
            return at + c.len_utf8();
        }
    }
    item.len()
}

/// The name in `mod name;`.
fn module_name(item: &str) -> Option<String> {
    let words: Vec<_> = item.strip_suffix(';')?.split_whitespace().collect();
    match words.as_slice() {
        [.., "mod", name] => Some((*name).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_test_module_is_taken_out_and_what_follows_stays() {
        let parted = part("a\n#[cfg(test)]\nmod tests {\n fn f() { b }\n}\nc");
        assert_eq!(parted.code, "a\n\n\n\n\nc");
        assert!(parted.modules.is_empty());
    }

    #[test]
    fn a_test_module_in_its_own_file_is_named() {
        let parted = part("#[cfg(test)]\n#[expect(x)]\npub(crate) mod laws;\nmod other;");
        assert_eq!(parted.modules, ["laws"]);
        assert!(parted.code.contains("mod other;"));
    }

    #[test]
    fn a_test_import_ends_at_its_semicolon() {
        assert_eq!(part("#[cfg(test)]\nextern crate std;\nb").code, "\n\nb");
    }
}
