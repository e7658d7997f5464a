//! Every kind of trigger can be made to fire.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use oncue::testing::{Fact, Reading, TestBroker, TestError};
use oncue::{
    ApplicationTrigger, BackgroundTaskRegistration, BackgroundTrigger, CalendarTrigger,
    CustomSystemEventTrigger, CustomSystemEventTriggerRecurrence, MaintenanceTrigger, OneShot, PathTrigger,
    StartupTrigger, SystemTrigger, SystemTriggerType, raise_custom_system_event,
};

use crate::app::{DAY, MINUTE, QUARTER, app, every_quarter};

/// A machine with one task, and what its runs receive.
struct Told {
    broker: TestBroker,
    task: BackgroundTaskRegistration,
    told: Receiver<Vec<String>>,
}

impl Told {
    fn by(trigger: impl BackgroundTrigger) -> Self {
        let (sender, told) = channel();
        let sender = Mutex::new(sender);
        let package =
            app(move |instance| Ok(sender.lock().unwrap().send(instance.trigger_details().items.clone())?));
        let broker = TestBroker::new(package).unwrap();
        let task = every_quarter().set_trigger(trigger).register().unwrap();
        Self { broker, task, told }
    }

    /// Whether it has run once since the last call, and what it received.
    fn ran(&self) -> Option<Vec<String>> {
        let ran = self.told.try_recv().ok();
        assert!(self.told.try_recv().is_err(), "it runs once");
        ran
    }
}

#[test]
fn a_source_notices_what_it_looks_out_for_after_a_reboot_too() {
    let watches = Told::by(PathTrigger::new("/etc/hosts"));
    watches.broker.notice(&watches.task, &["/etc/hosts"]).unwrap();
    assert_eq!(watches.ran(), Some(vec!["/etc/hosts".to_owned()]));
    watches.broker.reboot(Duration::ZERO).unwrap();
    assert_eq!(watches.ran(), None);
    watches.broker.notice(&watches.task, &[]).unwrap();
    assert_eq!(watches.ran(), Some(vec![]));
}

#[test]
fn a_source_notices_nothing_for_a_task_that_waits_for_the_clock() {
    let waits = Told::by(StartupTrigger::new());
    assert!(matches!(waits.broker.notice(&waits.task, &[]), Err(TestError::NotWatched { .. })));
}

#[test]
fn an_event_is_raised_by_its_name_by_the_app_and_by_the_user() {
    let always = CustomSystemEventTriggerRecurrence::Always;
    let waits = Told::by(CustomSystemEventTrigger::new("backup-disk", always));
    waits.broker.signal("another", &[]).unwrap();
    assert_eq!(waits.ran(), None);
    waits.broker.signal("backup-disk", &["sdb1"]).unwrap();
    assert_eq!(waits.ran(), Some(vec!["sdb1".to_owned()]));
    assert_eq!(raise_custom_system_event("backup-disk", ["sdc1"]).unwrap(), 1);
    waits.broker.wait_until_idle().unwrap();
    assert_eq!(waits.ran(), Some(vec!["sdc1".to_owned()]));
}

#[test]
fn an_app_asks_for_its_own_task() {
    let waits = Told::by(ApplicationTrigger::new());
    ApplicationTrigger::request(&waits.task, ["holiday.jpg"]).unwrap();
    waits.broker.wait_until_idle().unwrap();
    assert_eq!(waits.ran(), Some(vec!["holiday.jpg".to_owned()]));
}

#[test]
fn a_session_begins_with_a_reboot() {
    let waits = Told::by(StartupTrigger::new());
    waits.broker.advance(DAY).unwrap();
    assert_eq!(waits.ran(), None);
    waits.broker.reboot(MINUTE).unwrap();
    assert!(waits.ran().is_some());
}

#[test]
fn a_pinned_fact_is_an_event_when_it_changes() {
    let waits = Told::by(SystemTrigger::new(SystemTriggerType::InternetAvailable, OneShot::No));
    waits.broker.pin(Fact::Internet, false).unwrap();
    assert_eq!(waits.ran(), None);
    waits.broker.pin(Fact::Internet, true).unwrap();
    assert!(waits.ran().is_some());
}

#[test]
fn maintenance_waits_for_external_power() {
    let waits = Told::by(MaintenanceTrigger::new(15, OneShot::No));
    waits.broker.pin(Fact::OnAc, false).unwrap();
    waits.broker.advance(QUARTER).unwrap();
    assert_eq!(waits.ran(), None);
    assert_eq!(waits.broker.why(&waits.task), ["ac"]);
    waits.broker.pin(Fact::OnAc, true).unwrap();
    assert!(waits.ran().is_some());
}

#[test]
fn a_fact_has_only_values_that_it_can_have() {
    let waits = Told::by(StartupTrigger::new());
    let wrong = waits.broker.pin(Fact::Battery, true).unwrap_err();
    assert!(matches!(wrong, TestError::Value { .. }), "{wrong}");
    waits.broker.pin(Fact::Battery, Reading::Percent(20)).unwrap();
}

#[test]
fn a_schedule_goes_by_the_zone_of_the_machine() {
    // The first day of 2030 is a Tuesday; it begins at 00:00 UTC.
    let waits = Told::by(CalendarTrigger::on_calendar("*-*-* 9:00"));
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    waits.broker.advance(hours(9)).unwrap();
    assert!(waits.ran().is_some());
    waits.broker.set_time_zone("Asia/Tokyo").unwrap();
    waits.broker.advance(hours(15)).unwrap();
    assert!(waits.ran().is_some(), "9:00 in Tokyo is midnight in UTC");
    let nowhere = waits.broker.set_time_zone("Atlantis/Capital").unwrap_err();
    assert!(nowhere.to_string().contains("Atlantis/Capital"), "{nowhere}");
}

#[test]
fn a_clock_that_is_set_moves_schedules_and_no_spans() {
    let waits = Told::by(CalendarTrigger::cron("0 12 * * *"));
    let span = every_quarter().set_name("Span").register().unwrap();
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000) + DAY / 2;
    waits.broker.set_clock(noon - MINUTE).unwrap();
    waits.broker.advance(MINUTE).unwrap();
    assert_eq!(waits.broker.ledger_of(&waits.task).len(), 1);
    assert!(waits.broker.ledger_of(&span).is_empty());
    waits.broker.advance(14 * MINUTE).unwrap();
    assert_eq!(waits.broker.ledger_of(&span).len(), 1);
}
