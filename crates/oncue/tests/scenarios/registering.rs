//! Registering tasks: what the broker receives, and what its answers become.

use std::time::Duration;

use oncue::{
    ApplicationData, BackgroundAccessStatus, BackgroundExecutionManager, BackgroundTaskBuilder,
    BackgroundTaskRegistration, Cancel, Code, Force, HoldEnd, MissedFirings, OneShot, Package,
    RegisterResult, RequestResult, Retry, SystemCondition, SystemConditionType, TaskState, TimeTrigger,
    TriggerKind,
};
use oncue_types::Wall;
use oncue_wire::{Fired, Identity, Registered, RunState, TaskInfo, TaskSpec, Watched, Word};

use super::fake_broker::{CLASS, FIRST, FakeBroker, TASK, is_app, read};

fn sample() -> BackgroundTaskBuilder {
    let mut builder = BackgroundTaskBuilder::new();
    builder
        .set_name("SampleTask")
        .set_task_entry_point_clsid(CLASS)
        .set_trigger(TimeTrigger::new(15, OneShot::No));
    builder
}

fn spec(mode: &str) -> TaskSpec {
    TaskSpec {
        name: "SampleTask".into(),
        class_id: CLASS.into(),
        trigger: Word::read("every 15m"),
        mode: Word::read(mode),
        ..TaskSpec::default()
    }
}

pub(crate) fn info(task_id: &str, state: &str) -> TaskInfo {
    TaskInfo {
        task_id: task_id.parse().unwrap(),
        name: "SampleTask".into(),
        package: "Contoso.Sample_8wekyb3d8bbwe".into(),
        class_id: CLASS,
        trigger: Word::read("every 20m"),
        state: Word::read(state),
        next_due: Some(Wall(1)),
        ..TaskInfo::default()
    }
}

fn registered(how: &str) -> Registered {
    let changed = if how == "replaced" { vec!["trigger".into(), "policy".into()] } else { Vec::new() };
    Registered { task_id: TASK.parse().unwrap(), how: Word::read(how), changed }
}

#[test]
fn a_task_is_told_in_the_brokers_words() {
    if is_app() {
        let task = BackgroundTaskBuilder::new()
            .set_name("SampleTask")
            .set_task_entry_point_clsid(CLASS)
            .set_trigger(TimeTrigger::new(43_199, OneShot::Yes))
            .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
            .add_condition(SystemCondition::new(SystemConditionType::UserNotPresent))
            .set_cancel_on_condition_loss(true)
            .set_missed_firings(MissedFirings::Skip)
            .set_slack(Duration::from_secs(30))
            .set_grace(Duration::from_millis(250))
            .set_time_limit(Duration::from_secs(5_400))
            .hold_at_most(Duration::from_secs(86_400), HoldEnd::Run)
            .set_retry(Retry::linear(Duration::from_secs(30), 5))
            .register()
            .unwrap();
        assert_eq!((task.name(), task.trigger().to_string()), ("SampleTask", "once 29d23h59m".to_owned()));
        assert_eq!(task.task_id().to_string(), TASK);
        return;
    }
    let broker = FakeBroker::with_app("registering::a_task_is_told_in_the_brokers_words", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    assert_eq!(
        read::<TaskSpec>(&call),
        TaskSpec {
            trigger: Word::read("once 29d23h59m"),
            condition: Some(Word::read("internet and user-not-present")),
            policy: Some(Word::read(
                "missed=skip cancel-on-loss run-after=1d slack=30s time-limit=1h30m grace=250ms \
                 retry=linear:30s:5"
            )),
            ..spec("always")
        }
    );
    peer.answer(&call, &(registered("new"),));
    broker.app_succeeds();
}

#[test]
fn what_is_missing_is_named_before_anybody_is_asked() {
    let mut builder = BackgroundTaskBuilder::new();
    for field in ["name", "class id", "trigger"] {
        let error = builder.register().unwrap_err();
        assert!(error.is_invalid_argument() && error.is_refused());
        assert!(error.to_string().starts_with(&format!("the task has no {field}")), "{error}");
        match field {
            "name" => builder.set_name("SampleTask"),
            _ => builder.set_task_entry_point_clsid(CLASS),
        };
    }
}

#[test]
fn a_name_with_a_zero_byte_is_refused_before_anybody_is_asked() {
    let error = sample().set_name("a\0b").register().unwrap_err();
    assert!(error.is_invalid_argument(), "{error}");
}

#[test]
fn keeping_and_replacing_say_what_they_did() {
    if is_app() {
        let (task, result) = sample().register_or_keep().unwrap();
        assert_eq!((task.trigger().to_string(), result), ("every 20m".to_owned(), RegisterResult::Kept));
        let (task, result) = sample().register_or_replace().unwrap();
        assert_eq!(task.trigger().to_string(), "every 15m");
        let RegisterResult::Replaced(changes) = result else { panic!("{result:?}") };
        assert!(changes.trigger && changes.policy && !changes.class && !changes.condition, "{changes:?}");
        assert_eq!(changes.to_string(), "trigger, policy");
        return;
    }
    let broker = FakeBroker::with_app("registering::keeping_and_replacing_say_what_they_did", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    assert_eq!(read::<TaskSpec>(&call), spec("keep"));
    peer.answer(&call, &(registered("kept"),));
    let call = peer.expect("Find");
    peer.answer(&call, &vec![info(TASK, "armed")]);
    let call = peer.expect("Register");
    assert_eq!(read::<TaskSpec>(&call), spec("replace"));
    peer.answer(&call, &(registered("replaced"),));
    broker.app_succeeds();
}

#[test]
fn all_tasks_come_in_pages() {
    let id = |number: u32| format!("00000000-0000-8000-8000-{number:012x}");
    if is_app() {
        let tasks = BackgroundTaskRegistration::all_tasks().unwrap();
        assert_eq!(tasks.len(), 2_001);
        assert_eq!(tasks[2_000].task_id().to_string(), id(2_000));
        return;
    }
    let broker = FakeBroker::with_app("registering::all_tasks_come_in_pages", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Tasks");
    assert_eq!(read::<(Watched, String, u32)>(&call), (Watched::Own, String::new(), 2_000));
    peer.answer(&call, &(0..2_000).map(|number| info(&id(number), "armed")).collect::<Vec<_>>());
    let call = peer.expect("Tasks");
    assert_eq!(read::<(Watched, String, u32)>(&call).1, id(1_999));
    peer.answer(&call, &vec![info(&id(2_000), "armed")]);
    broker.app_succeeds();
}

#[test]
fn a_registered_task_is_steered() {
    if is_app() {
        let task = sample().register().unwrap();
        assert_eq!(task.state().unwrap(), TaskState::Held);
        assert_eq!(task.state().unwrap(), TaskState::Quarantined);
        assert_eq!(task.request(Force::Yes).unwrap(), RequestResult::Started);
        task.unregister(Cancel::Yes).unwrap();
        assert_eq!(task.state().unwrap_err().code(), Some(Code::UnknownTask));
        return;
    }
    let broker = FakeBroker::with_app("registering::a_registered_task_is_steered", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    peer.answer(&call, &(registered("new"),));
    let call = peer.expect("Find");
    peer.answer(&call, &vec![info(TASK, "held")]);
    let call = peer.expect("Find");
    peer.answer(&call, &vec![info(TASK, "quarantined")]);
    let call = peer.expect("Fire");
    assert_eq!(read::<(String, bool)>(&call), (TASK.to_owned(), true));
    let (state, instance_id) = (RunState::Started.into(), FIRST.parse().ok());
    let (failing, blocked) = (Vec::new(), Vec::new());
    peer.answer(&call, &(Fired { task_id: TASK.parse().unwrap(), state, instance_id, failing, blocked },));
    let call = peer.expect("Unregister");
    assert_eq!(read::<(String, bool)>(&call), (TASK.to_owned(), true));
    peer.answer(&call, &());
    let call = peer.expect("Find");
    peer.answer(&call, &Vec::<TaskInfo>::new());
    broker.app_succeeds();
}

#[test]
fn words_of_a_newer_broker_are_neither_lost_nor_mistaken() {
    if is_app() {
        let task = BackgroundTaskRegistration::all_tasks().unwrap().remove(0);
        let trigger = task.trigger();
        assert_eq!((trigger.to_string().as_str(), trigger.kind()), ("moonrise full", TriggerKind::Unknown));
        assert!(trigger.period().is_none() && !trigger.is_one_shot());
        assert_eq!(task.request(Force::No).unwrap(), RequestResult::Other);
        return;
    }
    let broker =
        FakeBroker::with_app("registering::words_of_a_newer_broker_are_neither_lost_nor_mistaken", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Tasks");
    peer.answer(&call, &vec![TaskInfo { trigger: Word::read("moonrise full"), ..info(TASK, "armed") }]);
    let call = peer.expect("Fire");
    assert_eq!(read::<(String, bool)>(&call), (TASK.to_owned(), false));
    let (state, instance_id) = (Word::read("postponed"), FIRST.parse().ok());
    let (failing, blocked) = (Vec::new(), Vec::new());
    peer.answer(&call, &(Fired { task_id: TASK.parse().unwrap(), state, instance_id, failing, blocked },));
    broker.app_succeeds();
}

#[test]
fn a_refusal_keeps_what_the_broker_said() {
    if is_app() {
        let error = sample().register().unwrap_err();
        assert!(error.is_refused() && error.is_quota() && !error.is_unreachable());
        assert_eq!(error.to_string(), "1000 tasks, the limit is 1000");
        assert_eq!(error.way_out(), Some("unregister some"));
        let error = sample().register().unwrap_err();
        assert!(error.is_no_identity());
        assert_eq!(error.hresult(), 0x8007_0490);
        return;
    }
    let broker = FakeBroker::with_app("registering::a_refusal_keeps_what_the_broker_said", &[]);
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    peer.refuse(&call, Code::NotEnoughQuota, "1000 tasks, the limit is 1000", "unregister some");
    let call = peer.expect("Register");
    peer.refuse(&call, Code::NoIdentity, "no package", "");
    broker.app_succeeds();
}

fn identity(local_folder: &str, access: &str) -> Identity {
    Identity {
        family_name: "Contoso.Sample_8wekyb3d8bbwe".into(),
        full_name: "Contoso.Sample_1.0.0.0_x64__8wekyb3d8bbwe".into(),
        location: "/opt/sample".into(),
        local_folder: local_folder.into(),
        access: Word::read(access),
    }
}

#[test]
fn an_app_learns_what_the_user_allows() {
    if is_app() {
        let asked = BackgroundExecutionManager::request_access().unwrap();
        assert_eq!(asked, BackgroundAccessStatus::AlwaysAllowed);
        let now = BackgroundExecutionManager::get_access_status().unwrap();
        assert_eq!(now, BackgroundAccessStatus::DeniedByUser);
        BackgroundExecutionManager::remove_access().unwrap();
        let error = BackgroundExecutionManager::request_access().unwrap_err();
        assert!(error.is_no_identity(), "{error}");
        return;
    }
    let broker = FakeBroker::with_app("registering::an_app_learns_what_the_user_allows", &[]);
    let mut peer = broker.accept();
    for access in ["always", "denied"] {
        let call = peer.expect("Identity");
        peer.answer(&call, &(identity("/data/sample", access),));
    }
    let call = peer.expect("Identity");
    peer.refuse(&call, Code::NoIdentity, "no package", "");
    broker.app_succeeds();
}

#[test]
fn the_local_folder_is_made() {
    if is_app() {
        let package = Package::current().unwrap();
        assert_eq!(package.family_name(), "Contoso.Sample_8wekyb3d8bbwe");
        assert!(ApplicationData::current().unwrap().local_folder().is_dir());
        return;
    }
    let broker = FakeBroker::with_app("registering::the_local_folder_is_made", &[]);
    let mut peer = broker.accept();
    let local_folder = broker.home().join("data/LocalState");
    let identity = identity(local_folder.to_str().unwrap(), "policy");
    for _ in 0..2 {
        let call = peer.expect("Identity");
        peer.answer(&call, &(identity.clone(),));
    }
    broker.app_succeeds();
}

#[test]
fn the_next_question_after_a_break_connects_anew() {
    if is_app() {
        let error = sample().register().unwrap_err();
        assert!(error.is_unreachable(), "{error}");
        sample().register().unwrap();
        return;
    }
    let broker = FakeBroker::with_app("registering::the_next_question_after_a_break_connects_anew", &[]);
    let mut peer = broker.accept();
    peer.expect("Register");
    peer.hang_up();
    let mut peer = broker.accept();
    let call = peer.expect("Register");
    peer.answer(&call, &(registered("new"),));
    broker.app_succeeds();
}
