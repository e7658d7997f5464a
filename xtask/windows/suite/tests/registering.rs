//! The calls that the SDK makes when an app registers a task. The stand-in records them under the
//! names of Windows' runtime classes; it cannot show what Windows does then.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use oncue::{
    ApplicationData, BackgroundAccessStatus, BackgroundExecutionManager, BackgroundTaskBuilder,
    BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, Cancel, Code, Guid, OneShot, Package,
    RegisterResult, SystemCondition, SystemConditionType as Type, TimeTrigger,
};
use windows_suite::{calls, clear, local_folder, refuse, sample, setting, without_identity};

/// The class that the sample's manifest declares.
const SAMPLE: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);

/// The calls that one registration of the sample's task makes, including the request for access.
const REGISTERED: [&str; 9] = [
    "BackgroundExecutionManager.RequestAccessAsync()",
    "BackgroundTaskBuilder()",
    "BackgroundTaskBuilder.Name = SampleTask",
    "BackgroundTaskBuilder.SetTaskEntryPointClsid(14C5882B-35D3-41BE-86B2-5106269B97E6)",
    "TimeTrigger(15, false)",
    "BackgroundTaskBuilder.SetTrigger(TimeTrigger(15, false))",
    "SystemCondition(3)",
    "BackgroundTaskBuilder.AddCondition(SystemCondition(3))",
    "BackgroundTaskBuilder.Register()",
];

fn sample_task() -> BackgroundTaskBuilder {
    let mut builder = BackgroundTaskBuilder::new();
    builder
        .set_name("SampleTask")
        .set_task_entry_point_clsid(SAMPLE)
        .set_trigger(TimeTrigger::new(15, OneShot::No))
        .add_condition(SystemCondition::new(Type::InternetAvailable));
    builder
}

fn names() -> Vec<String> {
    let tasks = BackgroundTaskRegistration::all_tasks().unwrap();
    tasks.iter().map(|task| format!("{}: {}", task.name(), task.trigger())).collect()
}

#[test]
fn a_task_is_registered_as_the_documentation_has_it() {
    clear().unwrap();
    let task = sample_task().register().unwrap();
    assert_eq!(calls().unwrap(), REGISTERED);
    assert_eq!((task.name(), task.trigger().to_string()), ("SampleTask", "every 15m".to_owned()));
    assert_eq!(names(), ["SampleTask: every 15m"]);
}

#[test]
fn the_sample_registers_its_task_once() {
    clear().unwrap();
    for _ in 0..2 {
        let ran = Command::new(sample()).arg("-RegisterSampleTask").output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        assert!(ran.stdout.starts_with(b"SampleTask is registered as "), "{ran:?}");
    }
    let calls = calls().unwrap();
    let (looked, registered) = calls.split_at(2);
    assert_eq!(looked, ["BackgroundTaskRegistration.AllTasks", "BackgroundTaskRegistration.AllTaskGroups"]);
    assert_eq!(registered[..REGISTERED.len()], REGISTERED);
    assert_eq!(calls.iter().filter(|call| call.ends_with("Register()")).count(), 1, "{calls:?}");
}

#[test]
fn a_task_that_is_kept_is_not_registered_again() {
    clear().unwrap();
    let (first, result) = sample_task().register_or_keep().unwrap();
    assert_eq!(result, RegisterResult::New);
    let (second, result) = sample_task().register_or_keep().unwrap();
    assert_eq!(result, RegisterResult::Kept);
    assert_eq!(first.task_id(), second.task_id());
    assert_eq!(names().len(), 1);
}

#[test]
fn a_task_that_is_replaced_goes_only_after_the_new_one_has_come() {
    clear().unwrap();
    sample_task().register().unwrap();
    let mut other = sample_task();
    other.set_trigger(TimeTrigger::new(60, OneShot::Yes));
    refuse(0x8007_0057).unwrap();
    let refused = other.register_or_replace().unwrap_err();
    assert_eq!((refused.code(), refused.hresult()), (Some(Code::InvalidArgument), 0x8007_0057));
    assert_eq!(names(), ["SampleTask: every 15m"], "the old one is still there");

    std::fs::remove_file(setting("ONCUE_STAND_IN").join("refusal.txt")).unwrap();
    let (_, result) = other.register_or_replace().unwrap();
    assert!(matches!(result, RegisterResult::Replaced(_)), "{result:?}");
    assert_eq!(names(), ["SampleTask: once 1h"]);
    let calls = calls().unwrap();
    let place = |wanted: &str| calls.iter().rposition(|call| call == wanted).unwrap();
    let (registered, gone) = (
        place("BackgroundTaskBuilder.Register()"),
        place("BackgroundTaskRegistration(SampleTask).Unregister(false)"),
    );
    assert!(registered < gone, "{calls:#?}");
}

#[test]
fn a_task_of_a_group_is_found_in_its_group() {
    clear().unwrap();
    let group = BackgroundTaskRegistrationGroup::with_name("com.contoso.sync", "Sync");
    let mut grouped = sample_task();
    grouped.set_task_group(&group).register_or_keep().unwrap();
    // A name is only looked up in its own group.
    let (_, result) = sample_task().register_or_keep().unwrap();
    assert_eq!(result, RegisterResult::New);
    let (_, result) = grouped.register_or_keep().unwrap();
    assert_eq!(result, RegisterResult::Kept);
    let calls = calls().unwrap();
    for call in [
        "BackgroundTaskRegistrationGroup(com.contoso.sync, Sync)",
        "BackgroundTaskBuilder.TaskGroup = com.contoso.sync",
    ] {
        assert!(calls.iter().any(|made| made == call), "{call}: {calls:#?}");
    }
    let group = BackgroundTaskRegistration::get_task_group("com.contoso.sync").unwrap().unwrap();
    assert_eq!((group.name(), group.all_tasks().unwrap().len()), ("Sync", 1));
    assert_eq!(names(), ["SampleTask: every 15m"], "the other one");
}

#[test]
fn whether_runs_are_cancelled_is_passed_on_when_a_task_is_unregistered() {
    clear().unwrap();
    for (cancel, passed) in [(Cancel::Yes, true), (Cancel::No, false)] {
        sample_task().register().unwrap().unregister(cancel).unwrap();
        let last = format!("BackgroundTaskRegistration(SampleTask).Unregister({passed})");
        assert_eq!(calls().unwrap().last(), Some(&last));
    }
    assert!(names().is_empty());
}

#[test]
fn every_condition_and_its_loss_are_asked_for_by_windows_numbers() {
    clear().unwrap();
    let kinds = [
        Type::UserPresent,
        Type::UserNotPresent,
        Type::InternetAvailable,
        Type::InternetNotAvailable,
        Type::SessionConnected,
        Type::SessionDisconnected,
        Type::FreeNetworkAvailable,
        Type::BackgroundWorkCostNotHigh,
    ];
    let mut builder = BackgroundTaskBuilder::new();
    builder
        .set_name("all")
        .set_task_entry_point_clsid(SAMPLE)
        .set_trigger(TimeTrigger::new(43_199, OneShot::Yes));
    for kind in kinds {
        builder.add_condition(SystemCondition::new(kind));
    }
    builder.set_cancel_on_condition_loss(true).register().unwrap();
    let calls = calls().unwrap();
    let added: Vec<&String> = calls.iter().filter(|call| call.contains("AddCondition")).collect();
    let wanted: Vec<String> = (1..=8)
        .map(|number| format!("BackgroundTaskBuilder.AddCondition(SystemCondition({number}))"))
        .collect();
    assert_eq!(added, wanted.iter().collect::<Vec<_>>());
    assert!(calls.contains(&"BackgroundTaskBuilder.CancelOnConditionLoss = true".to_owned()), "{calls:#?}");
}

#[test]
fn what_windows_would_refuse_is_refused_before_it_is_asked() {
    clear().unwrap();
    let mut short = sample_task();
    short.set_trigger(TimeTrigger::new(14, OneShot::No));
    let refused = short.register().unwrap_err();
    assert_eq!(refused.code(), Some(Code::InvalidArgument), "{refused}");
    assert!(refused.to_string().contains("14"), "{refused}");
    assert!(calls().unwrap().is_empty());
}

#[test]
fn a_process_without_package_identity_is_told_so_with_a_way_out() {
    clear().unwrap();
    without_identity().unwrap();
    let errors = [
        BackgroundTaskRegistration::all_tasks().unwrap_err(),
        sample_task().register().unwrap_err(),
        Package::current().unwrap_err(),
        ApplicationData::current().unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_no_identity(), "{error}");
        assert!(error.way_out().is_some(), "{error}");
    }
}

#[test]
fn package_local_folder_and_access_are_windows_own() {
    clear().unwrap();
    let package = Package::current().unwrap();
    assert_eq!(package.family_name(), "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt");
    assert_eq!(ApplicationData::current().unwrap().local_folder(), local_folder());
    let allowed = BackgroundAccessStatus::AllowedSubjectToSystemPolicy;
    assert_eq!(BackgroundExecutionManager::request_access().unwrap(), allowed);
    assert_eq!(BackgroundExecutionManager::get_access_status().unwrap(), allowed);
}

#[test]
fn who_listens_is_added_to_the_registration_and_taken_away() {
    clear().unwrap();
    let task = sample_task().register().unwrap();
    let progress = task.on_progress(|_, _| ()).unwrap();
    let completed = task.on_completed(|_, _| ()).unwrap();
    drop(progress);
    let token = completed.keep();
    assert!(task.remove_handler(token));
    assert!(!task.remove_handler(token), "it is gone already");
    let calls = calls().unwrap();
    let heard: Vec<&str> =
        calls.iter().filter_map(|call| call.split_once(").")).map(|(_, call)| call).collect();
    let wanted =
        ["Progress += handler", "Completed += handler", "Progress -= handler", "Completed -= handler"];
    let events: Vec<&str> = heard.into_iter().filter(|call| call.contains("handler")).collect();
    assert_eq!(events, wanted);
}
