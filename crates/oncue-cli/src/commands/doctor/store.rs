//! Checks the store's folder for a missing store and for damaged stores that were set aside.

use std::fs;
use std::path::Path;

use super::finding::Finding;

/// Finds problems with the store of a running broker that its folder shows.
pub(super) fn look_at(store: &Path) -> Vec<Finding> {
    let mut found = Vec::new();
    if !store.exists() {
        found.push(Finding {
            what: format!("the store {} was removed while the broker has it open", store.display()),
            way_out: "let the broker recreate it, with everything that was recorded: `oncue daemon --stop`"
                .into(),
        });
    }
    let entries = store.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut aside: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_aside(path)).collect();
    aside.sort();
    found.extend(aside.iter().map(|path| Finding {
        what: format!(
            "the ledger was damaged; the entries that could be read were kept, and the damaged store is {}",
            path.display()
        ),
        way_out: format!(
            "`sqlite3 {} .recover` shows what else can be read; remove the file when you no longer need it",
            path.display()
        ),
    }));
    found
}

fn is_aside(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("store.damaged-") && name.ends_with(".db")
}
