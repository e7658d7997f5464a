//! Stores that released versions wrote are opened, and hold what was written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oncue_core::{
    Access, Action, Begun, Boot, CancellationReason, Cause, Clocks, Command, Details, Due, ExeServer, Exit,
    FamilyName, Firing, Group, Guid, HoldEnd, HoldLimit, InstanceId, LedgerEntry, Missed, Outcome, Package,
    PauseScope, Policy, Priority, Record, Retry, Stamp, Steady, StoredPause, TaskId, TaskSpec, Trigger,
    UsedUp, Version, Wall, When,
};

use super::model::Model;
use super::sample::Place;
use crate::store::{Born, schema};

const SEED: u64 = 0xfedc_ba98_7654_3210;

fn kept(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/compat/v{version}/store.db"))
}

/// Writes the store of today's version, unless there is one: it is never written again.
#[test]
fn blesses_the_store_of_a_new_version() {
    let path = kept(schema::VERSION);
    if std::env::var_os("ONCUE_BLESS").is_none() || path.exists() {
        return;
    }
    let place = Place::new();
    let mut store = place.open();
    store.append(&version_9()).unwrap();
    store.db.execute("UPDATE birth SET seed = ?1", [SEED.cast_signed()]).unwrap();
    drop(store);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(&place.store, path).unwrap();
}

#[test]
fn a_store_of_every_older_version_is_kept() {
    for version in 1..schema::VERSION {
        assert!(kept(version).exists(), "version {version} has no store in tests/compat");
    }
}

fn opens(version: u32, written: &[Record]) {
    let place = Place::new();
    fs::copy(kept(version), &place.store).unwrap();
    let (store, born) = place.open_born();
    assert_eq!(born, Born { seed: SEED, epoch: 2 });
    assert_eq!(Model::of(&store), Model::after(written));
}

#[test]
fn a_store_of_version_1_is_opened() {
    opens(1, &entered(version_1()));
}

#[test]
fn a_store_of_version_2_is_opened() {
    opens(2, &entered(version_2()));
}

#[test]
fn a_store_of_version_3_is_opened() {
    opens(3, &entered(version_3()));
}

#[test]
fn a_store_of_version_4_is_opened() {
    opens(4, &entered(version_4()));
}

#[test]
fn a_store_of_version_5_is_opened() {
    opens(5, &version_5());
}

#[test]
fn a_store_of_version_6_is_opened() {
    opens(6, &version_6());
}

#[test]
fn a_store_of_version_7_is_opened() {
    opens(7, &version_7());
}

#[test]
fn a_store_of_version_8_is_opened() {
    opens(8, &version_8());
}

#[test]
fn a_store_of_version_9_is_opened() {
    opens(9, &version_9());
}

/// Up to version 4, a run that began counted as entered.
fn entered(mut records: Vec<Record>) -> Vec<Record> {
    let used_up = |run| Record::UsedUp { instance: InstanceId(guid(run)), by: UsedUp::Entered };
    records.extend([0x13, 0x14].map(used_up));
    records
}

fn guid(number: u128) -> Guid {
    Guid::from_u128(0x14c5_882b_35d3_41be_86b2_5106_2697_0000 + number)
}

fn family() -> FamilyName {
    FamilyName::new("Contoso.Primes_8wekyb3d8bbwe")
}

/// An instant of a store that knew the wall clock only.
fn stamp(at: i64) -> Stamp {
    Stamp { wall: Wall(at), steady: Steady(at) }
}

fn firing(at: i64, count: u32, cause: Cause) -> Firing {
    Firing { count, ..Firing::once(Wall(at), cause) }
}

fn task(number: u128, minutes: u32, condition: Option<&str>, policy: Option<Policy>) -> Record {
    let spec = TaskSpec {
        name: format!("Größe {number}").into(),
        group: None,
        action: guid(0xc1).into(),
        trigger: Trigger::Time { minutes, one_shot: number == 2 },
        condition: condition.map(|text| Box::new(text.parse().unwrap())),
        policy: policy.map(Box::new),
    };
    let next_due = match number {
        1 => Due::At(stamp(1_795_331_700_000_000)),
        2 => Due::Never,
        _ => Due::OnEvent,
    };
    let at = Wall(1_795_330_800_000_000);
    Record::TaskRegistered { task: TaskId(guid(number)), package: family(), spec, at, next_due }
}

fn began(instance: u128, task: u128) -> Record {
    Record::RunBegan {
        instance: InstanceId(guid(instance)),
        task: TaskId(guid(task)),
        name: format!("Größe {task}").into(),
        package: family(),
        firing: firing(1_795_331_700_000_000, 2, Cause::Trigger),
        next_due: Due::At(stamp(1_795_332_600_000_000)),
    }
}

fn ended(instance: u128, outcome: Outcome, exit: Option<Exit>) -> Record {
    let known = exit.is_some();
    Record::Ended(Box::new(LedgerEntry {
        instance: InstanceId(guid(instance)),
        task: TaskId(guid(1)),
        name: "Größe 1".into(),
        package: family(),
        fired_at: Wall(1_795_331_700_000_000),
        started_at: known.then_some(Wall(1_795_331_700_000_100)),
        ended_at: Wall(1_795_331_701_000_000),
        outcome,
        reason: known.then_some(CancellationReason::EnergySaver),
        progress: known.then_some(u32::MAX),
        firings: 2,
        exit,
        message: known.then(|| "last words\nin two lines".to_owned()),
    }))
}

/// A task server as the versions before 7 knew it.
fn server(classes: Vec<Guid>) -> ExeServer {
    ExeServer { classes, command: String::new() }
}

/// What the store of version 1 was made of; like the file, it is never edited.
fn version_1() -> Vec<Record> {
    let package = Package {
        family: family(),
        full_name: "Contoso.Primes_1.2.3.65535_x64__8wekyb3d8bbwe".to_owned(),
        display_name: "Primes".to_owned(),
        version: Version::new(1, 2, 3, u16::MAX),
        location: "/opt/contoso/primes".to_owned(),
        servers: vec![server(vec![guid(0xc1), guid(0xc2)]), server(Vec::new()), server(vec![guid(0xc3)])],
    };
    let gone = Package { family: FamilyName::new("Gone_0000000000000"), ..package.clone() };
    let policy = Policy {
        disabled: false,
        queue: None,
        notify: None,
        priority: Priority::Background,
        missed: Missed::Skip,
        slack: Some(Duration::from_secs(30)),
        cancel_on_condition_loss: true,
        hold_limit: Some(HoldLimit { after: Duration::from_secs(3_600), then: HoldEnd::Run }),
        time_limit: Some(Duration::from_secs(600)),
        grace: Some(Duration::from_millis(500)),
        retry: None,
    };
    let condition = "(internet and free-network) or not no-internet";
    let waits = firing(1_795_331_700_000_001, 3, Cause::Forced);
    let mut records = vec![
        Record::PackageAdded(Box::new(gone.clone())),
        Record::PackageAdded(Box::new(package)),
        Record::PackageRemoved(gone.family),
        task(1, 15, None, None),
        task(2, 43_199, Some(condition), Some(policy)),
        task(3, 90, Some("internet"), Some(Policy::default())),
        Record::Held { task: TaskId(guid(2)), firing: Some(waits), since: None, next_due: Due::Never },
        began(0x11, 1),
        ended(0x11, Outcome::Killed, Some(Exit::Signal(9))),
        began(0x12, 1),
        ended(0x12, Outcome::Failed, Some(Exit::Code(-3))),
        began(0x13, 1),
        began(0x14, 3),
        Record::TaskRemoved(TaskId(guid(3))),
    ];
    records.extend((0x20..).zip(OUTCOMES).map(|(instance, outcome)| ended(instance, outcome, None)));
    records
}

/// The outcomes that there were when the stores were kept.
const OUTCOMES: [Outcome; 9] = [
    Outcome::Completed,
    Outcome::Failed,
    Outcome::Cancelled,
    Outcome::Killed,
    Outcome::Crashed,
    Outcome::NotActivated,
    Outcome::Lost,
    Outcome::Skipped,
    Outcome::Dropped,
];

/// What the store of version 2 was made of: also health, access, and since when a task is held.
fn version_2() -> Vec<Record> {
    let retry = Retry::exponential(Duration::from_secs(30), 5);
    let policy = Policy { retry: Some(retry), ..Policy::default() };
    let health = |number, strikes, attempt, retry_at: Option<i64>| Record::Health {
        task: TaskId(guid(number)),
        strikes,
        attempt,
        retry_at: retry_at.map(stamp),
    };
    let mut records = version_1();
    records.extend([
        task(4, 60, None, Some(policy)),
        task(5, 60, Some("internet"), None),
        health(4, 2, 3, Some(1_795_331_730_000_000)),
        health(5, 5, 0, None),
        Record::Held {
            task: TaskId(guid(5)),
            firing: Some(firing(1_795_331_700_000_002, 1, Cause::Retry)),
            since: Some(stamp(1_795_331_700_000_003)),
            next_due: Due::OnEvent,
        },
        Record::AccessSet { package: FamilyName::new("Gone_0000000000000"), access: Access::Denied },
        Record::AccessSet { package: family(), access: Access::Always },
    ]);
    records
}

/// What the store of version 3 was made of: also what a trigger told, and the boot.
fn version_3() -> Vec<Record> {
    let details = |items: &[&str], left_out| {
        let items = items.iter().map(|item| (*item).into()).collect();
        Some(Arc::new(Details { items, left_out }))
    };
    let held = |number, details| Record::Held {
        task: TaskId(guid(number)),
        firing: Some(Firing { details, ..firing(1_795_331_700_000_004, 2, Cause::Trigger) }),
        since: Some(stamp(1_795_331_700_000_005)),
        next_due: Due::OnEvent,
    };
    let mut records = version_2();
    records.extend([
        task(6, 60, None, None),
        task(7, 60, None, None),
        held(6, details(&["/home/alice/Größe.txt", ""], 7)),
        held(7, details(&[], 0)),
        Record::SessionBegan(guid(0xb007)),
    ]);
    records
}

/// What the store of version 4 was made of: also the group of a task.
fn version_4() -> Vec<Record> {
    let mut records = version_3();
    records.extend([grouped(8, "photos", "Größe"), grouped(9, "mail", "")]);
    records
}

fn grouped(number: u128, id: &str, name: &str) -> Record {
    match task(number, 60, None, None) {
        Record::TaskRegistered { task, package, spec, at, next_due } => {
            let group = Some(Box::new(Group { id: id.into(), name: name.into() }));
            Record::TaskRegistered { task, package, spec: TaskSpec { group, ..spec }, at, next_due }
        }
        other => other,
    }
}

/// What the store of version 5 was made of: also what is not used up, and a trigger that is spent.
fn version_5() -> Vec<Record> {
    let details = Some(Arc::new(Details { items: vec!["/etc/hosts".into()], left_out: 1 }));
    let Record::RunBegan { instance, task, name, package, firing, next_due } = began(0x15, 1) else {
        unreachable!("it began")
    };
    let begun = Some(Begun { run: InstanceId(guid(0x16)), firings: 2 });
    let mut records = entered(version_4());
    records.extend([
        Record::RunBegan { instance, task, name, package, firing: Firing { details, ..firing }, next_due },
        Record::Held {
            task: TaskId(guid(8)),
            firing: Some(Firing { begun, ..self::firing(1_795_331_700_000_006, 3, Cause::Asked) }),
            since: Some(stamp(1_795_331_700_000_007)),
            next_due: Due::Never,
        },
    ]);
    records
}

/// What the store of version 6 was made of: also what the steady clock showed.
fn version_6() -> Vec<Record> {
    let stamp = |at: i64| Some(Stamp { wall: Wall(at), steady: Steady(at - 86_400_000_000) });
    let mut records = version_5();
    records.extend([
        Record::Held {
            task: TaskId(guid(6)),
            firing: Some(firing(1_795_331_700_000_008, 1, Cause::Trigger)),
            since: stamp(1_795_331_700_000_009),
            next_due: stamp(1_795_335_300_000_000).map_or(Due::Never, Due::At),
        },
        Record::Health {
            task: TaskId(guid(7)),
            strikes: 1,
            attempt: 2,
            retry_at: stamp(1_795_331_730_000_000),
        },
        Record::Clocks(Clocks {
            boot: Some(guid(0xb008)),
            seen: Boot(5_000_000),
            wall_ahead: 1_795_331_700_000_000,
            steady_ahead: 1_795_245_300_000_000,
            behind: Some(17),
        }),
    ]);
    records
}

/// What the store of version 7 was made of: also what a package's task servers start.
fn version_7() -> Vec<Record> {
    let package = Package {
        family: FamilyName::new("Contoso.Clock_8wekyb3d8bbwe"),
        full_name: "Contoso.Clock_1.0.0.0_x64__8wekyb3d8bbwe".to_owned(),
        display_name: "Clock".to_owned(),
        version: Version::new(1, 0, 0, 0),
        location: "/opt/contoso/clock".to_owned(),
        servers: vec![ExeServer {
            classes: vec![guid(0xc4)],
            command: "/opt/contoso/clock/clock\n-Serve \"Größe\"".to_owned(),
        }],
    };
    let mut records = version_6();
    records.push(Record::PackageAdded(Box::new(package)));
    records
}

/// What the store of version 8 is made of: also what the user has paused.
fn version_8() -> Vec<Record> {
    let since = Stamp { wall: Wall(1_795_331_700_000_010), steady: Steady(1_795_245_300_000_010) };
    let until = Stamp { wall: Wall(1_795_338_900_000_000), steady: Steady(1_795_252_500_000_000) };
    let paused = |scope, until| Record::Paused { scope, pause: StoredPause { since, until } };
    let mut records = version_7();
    records.extend([
        paused(PauseScope::Task(TaskId(guid(4))), None),
        paused(PauseScope::Task(TaskId(guid(5))), Some(When::Span(until))),
        paused(PauseScope::All, Some(When::Schedule(until))),
        paused(PauseScope::Task(TaskId(guid(6))), None),
        Record::Resumed(PauseScope::Task(TaskId(guid(6)))),
    ]);
    records
}

/// What the store of version 9 is made of: also a command.
fn version_9() -> Vec<Record> {
    let mut command = Command::new("restic", "/home/ann");
    command.arguments = ["backup", "Größe 1", ""].map(Into::into).into();
    command.environment =
        [("PATH".to_owned(), "/usr/bin:/bin".to_owned()), ("A".into(), String::new())].into();
    command.input = Some("/dev/null".into());
    command.success = "0,3".parse().unwrap();
    let spec = TaskSpec {
        name: "backup".into(),
        group: None,
        action: Action::Command(command.into()),
        trigger: "calendar Mon..Fri 9:00".parse().unwrap(),
        condition: None,
        policy: Some(Box::new(Policy { disabled: true, ..Policy::default() })),
    };
    let (at, next_due) = (Wall(1_795_330_800_000_000), Due::OnEvent);
    let (task, package) = (TaskId(guid(7)), FamilyName::commands());
    let mut records = version_8();
    records.push(Record::TaskRegistered { task, package, spec, at, next_due });
    records
}
