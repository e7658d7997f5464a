//! Sample tasks, facts and entries for tests, and the transcripts that hold what verbs write.

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

/// Returns a run that ended with this outcome and message.
pub(crate) fn ended(outcome: &str, message: &str) -> Entry {
    Entry { outcome: outcome.into(), message: Some(message.into()), ..entry("4a5b6c7d") }
}

/// Compares what a verb writes, without styles, with its transcript.
///
/// `INSTA_UPDATE=always cargo test -p oncue-cli transcript` updates the transcripts; review the
/// differences as the reader of each screen.
#[track_caller]
pub(crate) fn assert_transcript(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("transcripts");
    let plain = anstream::adapter::strip_str(text).to_string();
    settings.bind(|| insta::assert_snapshot!(name, plain));
}
