//! The shapes of `--json` match `docs/interface/json.md`.

use jiff::tz::TimeZone;
use oncue_types::{Blocker, Wall};
use serde_json::json;

use super::documented::{assert_documented, rows, value};
use super::*;
use crate::commands::sample::{last, package, retry, waiting};

const NOON: Wall = Wall(1_795_348_800_000_000);

fn clock() -> Clock {
    Clock::at(NOON, TimeZone::fixed(jiff::tz::offset(1)))
}

const TASK: TaskId = TaskId(Guid::from_u128(0x1f2e3d4c_0000_4000_8000_000000000001));

fn run(number: u128) -> InstanceId {
    InstanceId(Guid::from_u128(number))
}

fn task() -> TaskInfo {
    TaskInfo {
        task_id: TASK,
        name: "SampleTask".into(),
        package: "Primes_x".into(),
        group: Some(oncue_wire::GroupInfo { id: "com.example.mail".into(), name: "Mail".into() }),
        class_id: Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6),
        command: None,
        trigger: Word::read("every 15m"),
        condition: Some(Word::read("internet")),
        policy: Some(Word::read("missed=skip")),
        state: TaskState::Held.into(),
        next_due: Some(NOON),
        failing: vec![Word::read("internet")],
        blocked: vec![Blocker::Denied.into(), Blocker::Shortage("open files".into()).into()],
        paused: Some(PauseInfo { since: NOON, until: None }),
        all_paused: Some(PauseInfo { since: NOON, until: Some(NOON) }),
        waiting: waiting(2, NOON),
        trouble: "no bus".into(),
        held_since: Some(NOON),
        strikes: 1,
        retry: retry(1, NOON),
        instance_id: Some(run(7)),
        fired_at: Some(NOON),
        started_at: Some(NOON),
        progress: Some(10),
        note: "uploading".into(),
        last: last(Outcome::Completed, NOON),
        next_by: Some(Wall(NOON.0 + 60_000_000)),
    }
}

fn entry() -> Entry {
    Entry {
        instance_id: run(6),
        task_id: TASK,
        name: "SampleTask".into(),
        package: "Primes_x".into(),
        fired_at: NOON,
        started_at: Some(NOON),
        ended_at: NOON,
        outcome: Outcome::Cancelled.into(),
        reason: Some(CancellationReason::Abort.into()),
        progress: Some(10),
        firings: 1,
        exit_status: Some(Exit::Code(3).into()),
        message: Some("no such file".into()),
    }
}

#[test]
fn every_shape_is_as_documented() {
    let (task, entry, package) = (task(), entry(), package());
    let fact = FactInfo {
        name: FactKind::Internet.into(),
        value: Some(oncue_types::Reading::Is(true).into()),
        counts_as: oncue_types::Reading::Is(true).into(),
        pinned: false,
        source: "rtnetlink".into(),
        since: Some(NOON),
        why: "because".into(),
    };
    let broker = BrokerInfo {
        version: "0.1.0".into(),
        features: Vec::new(),
        pid: 7,
        executable: "/bin/oncue".into(),
        started_at: NOON,
        config: "/config.toml".into(),
        store: "/store.db".into(),
        tasks: 1,
        packages: 1,
        store_problem: "full".into(),
        started_by: StartedBy::Client.into(),
        all_paused: None,
    };
    let entries = [entry.clone()];
    let whole = value(&WholeTask::of(&task, &entries, &clock(), &Kept::nothing()));
    assert_documented("An allowed package", &value(&Allowed::of(&package)));
    let package = value(&Package::of(&package));
    let started = Word::Known(RunState::Started);
    let fired = Fired {
        task_id: Text(TASK),
        state: Text(&started),
        instance_id: Some(Text(run(7))),
        failing: task.failing.iter().map(Text).collect(),
        blocked: task.blocked.iter().map(blocked::name).collect(),
        run: Some(Run::of(&entry, &clock(), &Kept::of(&entry, "/output/x.log"))),
    };
    assert_documented("A task", &value(&Task::of(&task, &clock())));
    assert_documented("The last run of a task", &whole["last"]);
    assert_documented("A task in full", &whole);
    assert_documented("A pause", &whole["all_paused"]);
    assert_documented("A retry", &whole["retry"]);
    assert_documented("A group", &whole["group"]);
    assert_documented("A live run", &whole["live"]);
    assert_documented("Waiting firings", &whole["waiting"]);
    assert_documented("A run", &value(&Run::of(&entry, &clock(), &Kept::of(&entry, "/output/x.log"))));
    assert_documented("A firing", &value(&fired));
    assert_documented("A package", &package);
    assert_documented("A task server", &package["servers"][0]);
    assert_documented("A class", &package["servers"][0]["classes"][0]);
    assert_documented("A fact", &value(&Fact::of(&fact, &clock())));
    assert_documented("A broker", &value(&Broker::of(&broker, &clock())));
}

#[test]
fn a_task_reads_as_promised() {
    assert_eq!(
        value(&Task::of(&task(), &clock())),
        json!({
            "task_id": "1f2e3d4c-0000-4000-8000-000000000001",
            "name": "SampleTask",
            "package": "Primes_x",
            "group": { "id": "com.example.mail", "name": "Mail" },
            "class_id": "14c5882b-35d3-41be-86b2-5106269b97e6",
            "command": null,
            "trigger": "every 15m",
            "conditions": "internet",
            "state": "held",
            "next_due": "2026-11-22T13:00:00.000000+01:00",
            "next_by": "2026-11-22T13:01:00.000000+01:00",
            "trouble": "no bus",
            "last": {
                "instance_id": "00000006-0000-0000-0000-000000000000",
                "outcome": "completed",
                "ended_at": "2026-11-22T13:00:00.000000+01:00",
            },
            "blocked": ["denied", "shortage"],
            "paused": { "since": "2026-11-22T13:00:00.000000+01:00", "until": null },
            "all_paused": {
                "since": "2026-11-22T13:00:00.000000+01:00",
                "until": "2026-11-22T13:00:00.000000+01:00",
            },
            "retry": { "attempt": 1, "at": "2026-11-22T13:00:00.000000+01:00" },
            "live": {
                "instance_id": "00000000-0000-0000-0000-000000000007",
                "fired_at": "2026-11-22T13:00:00.000000+01:00",
                "started_at": "2026-11-22T13:00:00.000000+01:00",
                "progress": 10,
                "note": "uploading",
            },
        })
    );
}

#[test]
fn what_is_missing_is_null() {
    let bare = TaskInfo {
        group: None,
        condition: None,
        policy: None,
        next_due: None,
        next_by: None,
        paused: None,
        all_paused: None,
        waiting: None,
        trouble: String::new(),
        held_since: None,
        retry: None,
        instance_id: None,
        progress: None,
        last: None,
        ..task()
    };
    let shape = value(&WholeTask::of(&bare, &[], &clock(), &Kept::nothing()));
    let missing = [
        "conditions",
        "policy",
        "next_due",
        "next_by",
        "trouble",
        "waiting",
        "held_since",
        "retry",
        "paused",
    ];
    for key in missing.into_iter().chain(["instance_id", "progress", "last", "group", "live"]) {
        assert!(shape[key].is_null(), "{key}");
    }
    let unstarted =
        Entry { started_at: None, reason: None, progress: None, exit_status: None, message: None, ..entry() };
    let shape = value(&Run::of(&unstarted, &clock(), &Kept::nothing()));
    for key in ["started_at", "reason", "progress", "exit_status", "message"] {
        assert!(shape[key].is_null(), "{key}");
    }
    let (_, kinds) = rows("A run").into_iter().find(|row| row.0 == "started_at").unwrap();
    assert_eq!(kinds, "time or null");
}
