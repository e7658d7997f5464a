//! The triggers of a task.

mod application;
mod bus;
mod calendar;
mod custom;
mod device;
mod maintenance;
mod path;
mod period;
mod push;
mod registered;
mod startup;
mod system;
mod time;

pub use application::{ApplicationTrigger, ApplicationTriggerResult};
pub use bus::{Bus, BusSignalTrigger};
pub use calendar::CalendarTrigger;
pub use custom::{CustomSystemEventTrigger, CustomSystemEventTriggerRecurrence};
pub use device::{DeviceAction, DeviceTrigger};
pub use maintenance::MaintenanceTrigger;
pub use path::{PathTrigger, StorageLibraryContentChangedTrigger};
pub use period::OneShot;
pub use push::PushNotificationTrigger;
pub use registered::{Trigger, TriggerKind};
pub use startup::StartupTrigger;
pub use system::{SystemTrigger, SystemTriggerType};
pub use time::TimeTrigger;

/// A trigger, which wakes a task; each task has exactly one.
///
/// Microsoft: *IBackgroundTrigger Interface (Windows.ApplicationModel.Background)*.
/// Only the triggers of this crate implement it. A trigger that the host does not support is
/// refused by name at [`register`](crate::BackgroundTaskBuilder::register). On Windows, tasks with
/// a class id can only have a [`TimeTrigger`].
pub trait BackgroundTrigger: sealed::Meaning {}

pub(crate) mod sealed {
    //! What only this crate can know about a trigger.

    use oncue_types::{Trigger, TriggerError};

    /// Converts to a trigger of the vocabulary.
    pub trait Meaning {
        /// Returns the trigger.
        ///
        /// # Errors
        /// Returns an error if the trigger exists only on Windows.
        fn meaning(&self) -> Result<Trigger, TriggerError>;
    }
}

/// Implements the traits for a type, with the trigger of the vocabulary that it stands for.
macro_rules! trigger {
    ($name:ident, $trigger:ident => $meaning:expr) => {
        impl crate::trigger::BackgroundTrigger for $name {}

        impl crate::trigger::sealed::Meaning for $name {
            fn meaning(&self) -> Result<oncue_types::Trigger, oncue_types::TriggerError> {
                let $trigger = self;
                Ok($meaning)
            }
        }
    };
}
use trigger;

#[cfg(test)]
mod tests {
    use oncue_types::TriggerError;

    use super::sealed::Meaning;
    use super::*;

    #[test]
    fn every_trigger_means_what_the_broker_reads() {
        let recurrence = CustomSystemEventTriggerRecurrence::Once;
        let triggers: [(&dyn Meaning, &str); 19] = [
            (&TimeTrigger::new(90, OneShot::No), "every 1h30m"),
            (&TimeTrigger::new(15, OneShot::Yes), "once 15m"),
            (&MaintenanceTrigger::new(60, OneShot::No), "maintenance every 1h"),
            (&MaintenanceTrigger::new(15, OneShot::Yes), "maintenance once 15m"),
            (&CalendarTrigger::on_calendar("Mon..Fri 9:00"), "calendar Mon..Fri 9:00"),
            (&CalendarTrigger::cron("*/5 * * * *"), "cron */5 * * * *"),
            (&SystemTrigger::new(SystemTriggerType::InternetAvailable, OneShot::No), "on internet-available"),
            (
                &SystemTrigger::new(SystemTriggerType::ServicingComplete, OneShot::Yes),
                "on servicing-complete once",
            ),
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
            let meaning = trigger.meaning().unwrap();
            assert_eq!(meaning.to_string(), text);
            assert_eq!(text.parse(), Ok(meaning));
        }
    }

    #[test]
    fn an_event_that_only_windows_has_is_refused_by_name() {
        let trigger = SystemTrigger::new(SystemTriggerType::SmsReceived, OneShot::No);
        let refused = trigger.meaning().unwrap_err();
        assert!(matches!(&refused, TriggerError::Unsupported { name, .. } if name == "sms-received"));
        assert_eq!("on sms-received".parse::<oncue_types::Trigger>(), Err(refused));
    }
}
