//! The test kit, by what it promises app authors: their code runs unchanged, time is the test's.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use oncue::testing::{Exit, Fact, TestBroker, TestError, TestPackage};
use oncue::tools::Entry;
use oncue::{
    ApplicationData, BackgroundAccessStatus, BackgroundExecutionManager, BackgroundTask,
    BackgroundTaskBuilder, BackgroundTaskCancellationReason as Reason, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassUse, Guid, IdlePolicy, MissedFirings, Package, RequestResult, Retry,
    SystemCondition, SystemConditionType, TaskError, TaskServer, TaskState, TimeTrigger,
};

const FAMILY: &str = "Contoso.Sample_8wekyb3d8bbwe";
const CLASS: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
const MINUTE: Duration = Duration::from_secs(60);
const QUARTER: Duration = Duration::from_secs(15 * 60);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A task that is a closure.
struct Task<F>(F);

impl<F> BackgroundTask for Task<F>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
{
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        (self.0)(instance)
    }
}

/// A package whose one server runs a closure, and leaves after it.
fn app(
    run: impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> TestPackage {
    app_that_leaves(IdlePolicy::AfterFirstCompletion, run)
}

fn app_that_leaves(
    until: IdlePolicy,
    run: impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> TestPackage {
    let run = Arc::new(run);
    TestPackage::new(FAMILY).server([CLASS], move || {
        let run = Arc::clone(&run);
        let server = TaskServer::new()?;
        let factory = move || Task(closure(Arc::clone(&run)));
        server.register_class_object(CLASS, factory, ClassUse::Multiple)?;
        server.wait(until)
    })
}

fn closure<F>(run: Arc<F>) -> impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError>,
{
    move |instance| run(instance)
}

/// Where runs wait until the test lets them go.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<Gated>, Condvar)>);

#[derive(Default)]
struct Gated {
    came: u32,
    may_go: u32,
}

impl Gate {
    /// Lets the first so many runs go.
    fn open_for(&self, runs: u32) {
        self.0.0.lock().unwrap().may_go = runs;
        self.0.1.notify_all();
    }

    /// Waits for the test, or until the run is cancelled.
    fn pass(&self, instance: &BackgroundTaskInstance) {
        let gate = self.clone();
        instance.on_canceled(move |_, _| {
            drop(gate.0.0.lock().unwrap());
            gate.0.1.notify_all();
        });
        self.wait(self.arrive(), || instance.is_canceled());
    }

    fn arrive(&self) -> u32 {
        let mut gated = self.0.0.lock().unwrap();
        gated.came += 1;
        gated.came
    }

    fn wait(&self, number: u32, cancelled: impl Fn() -> bool) {
        let gated = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(gated, |gated| gated.may_go < number && !cancelled()).unwrap());
    }
}

/// A package whose runs wait at a gate, or until they are cancelled.
fn waits() -> (Gate, TestPackage) {
    let gate = Gate::default();
    let passed = gate.clone();
    let package = app(move |instance| {
        passed.pass(instance);
        Ok(())
    });
    (gate, package)
}

fn every_quarter() -> BackgroundTaskBuilder {
    let mut builder = BackgroundTaskBuilder::new();
    builder.set_name("Sample").set_task_entry_point_clsid(CLASS).set_trigger(TimeTrigger::new(15, false));
    builder
}

fn outcomes(ledger: &[Entry]) -> Vec<(&str, u32)> {
    ledger.iter().map(|entry| (entry.outcome.as_str(), entry.firings)).collect()
}

#[test]
fn a_time_trigger_fires_after_its_minutes_and_no_earlier() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let begin = broker.now();
    broker.advance(QUARTER - Duration::from_secs(1)).unwrap();
    assert!(broker.ledger().is_empty());
    broker.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("completed", 1)]);
    assert_eq!(broker.now(), begin + QUARTER);
    assert_eq!(broker.next_firing(&task), Some(begin + 2 * QUARTER));
    broker.advance(DAY).unwrap();
    assert_eq!(broker.ledger().len(), 1 + 96, "each run takes no time");
}

#[test]
fn a_task_knows_when_it_fired() {
    let (sender, told) = channel();
    let sender = Mutex::new(sender);
    let broker = TestBroker::new(app(move |instance| {
        Ok(sender.lock().unwrap().send(instance.trigger_details().clone())?)
    }));
    let broker = broker.unwrap();
    every_quarter().register().unwrap();
    let begin = broker.now();
    broker.advance(QUARTER).unwrap();
    let details = told.try_recv().unwrap();
    assert_eq!((details.fired_at, details.firings), (begin + QUARTER, 1));
    assert_eq!(details.trigger, "every 15m");
}

#[test]
fn a_condition_holds_the_task_until_a_fact_is_pinned() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let internet = SystemCondition::new(SystemConditionType::InternetAvailable);
    let task = every_quarter().add_condition(internet).register().unwrap();
    broker.advance(3 * QUARTER).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Held));
    assert_eq!(broker.why(&task), ["internet"]);
    broker.pin(Fact::Internet, true).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("completed", 3)], "one run stands for all firings");
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    assert!(broker.why(&task).is_empty());
}

#[test]
fn a_lost_condition_cancels_a_run() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let internet = SystemCondition::new(SystemConditionType::InternetAvailable);
    let task = every_quarter().add_condition(internet).set_cancel_on_condition_loss(true).register().unwrap();
    broker.takes_time(&task);
    broker.pin(Fact::Internet, true).unwrap();
    broker.fire(&task).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running));
    broker.pin(Fact::Internet, false).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!((end.outcome.as_str(), end.reason.as_deref()), ("cancelled", Some("ConditionLoss")));
}

#[test]
fn a_cancelled_run_ends_within_its_grace() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.cancel(&task, Reason::Abort).unwrap();
    let end = broker.run_to_completion(&task).unwrap();
    assert_eq!((end.outcome.as_str(), end.reason.as_deref()), ("cancelled", Some("Abort")));
}

#[test]
fn a_run_that_ignores_its_cancellation_is_killed_when_its_grace_is_over() {
    let gate = Gate::default();
    let passed = gate.clone();
    let broker = TestBroker::new(app(move |instance| {
        let number = passed.arrive();
        instance.set_progress(number);
        passed.wait(number, || false);
        Ok(())
    }))
    .unwrap();
    let task = every_quarter().set_grace(Duration::from_secs(7)).register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.wait_until("the first run waits", |broker| broker.progress(&task) == Some(1)).unwrap();
    broker.cancel(&task, Reason::IdleTask).unwrap();
    broker.advance(Duration::from_secs(6)).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Cancelling));
    broker.advance(Duration::from_secs(1)).unwrap();
    let ledger = broker.ledger();
    assert_eq!(outcomes(&ledger), [("killed", 1)]);
    assert_eq!(ledger[0].exit_status.as_deref(), Some("SIGKILL"));
    // What the thread that could not be killed says now counts for nothing.
    gate.open_for(1);
    broker.fire(&task).unwrap();
    broker.wait_until("the second run waits", |broker| broker.progress(&task) == Some(2)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("killed", 1)]);
    gate.open_for(2);
}

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
    assert_eq!(outcomes(&ledger), [("crashed", 1); 5]);
    assert_eq!(ledger[4].exit_status.as_deref(), Some("SIGSEGV"));
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
    assert_eq!(outcomes(&ledger), [("not_activated", 1); 2]);
    let said = |at: usize| (ledger[at].exit_status.as_deref(), ledger[at].message.as_deref());
    assert_eq!(said(0), (Some("exit 1"), Some("Error: \"no configuration\"")));
    assert_eq!(said(1), (Some("exit 101"), Some("panicked: the second start goes wrong")));
}

#[test]
fn a_server_that_never_offers_its_class_has_30_seconds() {
    let broker = TestBroker::new(TestPackage::new(FAMILY).silent_server([CLASS])).unwrap();
    let task = every_quarter().register().unwrap();
    broker.fire(&task).unwrap();
    broker.advance(Duration::from_secs(29)).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Activating));
    broker.advance(Duration::from_secs(1)).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("not_activated", 1)]);
}

#[test]
fn after_sleep_one_run_stands_for_many_firings() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let mut skips = every_quarter();
    let skips = skips.set_missed_firings(MissedFirings::Skip).set_name("Skips").register().unwrap();
    broker.sleep().unwrap();
    assert!(matches!(broker.fire(&task), Err(TestError::Asleep)));
    assert!(task.request(false).unwrap_err().to_string().contains("asleep"));
    broker.resume(4 * QUARTER + 5 * MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [("completed", 4)]);
    assert_eq!(outcomes(&broker.ledger_of(&skips)).last(), Some(&("skipped", 4)));
    assert!(matches!(broker.resume(MINUTE), Err(TestError::Awake)));
}

#[test]
fn what_a_run_says_while_the_machine_sleeps_is_heard_when_it_wakes() {
    let (gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.sleep().unwrap();
    gate.open_for(1);
    assert!(broker.ledger().is_empty());
    broker.resume(MINUTE).unwrap();
    assert_eq!(broker.run_to_completion(&task).unwrap().outcome, "completed");
}

#[test]
fn a_reboot_keeps_registrations_and_loses_runs() {
    let (_gate, package) = waits();
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    broker.pin(Fact::Internet, true).unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.reboot(MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("lost", 1)]);
    assert_eq!(BackgroundTaskRegistration::all_tasks().unwrap(), std::slice::from_ref(&task));
    broker.advance(13 * MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    broker.advance(MINUTE).unwrap();
    assert_eq!(broker.state(&task), Some(TaskState::Running), "the wall clock keeps the rhythm");
}

#[test]
fn firings_missed_while_the_machine_was_off_run_once() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    broker.reboot(DAY).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [("completed", 96)]);
}

#[test]
fn a_loss_of_power_never_takes_back_a_registration_that_was_answered() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    broker.lose_power(MINUTE).unwrap();
    assert_eq!(BackgroundTaskRegistration::all_tasks().unwrap(), std::slice::from_ref(&task));
    broker.advance(14 * MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [("completed", 1)]);
}

#[test]
fn a_loss_of_power_takes_back_what_nobody_was_told_so_that_it_runs_again() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let package = app_that_leaves(IdlePolicy::Never, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let broker = TestBroker::new(package).unwrap();
    let task = every_quarter().register().unwrap();
    // The server is up, so that nobody is answered between the firing and the run.
    broker.fire(&task).unwrap();
    broker.takes_time(&task);
    broker.advance(QUARTER).unwrap();
    broker.wait_until_idle().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    broker.lose_power(MINUTE).unwrap();
    broker.wait_until_idle().unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(outcomes(&broker.ledger()), [("completed", 1), ("lost", 1)], "its end is what nobody knew");
}

#[test]
fn what_the_test_has_read_is_not_taken_back() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    every_quarter().register().unwrap();
    broker.advance(QUARTER).unwrap();
    let before = broker.ledger();
    broker.lose_power(Duration::ZERO).unwrap();
    assert_eq!(broker.ledger(), before);
}

#[test]
fn handlers_have_been_told_when_a_verb_returns() {
    let broker = TestBroker::new(app(|instance| {
        instance.set_progress(42);
        Err("the disk is full".into())
    }))
    .unwrap();
    let task = every_quarter().register().unwrap();
    let (sender, progress) = channel();
    task.on_progress(move |_, args| sender.send(args.progress()).unwrap()).unwrap();
    let (sender, ended) = channel();
    task.on_completed(move |task, args| {
        // A handler may ask, and asks the test's broker.
        let state = task.state().unwrap();
        sender.send((args.check_result().unwrap_err().to_string(), state)).unwrap();
    })
    .unwrap();
    broker.advance(QUARTER).unwrap();
    assert_eq!(progress.try_recv(), Ok(42));
    let (error, state) = ended.try_recv().unwrap();
    assert!(error.contains("the disk is full"), "{error}");
    assert_eq!(state, TaskState::Armed);

    broker.reboot(Duration::ZERO).unwrap();
    broker.advance(QUARTER).unwrap();
    assert!(ended.try_recv().is_err(), "a program that starts anew attaches its handlers again");
}

#[test]
fn progress_can_be_waited_for() {
    let gate = Gate::default();
    let passed = gate.clone();
    let broker = TestBroker::new(app(move |instance| {
        instance.set_progress(10);
        passed.pass(instance);
        Ok(())
    }))
    .unwrap();
    let task = every_quarter().register().unwrap();
    broker.takes_time(&task);
    broker.fire(&task).unwrap();
    broker.wait_until("it has begun", |broker| broker.progress(&task) == Some(10)).unwrap();
    gate.open_for(1);
    assert_eq!(broker.run_to_completion(&task).unwrap().progress, Some(10));
}

#[test]
fn retries_come_by_the_virtual_clock() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let broker = TestBroker::new(app(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Err("not yet".into()),
        _ => Ok(()),
    }))
    .unwrap();
    let retry = Retry::exponential(MINUTE, 5);
    let task = every_quarter().set_retry(retry).register().unwrap();
    broker.fire(&task).unwrap();
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    broker.advance(5 * MINUTE).unwrap();
    assert_eq!(outcomes(&broker.ledger()), [("failed", 1), ("failed", 1), ("completed", 1)]);
}

#[test]
fn an_idle_server_leaves_by_the_virtual_clock() {
    let starts = Arc::new(AtomicU32::new(0));
    let serving = {
        let starts = Arc::clone(&starts);
        TestPackage::new(FAMILY).server([CLASS], move || {
            starts.fetch_add(1, Ordering::Relaxed);
            let server = TaskServer::new()?;
            server.register_class_object(
                CLASS,
                || Task(|_: &BackgroundTaskInstance| Ok(())),
                ClassUse::Multiple,
            )?;
            server.wait(IdlePolicy::Idle(20 * MINUTE))
        })
    };
    let broker = TestBroker::new(serving).unwrap();
    let task = every_quarter().register().unwrap();
    broker.advance(4 * QUARTER).unwrap();
    assert_eq!((broker.ledger().len(), starts.load(Ordering::Relaxed)), (4, 1));
    task.unregister(false).unwrap();
    let mut seldom = every_quarter();
    seldom.set_trigger(TimeTrigger::new(30, false)).register().unwrap();
    broker.advance(DAY).unwrap();
    assert_eq!((broker.ledger().len(), starts.load(Ordering::Relaxed)), (4 + 48, 1 + 48));
}

#[test]
fn the_user_may_deny_a_package() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let allowed = BackgroundExecutionManager::request_access().unwrap();
    assert_eq!(allowed, BackgroundAccessStatus::AllowedSubjectToSystemPolicy);
    broker.set_access(oncue::tools::Access::Denied).unwrap();
    assert_eq!(BackgroundExecutionManager::request_access().unwrap(), BackgroundAccessStatus::DeniedByUser);
    assert_eq!(task.request(true).unwrap(), RequestResult::Held);
    assert_eq!(broker.why(&task), ["denied"]);
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
    assert_eq!(end.reason.as_deref(), Some("ServicingUpdate"));
    assert_eq!(broker.state(&task), Some(TaskState::Armed));
    assert!(Package::current().unwrap().full_name().contains("2.0.0.0"));
}

#[test]
fn a_package_may_come_from_its_manifest() {
    let manifest = include_str!("../../../examples/primes/AppxManifest.xml");
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
    assert_eq!(broker.run_to_completion(&task).unwrap().outcome, "completed");
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
fn a_run_that_should_end_and_does_not_is_named() {
    let (_gate, package) = waits();
    let mut broker = TestBroker::new(package).unwrap();
    broker.set_patience(Duration::from_millis(50));
    let task = every_quarter().register().unwrap();
    let error = broker.fire(&task).unwrap_err().to_string();
    assert!(error.contains("a run of `Sample` has not ended") && error.contains("takes_time"), "{error}");
}

#[test]
fn an_app_in_the_foreground_serves_its_own_tasks() {
    let broker = TestBroker::new(TestPackage::new(FAMILY).silent_server([CLASS])).unwrap();
    let task = every_quarter().register().unwrap();
    let server = TaskServer::new().unwrap();
    let nothing = || Task(|_: &BackgroundTaskInstance| Ok(()));
    server.register_class_object(CLASS, nothing, ClassUse::Multiple).unwrap();
    broker.advance(QUARTER).unwrap();
    assert_eq!(outcomes(&broker.ledger_of(&task)), [("completed", 1)]);
}

#[test]
fn tests_in_one_process_do_not_see_each_other() {
    let triggers = ["every 15m", "every 30m", "every 45m", "every 1h"];
    let tests = (1..).zip(triggers).map(|(quarters, trigger)| {
        thread::spawn(move || {
            let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
            let task =
                every_quarter().set_trigger(TimeTrigger::new(15 * quarters, false)).register().unwrap();
            let all = BackgroundTaskRegistration::all_tasks().unwrap();
            let triggers: Vec<_> = all.iter().map(BackgroundTaskRegistration::trigger).collect();
            assert_eq!((triggers, all[0].task_id()), (vec![trigger], task.task_id()));
            broker.advance(DAY).unwrap();
            assert_eq!(broker.ledger().len(), 96 / quarters as usize);
        })
    });
    let tests: Vec<_> = tests.collect();
    tests.into_iter().for_each(|test| test.join().unwrap());
}

#[test]
fn a_thread_of_the_test_belongs_to_its_program_when_it_says_so() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let program = broker.program();
    let asked = thread::spawn(move || {
        let stranger = BackgroundTaskRegistration::all_tasks().unwrap_err();
        let own = program.within(|| BackgroundTaskRegistration::all_tasks().unwrap());
        (stranger, own)
    });
    let (stranger, own) = asked.join().unwrap();
    assert!(stranger.is_unreachable(), "a thread of nobody's does not reach the user's broker");
    assert!(stranger.to_string().contains("no program of a test"), "{stranger}");
    assert_eq!(own, [task]);
    assert!(matches!(TestBroker::new(TestPackage::new(FAMILY)), Err(TestError::Nested)));
}

#[test]
fn a_tool_sees_the_broker_of_its_test() {
    let broker = TestBroker::new(app(|_| Ok(()))).unwrap();
    let task = every_quarter().register().unwrap();
    let tool = oncue::tools::Broker::connect().unwrap();
    broker.fire(&task).unwrap();
    let tasks = tool.tasks(oncue::tools::Watched::All).unwrap();
    assert_eq!(tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["Sample"]);
    assert_eq!(tool.history(None, None, 10).unwrap(), broker.ledger());
    assert!(tool.facts().unwrap().iter().all(|fact| fact.value.is_none()));
}
