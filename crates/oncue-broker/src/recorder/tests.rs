//! Outstanding records, and restoring the store.

use super::*;
use oncue_core::{Access, FamilyName, Guid, InstanceId, Outcome, RequestId, TaskId, TaskSpec, Trigger};

fn denied(name: &str) -> Record {
    Record::AccessSet { package: FamilyName::new(name), access: Access::Denied }
}

fn new_task() -> Record {
    let class = Guid::from_u128(1);
    let trigger = Trigger::Time { minutes: 15, one_shot: false };
    Record::TaskRegistered {
        task: TaskId(Guid::from_u128(2)),
        package: FamilyName::new("app"),
        spec: TaskSpec {
            name: "x".repeat(9_000).as_str().into(),
            group: None,
            action: class.into(),
            trigger,
            condition: None,
            policy: None,
        },
        at: Wall(0),
        next_due: oncue_core::Due::OnEvent,
    }
}

#[test]
fn what_a_full_disk_refused_is_written_once_there_is_room_and_registrations_are_not() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store.db");
    let mut work = Work::new(Store::open(&path).unwrap().0, Ledger::default());
    work.store.limit_pages(true);
    let failed = work.append(7, vec![denied("first"), new_task()]);
    assert!(matches!(failed, Done::Failed { turn: 7, ref lost, .. } if *lost == [new_task()]), "{failed:?}");
    assert!(matches!(work.append(8, vec![new_task()]), Done::Failed { turn: 8, .. }));
    assert_eq!(work.owed, [denied("first")], "only the registrations were refused");

    work.store.limit_pages(false);
    assert!(matches!(work.try_again(), Some(Done::Recorded(8))));
    assert!(work.try_again().is_none(), "nothing is wrong any more");
    let stored = work.store.load().unwrap();
    assert_eq!(stored.access, [(FamilyName::new("first"), Access::Denied)]);
    assert_eq!(stored.tasks, []);
}

#[test]
fn a_store_that_was_removed_takes_nothing_and_is_put_back_with_what_was_recorded() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("state");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("store.db");
    let mut work = Work::new(Store::open(&path).unwrap().0, Ledger::default());
    assert!(matches!(work.append(1, vec![denied("before")]), Done::Recorded(1)));
    std::fs::remove_dir_all(&folder).unwrap();
    let failed = work.append(2, vec![denied("after"), new_task()]);
    assert!(matches!(failed, Done::Failed { turn: 2, ref lost, .. } if *lost == [new_task()]), "{failed:?}");
    assert!(matches!(work.try_again(), Some(Done::Recorded(2))));
    drop(work);
    let stored = Store::open(&path).unwrap().0.load().unwrap();
    let access = ["after", "before"].map(|name| (FamilyName::new(name), Access::Denied));
    assert_eq!((stored.access, stored.tasks), (access.to_vec(), Vec::new()));
}

#[test]
fn a_store_that_works_again_is_noticed_though_nothing_is_owed() {
    let place = tempfile::tempdir().unwrap();
    let mut work = Work::new(Store::open(&place.path().join("store.db")).unwrap().0, Ledger::default());
    work.store.limit_pages(true);
    assert!(matches!(work.append(1, vec![new_task()]), Done::Failed { .. }));
    work.store.limit_pages(false);
    assert!(matches!(work.try_again(), Some(Done::Recorded(1))));
}

fn ended(number: u128, size: usize) -> Record {
    Record::Ended(Box::new(LedgerEntry {
        instance: InstanceId(Guid::from_u128(number)),
        task: TaskId(Guid::from_u128(1)),
        name: "x".into(),
        package: FamilyName::new("app"),
        fired_at: Wall(0),
        started_at: None,
        ended_at: Wall(crate::clock::now().wall.0),
        outcome: Outcome::Crashed,
        reason: None,
        progress: None,
        firings: 1,
        exit: None,
        message: Some("x".repeat(size)),
    }))
}

/// Returns what the thread does with these orders, all of which are waiting when it begins.
fn done(recorded: Vec<Record>, ordered: impl IntoIterator<Item = Order>) -> Vec<Done> {
    let place = tempfile::tempdir().unwrap();
    let mut work = Work::new(Store::open(&place.path().join("store.db")).unwrap().0, Ledger::default());
    work.store.append(&recorded).unwrap();
    let (sender, orders) = orders::channel();
    ordered.into_iter().for_each(|order| sender.send(order).unwrap());
    drop(sender);
    let (done, mut receiver) = mpsc::unbounded_channel();
    work.until_closed(&orders, &done);
    drop(done);
    std::iter::from_fn(|| receiver.blocking_recv()).collect()
}

fn read(request: u64, most: usize, bytes: usize) -> Order {
    let part = Part { before: None, most, bytes };
    let (request, of) = (RequestId(request), Of::All);
    Order::Read(Reading { request, of, before: None, part, entries: Vec::new() })
}

#[test]
fn records_do_not_wait_for_those_who_read_and_these_see_them() {
    let orders = [read(1, 10, 1 << 20), read(2, 10, 1 << 20), Order::Record(1, vec![ended(9, 10)])];
    let done = done(vec![ended(1, 10)], orders);
    let [Done::Recorded(1), Done::Read(_, Ok(first)), Done::Read(_, Ok(second))] = &done[..] else {
        panic!("{done:?}");
    };
    assert_eq!((first.len(), second.len()), (2, 2));
}

#[test]
fn who_reads_much_does_not_keep_who_reads_little_waiting_and_gets_so_many_bytes() {
    let many = (1..=200).map(|number| ended(number, 4_096)).collect();
    let done = done(many, [read(1, 200, 256 << 10), read(2, 1, 1 << 20)]);
    let [Done::Read(RequestId(2), Ok(little)), Done::Read(RequestId(1), Ok(much))] = &done[..] else {
        panic!("{done:?}");
    };
    assert_eq!(little.len(), 1);
    assert!((50..=70).contains(&much.len()), "{} entries of 4 KiB", much.len());
    assert!(much.windows(2).all(|pair| pair[0].instance > pair[1].instance), "each once, in order");
}
