//! The triggers of a task.

mod application;
mod bus;
mod calendar;
mod custom;
mod device;
mod maintenance;
mod path;
mod push;
mod startup;
mod system;
mod time;

pub use application::{ApplicationTrigger, ApplicationTriggerResult};
pub use bus::{Bus, BusSignalTrigger};
pub use calendar::CalendarTrigger;
pub use custom::{CustomSystemEventTrigger, CustomSystemEventTriggerRecurrence, raise_custom_system_event};
pub use device::{DeviceAction, DeviceTrigger};
pub use maintenance::MaintenanceTrigger;
pub use path::{PathTrigger, StorageLibraryContentChangedTrigger};
pub use push::PushNotificationTrigger;
pub use startup::StartupTrigger;
pub use system::{SystemTrigger, SystemTriggerType};
pub use time::TimeTrigger;

/// A trigger, which wakes a task; each task has exactly one.
///
/// Microsoft: *IBackgroundTrigger Interface (Windows.ApplicationModel.Background)*.
/// Only the triggers of this crate implement it. A trigger that the host does not support is
/// refused by name at [`register`](crate::BackgroundTaskBuilder::register). On Windows, tasks with
/// a class id can only have a [`TimeTrigger`].
pub trait BackgroundTrigger: sealed::Text {}

pub(crate) mod sealed {
    //! What only this crate can know about a trigger.

    /// The trigger in the text form that the broker parses.
    pub trait Text {
        /// Returns the text.
        fn text(&self) -> String;
    }
}

/// Implements the trait for a type, with the text that the broker parses.
macro_rules! trigger {
    ($name:ident, $trigger:ident => $text:expr) => {
        impl crate::trigger::BackgroundTrigger for $name {}

        impl crate::trigger::sealed::Text for $name {
            fn text(&self) -> String {
                let $trigger = self;
                $text
            }
        }
    };
}
use trigger;

/// Appends `once` to the text of a trigger that fires once.
fn once(text: String, once: bool) -> String {
    if once { text + " once" } else { text }
}

#[cfg(test)]
mod tests {
    use super::sealed::Text;
    use super::*;

    /// The core parses the same texts in the tests of its `trigger/text.rs`.
    #[test]
    fn every_trigger_is_told_in_the_brokers_words() {
        let recurrence = CustomSystemEventTriggerRecurrence::Once;
        let triggers: [(&dyn Text, &str); 20] = [
            (&TimeTrigger::new(90, false), "every 90m"),
            (&TimeTrigger::new(15, true), "once 15m"),
            (&MaintenanceTrigger::new(60, false), "maintenance every 60m"),
            (&MaintenanceTrigger::new(15, true), "maintenance once 15m"),
            (&CalendarTrigger::on_calendar("Mon..Fri 9:00"), "calendar Mon..Fri 9:00"),
            (&CalendarTrigger::cron("*/5 * * * *"), "cron */5 * * * *"),
            (&SystemTrigger::new(SystemTriggerType::InternetAvailable, false), "on internet-available"),
            (&SystemTrigger::new(SystemTriggerType::ServicingComplete, true), "on servicing-complete once"),
            (&SystemTrigger::new(SystemTriggerType::SmsReceived, false), "on sms-received"),
            (&ApplicationTrigger::new(), "application"),
            (&CustomSystemEventTrigger::new("contoso.ready", recurrence), "signal contoso.ready once"),
            (&StartupTrigger::new(), "startup"),
            (&PathTrigger::new("/etc/hosts"), "path /etc/hosts"),
            (&StorageLibraryContentChangedTrigger::create("/home/ann/My Photos"), "tree /home/ann/My Photos"),
            (&DeviceTrigger::new("usb"), "device usb"),
            (&DeviceTrigger::on("block", DeviceAction::Added), "device block added"),
            (&DeviceTrigger::on("block", DeviceAction::Removed), "device block removed"),
            (&DeviceTrigger::on("block", DeviceAction::Changed), "device block changed"),
            (&BusSignalTrigger::new(Bus::System, "type='signal'"), "bus system type='signal'"),
            (&PushNotificationTrigger::new(), "push"),
        ];
        for (trigger, text) in triggers {
            assert_eq!(trigger.text(), text);
        }
    }
}
