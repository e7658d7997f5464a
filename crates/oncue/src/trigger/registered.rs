//! The trigger of a registered task.

use std::fmt;
use std::time::Duration;

use oncue_types::{Trigger as Known, Watch};
use oncue_wire::Word;

use super::BackgroundTrigger;

/// The trigger of a registered task.
///
/// `Display` writes the form that `oncue` shows, such as `every 15m` or `on internet-available`.
///
/// ```no_run
/// use std::time::Duration;
///
/// use oncue::{BackgroundTaskRegistration, TimeTrigger, TriggerKind};
///
/// # fn main() -> Result<(), oncue::Error> {
/// for task in BackgroundTaskRegistration::all_tasks()? {
///     let trigger = task.trigger();
///     if trigger.kind() == TriggerKind::Time && !trigger.is_one_shot() {
///         println!("{} runs every {:?}", task.name(), trigger.period());
///     }
///     if trigger.is(&TimeTrigger::every(Duration::from_secs(15 * 60))) {
///         println!("{} runs as often as it may", task.name());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Trigger(Word<Known>);

/// The kind of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TriggerKind {
    /// A [`TimeTrigger`](crate::TimeTrigger).
    Time,
    /// A [`MaintenanceTrigger`](crate::MaintenanceTrigger).
    Maintenance,
    /// A [`CalendarTrigger`](crate::CalendarTrigger).
    Calendar,
    /// A [`SystemTrigger`](crate::SystemTrigger).
    System,
    /// An [`ApplicationTrigger`](crate::ApplicationTrigger).
    Application,
    /// A [`CustomSystemEventTrigger`](crate::CustomSystemEventTrigger).
    CustomSystemEvent,
    /// A [`StartupTrigger`](crate::StartupTrigger).
    Startup,
    /// The end of another command's run; only commands have it: `oncue add --after`.
    After,
    /// A [`PathTrigger`](crate::PathTrigger).
    Path,
    /// A [`StorageLibraryContentChangedTrigger`](crate::StorageLibraryContentChangedTrigger).
    StorageLibrary,
    /// A [`DeviceTrigger`](crate::DeviceTrigger).
    Device,
    /// A [`BusSignalTrigger`](crate::BusSignalTrigger).
    BusSignal,
    /// A [`PushNotificationTrigger`](crate::PushNotificationTrigger).
    PushNotification,
    /// A trigger of a newer broker, which this version can only show, or one that the host did not
    /// report: Windows hides some triggers, and nothing is known of a task that has been
    /// unregistered in the meantime.
    Unknown,
}

impl Trigger {
    /// Creates a trigger as the host reported it; an empty word if it did not.
    pub(crate) fn new(reported: Word<Known>) -> Self {
        Self(reported)
    }

    /// Returns the kind of the trigger.
    #[must_use]
    pub fn kind(&self) -> TriggerKind {
        match &self.0 {
            Word::Known(known) => TriggerKind::of(known),
            Word::Other(_) => TriggerKind::Unknown,
        }
    }

    /// Returns the time between two firings of a recurring trigger, or between the registration and
    /// the firing of a one-shot trigger; `None` if the trigger does not wait for a span of time.
    #[must_use]
    pub fn period(&self) -> Option<Duration> {
        self.known()?.period()
    }

    /// Returns whether the registration ends with the first run; false for an
    /// [`Unknown`](TriggerKind::Unknown) trigger.
    #[must_use]
    pub fn is_one_shot(&self) -> bool {
        self.known().is_some_and(Known::is_one_shot)
    }

    /// Returns whether this is the same trigger: of the same kind, with the same parameters.
    #[must_use]
    pub fn is(&self, trigger: &impl BackgroundTrigger) -> bool {
        trigger.meaning().is_ok_and(|meaning| self.means(&meaning))
    }

    pub(crate) fn means(&self, meaning: &Known) -> bool {
        self.known() == Some(meaning)
    }

    fn known(&self) -> Option<&Known> {
        self.0.known()
    }
}

impl TriggerKind {
    fn of(trigger: &Known) -> Self {
        match trigger {
            Known::Time { .. } => Self::Time,
            Known::Maintenance { .. } => Self::Maintenance,
            Known::Calendar(_) => Self::Calendar,
            Known::System { .. } => Self::System,
            Known::Application => Self::Application,
            Known::Signal { .. } => Self::CustomSystemEvent,
            Known::Startup => Self::Startup,
            Known::After { .. } => Self::After,
            Known::Watch(watch) => match &**watch {
                Watch::Path { deep: false, .. } => Self::Path,
                Watch::Path { deep: true, .. } => Self::StorageLibrary,
                Watch::Device { .. } => Self::Device,
                Watch::Bus { .. } => Self::BusSignal,
                Watch::Push => Self::PushNotification,
            },
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Shows the text in quotation marks.
impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;
    use crate::trigger::{OneShot, TimeTrigger};
    use crate::{PathTrigger, StorageLibraryContentChangedTrigger};

    fn read(text: &str) -> Trigger {
        Trigger::new(Word::read(text))
    }

    #[test]
    fn every_text_of_this_version_has_a_kind() {
        let kinds = [
            ("every 15m", TriggerKind::Time),
            ("once 15m", TriggerKind::Time),
            ("maintenance every 15m", TriggerKind::Maintenance),
            ("calendar daily", TriggerKind::Calendar),
            ("cron @daily", TriggerKind::Calendar),
            ("on internet-available once", TriggerKind::System),
            ("application", TriggerKind::Application),
            ("signal contoso.ready", TriggerKind::CustomSystemEvent),
            ("startup", TriggerKind::Startup),
            ("path /x", TriggerKind::Path),
            ("tree /x", TriggerKind::StorageLibrary),
            ("device usb", TriggerKind::Device),
            ("bus session type='signal'", TriggerKind::BusSignal),
            ("push", TriggerKind::PushNotification),
            ("moonrise", TriggerKind::Unknown),
            ("", TriggerKind::Unknown),
        ];
        for (text, kind) in kinds {
            let trigger = read(text);
            assert_eq!((trigger.kind(), trigger.to_string().as_str()), (kind, text));
        }
    }

    #[test]
    fn a_trigger_is_compared_with_what_was_registered() {
        let trigger = read("every 1h");
        assert!(trigger.is(&TimeTrigger::new(60, OneShot::No)));
        assert!(!trigger.is(&TimeTrigger::new(60, OneShot::Yes)));
        assert!(read("path /x").is(&PathTrigger::new("/x")));
        assert!(!read("path /x").is(&StorageLibraryContentChangedTrigger::create("/x")));
        assert_eq!((trigger.period(), trigger.is_one_shot()), (Some(Duration::from_secs(3_600)), false));
    }
}
