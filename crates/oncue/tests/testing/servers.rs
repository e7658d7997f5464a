//! Task servers and packages: crashes, updates, manifests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use oncue::testing::{TestBroker, TestError, TestPackage};
use oncue::{
    ApplicationData, BackgroundTaskCancellationReason as Reason, BackgroundTaskInstance, ClassUse, Exit,
    Guid, IdlePolicy, Outcome, Package, RequestResult, TaskServer, TaskState,
};

use crate::app::{CLASS, FAMILY, QUARTER, Task, every_quarter, outcomes, waits};

#[test]
fn five_crashes_in_a_row_quarantine_a_task() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    for crash in 1..=5 {
        assert_eq!(broker.fire(&task).unwrap(), RequestResult::Started, "crash {crash}");
        broker.crash_server(&task, Exit::Signal(11)).unwrap();
    }
    assert_eq!(broker.state(&task), Some(TaskState::Quarantined));
    assert_eq!(broker.why(&task), ["quarantined"]);
    let ledger = broker.ledger();
    assert_eq!(outcomes(&ledger), [(Outcome::Crashed, 1); 5]);
    assert_eq!(ledger[4].exit_status, Some(Exit::Signal(11)));
    assert_eq!(broker.fire(&task).unwrap(), RequestResult::Held);
    broker.release(&task).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running));
}

#[test]
fn a_server_that_fails_or_panics_before_it_serves_is_known_at_once() {
    let starts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&starts);
    let package = TestPackage::new(FAMILY).server([CLASS], move || {
        if counted.fetch_add(1, Ordering::Relaxed) > 0 {
            panic!("the second start goes wrong");
        }
        Err::<(), _>("no configuration")
    });
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.fire(&task).unwrap();
    broker.fire(&task).unwrap();
    let ledger = broker.ledger_of(&task);
    assert_eq!(outcomes(&ledger), [(Outcome::NotActivated, 1); 2]);
    for (at, exit, wrote) in
        [(0, 1, "Error: \"no configuration\""), (1, 101, "panicked: the second start goes wrong")]
    {
        let message = ledger[at].message.as_deref().unwrap();
        assert_eq!(ledger[at].exit_status, Some(Exit::Code(exit)));
        assert!(message.contains(&format!("(exit {exit}) before it registered class {CLASS}")), "{message}");
        assert!(message.ends_with(&format!("it wrote:\n{wrote}")), "{message}");
    }
}

#[test]
fn an_update_cancels_what_runs_and_keeps_the_tasks() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package.clone()).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.install(package.version([2, 0, 0, 0])).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!(end.reason, Some(Reason::ServicingUpdate));
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    assert!(Package::current().unwrap().full_name().contains("2.0.0.0"));
}

#[test]
fn a_package_may_come_from_its_manifest() {
    let manifest = include_str!("../../../../examples/primes/AppxManifest.xml");
    let package = TestPackage::from_manifest(manifest).unwrap();
    let package = package.server([CLASS], || {
        let server = TaskServer::new()?;
        let writes = |_: &BackgroundTaskInstance| {
            let folder = ApplicationData::current()?;
            Ok(std::fs::write(folder.local_folder().join("numbers"), "2, 3, 5")?)
        };
        server.register_class_object(CLASS, move || Task(writes), ClassUse::Single)?;
        server.wait(IdlePolicy::AfterFirstCompletion)
    });
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.fire(&task).unwrap();
    assert_eq!(broker.run_to_completion(&task).unwrap().outcome, Outcome::Completed);
    let family = Package::current().unwrap().family_name().to_owned();
    assert!(family.starts_with("SamplePackagedWinMainBackgroundApp_"), "{family}");
    let numbers = ApplicationData::current().unwrap().local_folder().join("numbers");
    assert_eq!(std::fs::read_to_string(&numbers).unwrap(), "2, 3, 5");
    drop(broker);
    assert!(!numbers.exists(), "the data goes with the test");
    assert!(matches!(TestPackage::from_manifest("<Package/>"), Err(TestError::Manifest(_))));
}

#[test]
fn a_class_that_no_server_declares_is_refused() {
    let _broker = TestBroker::new(TestPackage::new(FAMILY)).unwrap();
    assert!(every_quarter().register().unwrap_err().is_class_not_declared());
}

#[test]
fn an_app_in_the_foreground_serves_its_own_tasks() {
    let broker = TestBroker::new(TestPackage::new(FAMILY).silent_server([CLASS])).unwrap();
    let task = every_quarter().register().unwrap();
    let server = TaskServer::new().unwrap();
    let nothing = || Task(|_: &BackgroundTaskInstance| Ok(()));
    server.register_class_object(CLASS, nothing, ClassUse::Multiple).unwrap();
    broker.advance(QUARTER).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [(Outcome::Completed, 1)]);
}

#[test]
fn a_server_of_several_classes_offers_them_together() {
    const OTHER: Guid = Guid::from_u128(2);
    let package = TestPackage::new(FAMILY).server([CLASS, OTHER], || {
        let nothing = || Task(|_: &BackgroundTaskInstance| Ok(()));
        let server = TaskServer::new()?;
        server.register_class_object_suspended(CLASS, nothing, ClassUse::Multiple)?;
        server.register_class_object_suspended(OTHER, nothing, ClassUse::Multiple)?;
        server.resume_class_objects()?;
        server.wait(IdlePolicy::Idle(Duration::from_secs(60)))
    });
    let broker = TestBroker::new(package).unwrap();
    let first = every_quarter().register().unwrap();
    let second = every_quarter().set_task_entry_point_clsid(OTHER).register().unwrap();
    broker.advance(QUARTER).unwrap();
    for task in [first, second] {
        assert_eq!(outcomes(&broker.ledger_of(&task)), [(Outcome::Completed, 1)]);
    }
}
