//! Looks up entries in the ledger by a name or an id.

use oncue::tools::{Broker, Entry, Of};

use crate::render::words::short_package;
use crate::which::LEAST_OF_ID;

/// Returns up to this many entries of a task that is no longer registered, by its name,
/// `package/name` or the start of its id, or of a run, by the start of its id.
pub(crate) fn named(
    broker: &Broker,
    named: &str,
    wanted: impl Fn(&Entry) -> bool,
    most: usize,
) -> Result<Vec<Entry>, oncue::Error> {
    let is_meant = |entry: &Entry| is_of(entry, named) && wanted(entry);
    let entries = broker.ledger(Of::All).filter(|entry| entry.as_ref().map_or(true, is_meant));
    entries.take(most).collect()
}

fn is_of(entry: &Entry, named: &str) -> bool {
    let by_package = || {
        let (package, name) = named.rsplit_once('/')?;
        let package = package == entry.package || package == short_package(&entry.package);
        Some(package && name == entry.name)
    };
    let by_id = || {
        let begins = |id: String| id.starts_with(&named.to_ascii_lowercase());
        named.len() >= LEAST_OF_ID
            && (begins(entry.task_id.to_string()) || begins(entry.instance_id.to_string()))
    };
    entry.name == named || by_id() || by_package().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::{entry, guid};
    use oncue::tools::TaskId;

    #[test]
    fn a_firing_is_found_by_its_task_or_its_run() {
        let entry = Entry { task_id: TaskId(guid(0x1f2e_3d4c)), ..entry(0x5a6b_7c8d) };
        for named in [
            "sync",
            "Contoso.Mail/sync",
            "Contoso.Mail_8wekyb3d8bbwe/sync",
            "1f2e3d4c",
            "1F2E3D4C-00",
            "5a6b7c8d",
        ] {
            assert!(is_of(&entry, named), "{named}");
        }
        for named in ["syn", "Mail/sync", "1f2e3d4", "5a6b7c8e", ""] {
            assert!(!is_of(&entry, named), "{named}");
        }
    }
}
