//! Sample tasks, facts and entries for tests.

use oncue::tools::{Entry, FactInfo, TaskInfo};

/// The current time in tests, in microseconds.
pub(crate) const NOW: i64 = 7_200_000_000;
/// A minute, in microseconds.
pub(crate) const MINUTE: i64 = 60_000_000;

/// Returns a task in a state, with all other values empty.
pub(crate) fn task(state: &str) -> TaskInfo {
    TaskInfo {
        task_id: "1f2e3d4c".into(),
        name: "sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        group: None,
        class_id: "14c5882b".into(),
        trigger: "every 15m".into(),
        condition: "internet".into(),
        policy: String::new(),
        state: state.into(),
        next_due: Some(NOW + 12 * MINUTE),
        failing: Vec::new(),
        blocked: Vec::new(),
        waiting: None,
        trouble: String::new(),
        held_since: None,
        strikes: 0,
        retry: None,
        instance_id: None,
        fired_at: None,
        started_at: None,
        progress: None,
        last: None,
        next_by: None,
    }
}

/// Returns a fact that fails.
pub(crate) fn no_internet() -> FactInfo {
    FactInfo {
        name: "internet".into(),
        value: Some("off".into()),
        counts_as: "off".into(),
        pinned: false,
        source: "NetworkManager".into(),
        since: Some(NOW - 90 * MINUTE),
        why: String::new(),
    }
}

/// Returns a run that completed.
pub(crate) fn entry(instance_id: &str) -> Entry {
    Entry {
        instance_id: instance_id.into(),
        task_id: "1f2e3d4c".into(),
        name: "sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        fired_at: NOW - 3 * MINUTE,
        started_at: Some(NOW - 3 * MINUTE),
        ended_at: NOW - 2 * MINUTE,
        outcome: "completed".into(),
        reason: None,
        progress: None,
        firings: 1,
        exit_status: None,
        message: None,
    }
}
