//! The output of `why`: each situation of a task has a transcript, so that its wording is reviewed.
//!
//! `INSTA_UPDATE=always cargo test -p oncue-cli why` updates the transcripts; review the differences.

use jiff::tz::TimeZone;
use oncue::tools::{Condition, Entry, Exit, FactInfo, InstanceId, PauseInfo, Reading};

use super::*;
use crate::commands::sample::{NOW, ended, entry, guid, last, minutes, no_internet, retry, task, waiting};

fn drawn(task: &TaskInfo, facts: &[FactInfo], runs: &[Entry], width: Option<usize>) -> String {
    let why = Why::new(task.clone(), facts.to_vec(), runs.to_vec());
    let drawn =
        Now { why: &why, named: "sync", kept: &Kept::nothing() }.draw(&Clock::at(NOW, TimeZone::UTC), width);
    anstream::adapter::strip_str(&drawn).to_string()
}

/// A task's state, the machine's facts, and the task's history.
struct Situation {
    name: &'static str,
    task: TaskInfo,
    facts: Vec<FactInfo>,
    runs: Vec<Entry>,
}

fn situation(name: &'static str, task: TaskInfo, facts: &[FactInfo], runs: &[Entry]) -> Situation {
    Situation { name, task, facts: facts.to_vec(), runs: runs.to_vec() }
}

fn held(failing: &str) -> TaskInfo {
    let condition = Word::<Condition>::read(failing);
    TaskInfo {
        condition: Some(condition.clone()),
        failing: vec![condition],
        held_since: Some(minutes(-30)),
        waiting: waiting(3, minutes(-30)),
        ..task(TaskState::Held)
    }
}

fn blocked(state: TaskState, by: Blocker) -> TaskInfo {
    let waits = state != TaskState::Armed;
    TaskInfo {
        blocked: vec![by.into()],
        waiting: waiting(1, minutes(-2)).filter(|_| waits),
        held_since: waits.then_some(minutes(-2)),
        ..task(state)
    }
}

/// A task whose last run ended with this outcome.
fn after(outcome: Outcome) -> TaskInfo {
    TaskInfo { last: last(outcome, minutes(-2)), ..task(TaskState::Armed) }
}

fn paused(until: Option<Wall>) -> Option<PauseInfo> {
    Some(PauseInfo { since: minutes(-12), until })
}

fn crashed() -> Entry {
    let exit_status = Some(Exit::Signal(6).into());
    Entry { exit_status, ..ended(Outcome::Crashed, "reading state\nno such file\n") }
}

fn alive(state: TaskState) -> TaskInfo {
    let is_entered = state != TaskState::Activating;
    TaskInfo {
        instance_id: Some(InstanceId(guid(0x1f2e_3d4c))),
        fired_at: Some(minutes(-2)),
        started_at: is_entered.then_some(minutes(-1)),
        progress: is_entered.then_some(10),
        ..task(state)
    }
}

fn fact(name: FactKind, value: bool, source: &str) -> FactInfo {
    FactInfo {
        name: name.into(),
        value: Some(Reading::Is(value).into()),
        counts_as: Reading::Is(value).into(),
        source: source.into(),
        ..no_internet()
    }
}

fn unknown(name: FactKind, why: &str) -> FactInfo {
    let counts_as = name.when_unknown().into();
    FactInfo { name: name.into(), value: None, counts_as, why: why.into(), ..FactInfo::default() }
}

fn situations() -> Vec<Situation> {
    let on_battery = fact(FactKind::OnAc, false, "UPower");
    let online = fact(FactKind::Internet, true, "NetworkManager");
    let metered = unknown(
        FactKind::FreeNetwork,
        "NetworkManager is not running, and only it reports whether the connection is metered",
    );
    let simulated = FactInfo { pinned: true, source: "simulated".into(), ..no_internet() };
    let watch = TaskInfo {
        trigger: Word::read("bus session interface='org.example.Player'"),
        ..task(TaskState::Armed)
    };
    let unseen = "the session bus is not available: DBUS_SESSION_BUS_ADDRESS is not set".to_owned();
    let gone = "/opt/mail/mail does not exist";
    let missed = "missed; the task skips missed firings";
    vec![
        situation("idle", task(TaskState::Armed), &[], &[entry(6)]),
        situation("idle, never fired", task(TaskState::Armed), &[], &[]),
        situation("offline", held("internet"), &[no_internet()], &[entry(6)]),
        situation(
            "offline, not fired",
            TaskInfo { failing: vec![Word::read("internet")], ..task(TaskState::Armed) },
            &[no_internet()],
            &[entry(6)],
        ),
        situation("on battery", held("ac"), &[on_battery], &[]),
        situation("denied", blocked(TaskState::Held, Blocker::Denied), &[], &[entry(6)]),
        situation("denied, not fired", blocked(TaskState::Armed, Blocker::Denied), &[], &[entry(6)]),
        situation(
            "quarantined",
            TaskInfo {
                strikes: 5,
                last: after(Outcome::Crashed).last,
                ..blocked(TaskState::Quarantined, Blocker::Quarantined)
            },
            &[],
            &[crashed()],
        ),
        situation(
            "retrying",
            TaskInfo { retry: retry(2, minutes(10)), ..after(Outcome::Failed) },
            &[],
            &[ended(Outcome::Failed, "the disk is full")],
        ),
        situation(
            "retrying, later than its trigger",
            TaskInfo { retry: retry(2, minutes(60)), ..after(Outcome::Failed) },
            &[],
            &[ended(Outcome::Failed, "the disk is full")],
        ),
        situation("running", alive(TaskState::Running), &[], &[entry(6)]),
        situation("running for the first time", alive(TaskState::Running), &[], &[]),
        situation(
            "waiting for the end of a run",
            TaskInfo { waiting: waiting(1, minutes(-1)), ..alive(TaskState::Running) },
            &[],
            &[entry(6)],
        ),
        situation("starting", alive(TaskState::Activating), &[], &[entry(6)]),
        situation("told to stop", alive(TaskState::Cancelling), &[], &[entry(6)]),
        situation("bus missing", TaskInfo { trouble: unseen, next_due: None, ..watch }, &[], &[entry(6)]),
        situation("metered unknown", held("free-network"), &[online, metered], &[]),
        situation(
            "program gone",
            after(Outcome::NotActivated),
            &[],
            &[Entry { started_at: None, ..ended(Outcome::NotActivated, gone) }],
        ),
        situation("crashed", after(Outcome::Crashed), &[], &[crashed()]),
        situation(
            "cut off",
            after(Outcome::Lost),
            &[],
            &[ended(Outcome::Lost, "the broker ended before the run did")],
        ),
        situation("simulated", held("internet"), &[simulated], &[]),
        situation(
            "missed",
            after(Outcome::Completed),
            &[],
            &[Entry { started_at: None, firings: 4, ..ended(Outcome::Skipped, missed) }, entry(5)],
        ),
        situation(
            "energy saver",
            blocked(TaskState::Held, Blocker::EnergySaver),
            &[fact(FactKind::EnergySaver, true, "power-profiles-daemon")],
            &[],
        ),
        situation(
            "paused",
            TaskInfo { paused: paused(None), ..blocked(TaskState::Held, Blocker::Paused) },
            &[],
            &[],
        ),
        situation(
            "all paused",
            TaskInfo {
                all_paused: paused(Some(minutes(120))),
                ..blocked(TaskState::Held, Blocker::AllPaused)
            },
            &[],
            &[],
        ),
        situation(
            "paused, not fired",
            TaskInfo {
                blocked: vec![Blocker::Paused.into(), Blocker::AllPaused.into()],
                paused: paused(Some(minutes(60))),
                all_paused: paused(None),
                ..after(Outcome::Completed)
            },
            &[],
            &[entry(6)],
        ),
        situation("circling", blocked(TaskState::Held, Blocker::Circling), &[], &[]),
        situation(
            "short of files",
            blocked(TaskState::Held, Blocker::Shortage("too many open files".into())),
            &[],
            &[],
        ),
        situation(
            "of a newer broker",
            TaskInfo {
                state: Word::read("dreaming"),
                trigger: Word::read("when the moon is full"),
                blocked: vec![Word::read("full_moon")],
                failing: vec![Word::read("moon is full")],
                ..after(Outcome::Completed)
            },
            &[],
            &[Entry { outcome: Word::read("put_off"), ..entry(6) }],
        ),
        situation("memory short", blocked(TaskState::Held, Blocker::MemoryShort), &[], &[]),
        situation("shutting down", blocked(TaskState::Held, Blocker::SessionEnding), &[], &[]),
        situation(
            "held with a limit",
            TaskInfo { policy: Some(Word::read("drop-after=1h")), ..held("ac or user-present") },
            &[],
            &[],
        ),
    ]
}

#[test]
fn each_situation_is_told_in_plain_words() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("transcripts");
    settings.bind(|| {
        for Situation { name, task, facts, runs } in situations() {
            let text = drawn(&task, &facts, &runs, Some(90));
            assert!(text.contains("\n  trigger  "), "{name} does not name its trigger: {text}");
            insta::assert_snapshot!(name.replace(", ", "-").replace(' ', "-"), text);
        }
    });
}

#[test]
fn a_name_that_a_shell_would_split_is_not_told_to_be_typed() {
    let task = TaskInfo {
        blocked: vec![Blocker::Quarantined.into()],
        name: "my sync".into(),
        ..task(TaskState::Quarantined)
    };
    let why = Why::new(task, Vec::new(), Vec::new());
    let now = Now { why: &why, named: "my sync", kept: &Kept::nothing() };
    assert!(
        now.blocked(&Clock::at(NOW, TimeZone::UTC))[0]
            .way_out
            .ends_with("`oncue release 1f2e3d4c-0000-0000-0000-000000000000`")
    );
}

#[test]
fn nothing_is_wider_than_a_narrow_terminal() {
    for Situation { name, task, facts, runs } in situations() {
        let text = drawn(&task, &facts, &runs, Some(60));
        // The sentence is not wrapped, because terminals wrap it.
        let wide = |line: &&str| line.chars().count() > 60;
        assert_eq!(text.lines().skip(1).find(wide), None, "{name}");
    }
}
