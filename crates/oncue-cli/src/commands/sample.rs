//! Sample tasks, facts and entries for tests, and the transcripts that hold what verbs write.

use oncue::TaskState;
use oncue::tools::{
    Access, Entry, FactInfo, FactKind, InstanceId, LastRun, Origin, PackageInfo, Reading, RetryInfo, TaskId,
    TaskInfo, WaitingInfo, Wall, Word,
};
use oncue_types::{Guid, Outcome};
use oncue_wire::{ClassInfo, ServerInfo};

/// The current time in tests.
pub(crate) const NOW: Wall = Wall(7_200_000_000);

/// Returns the time this many minutes after [`NOW`], or before it.
pub(crate) fn minutes(minutes: i64) -> Wall {
    Wall(NOW.0 + minutes * 60_000_000)
}

/// Returns an id that begins with these 8 hexadecimal digits.
pub(crate) const fn guid(first: u32) -> Guid {
    Guid::from_u128((first as u128) << 96)
}

/// Returns a package with a task server, a task and a problem.
pub(crate) fn package() -> PackageInfo {
    PackageInfo {
        family_name: "Primes_x".into(),
        full_name: "Primes_1.0.0.0_x64__x".into(),
        display_name: "Primes".into(),
        version: "1.0.0.0".into(),
        location: "/apps/primes".into(),
        local_folder: "/data/primes".into(),
        access: Access::Policy.into(),
        origin: Origin::Added.into(),
        servers: vec![ServerInfo {
            executable: "/apps/primes/primes".into(),
            arguments: "-StartSampleTaskServer".into(),
            classes: vec![ClassInfo { class_id: Guid::from_u128(1), display_name: "Sample Task".into() }],
        }],
        tasks: 1,
        problem: "gone".into(),
    }
}

/// Returns a task in a state, with all other values empty.
pub(crate) fn task(state: TaskState) -> TaskInfo {
    TaskInfo {
        task_id: TaskId(guid(0x1f2e_3d4c)),
        name: "sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        class_id: guid(0x14c5_882b),
        trigger: Word::read("every 15m"),
        condition: Some(Word::read("internet")),
        state: state.into(),
        next_due: Some(minutes(12)),
        ..TaskInfo::default()
    }
}

/// Returns firings that wait.
pub(crate) fn waiting(firings: u32, since: Wall) -> Option<WaitingInfo> {
    Some(WaitingInfo { firings, since })
}

/// Returns the next attempt after a failure.
pub(crate) fn retry(attempt: u32, at: Wall) -> Option<RetryInfo> {
    Some(RetryInfo { attempt, at })
}

/// Returns the end of a task's last run.
pub(crate) fn last(outcome: Outcome, ended_at: Wall) -> Option<LastRun> {
    Some(LastRun { instance_id: InstanceId(guid(6)), outcome: outcome.into(), ended_at })
}

/// Returns a fact that fails.
pub(crate) fn no_internet() -> FactInfo {
    FactInfo {
        name: FactKind::Internet.into(),
        value: Some(Reading::Is(false).into()),
        counts_as: Reading::Is(false).into(),
        pinned: false,
        source: "NetworkManager".into(),
        since: Some(minutes(-90)),
        why: String::new(),
    }
}

/// Returns a run that completed, and whose id begins with these digits.
pub(crate) fn entry(instance: u32) -> Entry {
    Entry {
        instance_id: InstanceId(guid(instance)),
        task_id: TaskId(guid(0x1f2e_3d4c)),
        name: "sync".into(),
        package: "Contoso.Mail_8wekyb3d8bbwe".into(),
        fired_at: minutes(-3),
        started_at: Some(minutes(-3)),
        ended_at: minutes(-2),
        outcome: Outcome::Completed.into(),
        firings: 1,
        ..Entry::default()
    }
}

/// Returns a run that ended with this outcome and message.
pub(crate) fn ended(outcome: Outcome, message: &str) -> Entry {
    Entry { outcome: outcome.into(), message: Some(message.into()), ..entry(0x4a5b_6c7d) }
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
