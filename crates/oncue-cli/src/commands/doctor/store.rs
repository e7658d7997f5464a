//! Looking at the store's folder: at a file that is gone, and at damaged stores that were set aside.

use std::fs;
use std::path::Path;

use super::finding::Finding;

/// Says what is wrong with the store that a broker has open, as far as its folder shows.
pub(super) fn look_at(store: &Path) -> Vec<Finding> {
    let mut found = Vec::new();
    if !store.exists() {
        found.push(Finding {
            what: format!("the store {} was removed while the broker has it open", store.display()),
            way_out: "let the broker write it anew, with all that was recorded: `oncue daemon --stop`".into(),
        });
    }
    let entries = store.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut aside: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_aside(path)).collect();
    aside.sort();
    found.extend(aside.iter().map(|path| Finding {
        what: format!(
            "the ledger was damaged; what could be read of it is kept, and the damaged store is {}",
            path.display()
        ),
        way_out: format!(
            "`sqlite3 {} .recover` shows what else can be read; remove the file when you need it no more",
            path.display()
        ),
    }));
    found
}

fn is_aside(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("store.damaged-") && name.ends_with(".db")
}
