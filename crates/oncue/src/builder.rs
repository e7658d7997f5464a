//! Registering a task.

use std::fmt;
use std::time::Duration;

use crate::host::{Here, Host, Mode, Wanted};
use crate::{
    BackgroundCondition, BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, BackgroundTrigger,
    Error, Guid, Retry,
};

/// Configures and registers a task.
///
/// Microsoft: *BackgroundTaskBuilder Class (Windows.ApplicationModel.Background)*. Changes to the
/// builder do not affect tasks that are already registered. If a setter has no counterpart in
/// WinRT, a task that uses it cannot be registered on Windows.
///
/// ```no_run
/// use oncue::{BackgroundTaskBuilder, Guid, SystemCondition, SystemConditionType, TimeTrigger};
///
/// # fn main() -> Result<(), oncue::Error> {
/// let task = BackgroundTaskBuilder::new()
///     .set_name("SampleTask")
///     .set_task_entry_point_clsid(Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6))
///     .set_trigger(TimeTrigger::new(15, false))
///     .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
///     .register()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BackgroundTaskBuilder {
    name: String,
    group: Option<BackgroundTaskRegistrationGroup>,
    class: Option<Guid>,
    trigger: Option<String>,
    conditions: Vec<String>,
    cancel_on_condition_loss: bool,
    missed: Option<MissedFirings>,
    slack: Option<Duration>,
    grace: Option<Duration>,
    time_limit: Option<Duration>,
    hold: Option<(Duration, HoldEnd)>,
    retry: Option<Retry>,
}

/// What happens to firings that are missed while the machine is off or no broker is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedFirings {
    /// They run once, at the next chance. This is the default.
    Once,
    /// They are skipped, and recorded in the ledger.
    Skip,
}

/// What happens to a task that has been held for its maximum time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEnd {
    /// Its firing is dropped, and recorded in the ledger.
    Drop,
    /// It runs although its conditions fail.
    Run,
}

/// What a registration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterResult {
    /// The task is new.
    New,
    /// The package already had a task of this name, which was kept unchanged.
    Kept,
    /// The package already had a task of this name, which was replaced; this is what changed.
    Replaced(Changes),
}

/// What changed when a task was replaced; displayed as `trigger, policy`.
///
/// Windows does not report the previous registration, so there everything counts as changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// The name of its group.
    pub group: bool,
    /// Its class.
    pub class: bool,
    /// Its trigger. The first period of the new trigger begins with the replacement.
    pub trigger: bool,
    /// Its conditions. A held firing is judged by the new ones at once.
    pub condition: bool,
    /// Any other setting of the builder.
    pub policy: bool,
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, class, trigger, condition, policy } = *self;
        let all = [
            (group, "group"),
            (class, "class"),
            (trigger, "trigger"),
            (condition, "condition"),
            (policy, "policy"),
        ];
        for (at, (_, word)) in all.into_iter().filter(|(differs, _)| *differs).enumerate() {
            write!(f, "{}{word}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl BackgroundTaskBuilder {
    /// Creates a builder with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the task's name; required. Microsoft: *BackgroundTaskBuilder.Name*.
    pub fn set_name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = name.into();
        self
    }

    /// Sets the task's group; by default, it has none. Microsoft: *…TaskGroup*.
    pub fn set_task_group(&mut self, group: &BackgroundTaskRegistrationGroup) -> &mut Self {
        self.group = Some(group.clone());
        self
    }

    /// Sets the class of the task; required. Microsoft: *…SetTaskEntryPointClsid*.
    pub fn set_task_entry_point_clsid(&mut self, class: Guid) -> &mut Self {
        self.class = Some(class);
        self
    }

    /// Sets the trigger; required. A second call replaces the first trigger.
    /// Microsoft: *…SetTrigger*.
    pub fn set_trigger(&mut self, trigger: impl BackgroundTrigger) -> &mut Self {
        self.trigger = Some(trigger.text());
        self
    }

    /// Adds a condition. All conditions must hold for a fired task to run. Microsoft:
    /// *…AddCondition*.
    pub fn add_condition(&mut self, condition: impl BackgroundCondition) -> &mut Self {
        self.conditions.push(condition.text());
        self
    }

    /// Sets whether a run is cancelled with `ConditionLoss` when a condition stops holding; false
    /// by default. Microsoft: *…CancelOnConditionLoss*.
    pub fn set_cancel_on_condition_loss(&mut self, cancel: bool) -> &mut Self {
        self.cancel_on_condition_loss = cancel;
        self
    }

    /// Sets how long the broker may delay a firing so that wake-ups coincide. The delay is never
    /// more than a tenth of the time to the next firing. By default, a recurring `TimeTrigger` may
    /// be delayed by a tenth of its period, at most one minute, and no other trigger except a
    /// recurring `MaintenanceTrigger` is delayed. WinRT has no counterpart; Windows delays firings
    /// by up to 15 minutes.
    pub fn set_slack(&mut self, slack: Duration) -> &mut Self {
        self.slack = Some(slack);
        self
    }

    /// Sets what happens to firings that are missed while the machine is off. WinRT has no
    /// counterpart.
    pub fn set_missed_firings(&mut self, missed: MissedFirings) -> &mut Self {
        self.missed = Some(missed);
        self
    }

    /// Sets how much time a cancelled run has to end before its process is killed; 5 seconds by
    /// default. WinRT has no counterpart.
    pub fn set_grace(&mut self, grace: Duration) -> &mut Self {
        self.grace = Some(grace);
        self
    }

    /// Sets how long a run may take before it is cancelled with `ExecutionTimeExceeded`. WinRT has
    /// no counterpart.
    pub fn set_time_limit(&mut self, limit: Duration) -> &mut Self {
        self.time_limit = Some(limit);
        self
    }

    /// Sets how long the task may be held for its conditions, and what happens then; by default,
    /// there is no limit. WinRT has no counterpart.
    pub fn hold_at_most(&mut self, span: Duration, end: HoldEnd) -> &mut Self {
        self.hold = Some((span, end));
        self
    }

    /// Sets when a failed run is retried; by default, the task waits for its next firing. WinRT has
    /// no counterpart.
    pub fn set_retry(&mut self, retry: Retry) -> &mut Self {
        self.retry = Some(retry);
        self
    }

    /// Registers the task. When this returns, the registration survives the end of the program and
    /// a reboot. Registering the same task twice creates two tasks, and both fire.
    /// Microsoft: *…Register*.
    ///
    /// # Errors
    /// Returns an error if a field is missing or invalid
    /// ([`is_invalid_argument`](Error::is_invalid_argument)), if the manifest does not declare the
    /// class ([`is_class_not_declared`](Error::is_class_not_declared)), if this process does not
    /// belong to a package ([`is_no_identity`](Error::is_no_identity)), if there are too many tasks
    /// ([`is_quota`](Error::is_quota)), or if the broker cannot be reached. On Windows also if the
    /// trigger, a condition or a policy is not available for tasks with a class id
    /// ([`is_not_supported`](Error::is_not_supported)).
    pub fn register(&self) -> Result<BackgroundTaskRegistration, Error> {
        Here::register(self.wanted()?, Mode::Always).map(|(registration, _)| registration)
    }

    /// Registers the task, unless a task of this name already exists in the same group, or outside
    /// of all groups if it has no group. The existing task is kept unchanged.
    ///
    /// # Errors
    /// Returns the same errors as [`register`](Self::register).
    pub fn register_or_keep(&self) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        Here::register(self.wanted()?, Mode::Keep)
    }

    /// Registers the task, and replaces a task of this name in the same group, or outside of all
    /// groups if it has no group. On Windows, the replacement is a new task with a new id.
    ///
    /// # Errors
    /// Returns the same errors as [`register`](Self::register).
    pub fn register_or_replace(&self) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        Here::register(self.wanted()?, Mode::Replace)
    }

    pub(crate) fn wanted(&self) -> Result<Wanted, Error> {
        if self.name.is_empty() {
            return Err(missing("name", "set_name"));
        }
        let class = self.class.ok_or_else(|| missing("class id", "set_task_entry_point_clsid"))?;
        let trigger = self.trigger.clone().ok_or_else(|| missing("trigger", "set_trigger"))?;
        Ok(Wanted {
            name: self.name.clone(),
            group: self.group.clone(),
            class,
            trigger,
            conditions: self.conditions.clone(),
            policy: self.policy(),
        })
    }

    fn policy(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.cancel_on_condition_loss {
            words.push("cancel-on-loss".to_owned());
        }
        match self.missed {
            Some(MissedFirings::Once) => words.push("missed=once".to_owned()),
            Some(MissedFirings::Skip) => words.push("missed=skip".to_owned()),
            None => {}
        }
        let hold = self.hold.map(|(span, end)| match end {
            HoldEnd::Drop => ("drop-after", Some(span)),
            HoldEnd::Run => ("run-after", Some(span)),
        });
        let spans = [("slack", self.slack), ("grace", self.grace), ("time-limit", self.time_limit)];
        for (word, given) in spans.into_iter().chain(hold) {
            words.extend(given.map(|given| format!("{word}={}", oncue_types::show_span(given))));
        }
        words.extend(self.retry.map(|retry| format!("retry={retry}")));
        words
    }
}

fn missing(field: &str, setter: &str) -> Error {
    Error::invalid(
        format!("the task has no {field}: name, class id and trigger are required"),
        format!("call `{setter}` before the registration"),
    )
}
