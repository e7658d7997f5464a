//! Registering a task.

use std::time::Duration;

use oncue_types::{
    Condition, Guid, HoldEnd, HoldLimit, Missed as MissedFirings, Policy, RegisterMode, RegisterResult,
    Retry, TaskSpec, Trigger, TriggerError,
};

use crate::condition::BackgroundCondition;
use crate::error::Error;
use crate::group::BackgroundTaskRegistrationGroup;
use crate::here::Here;
use crate::host::Host;
use crate::registration::BackgroundTaskRegistration;
use crate::trigger::BackgroundTrigger;

/// Configures and registers a task.
///
/// Microsoft: *BackgroundTaskBuilder Class (Windows.ApplicationModel.Background)*. Changes to the
/// builder do not affect tasks that are already registered. If a setter has no counterpart in
/// WinRT, a task that uses it cannot be registered on Windows.
///
/// ```no_run
/// use oncue::{BackgroundTaskBuilder, Guid, OneShot, SystemCondition, SystemConditionType, TimeTrigger};
///
/// # fn main() -> Result<(), oncue::Error> {
/// let task = BackgroundTaskBuilder::new()
///     .set_name("SampleTask")
///     .set_task_entry_point_clsid(Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6))
///     .set_trigger(TimeTrigger::new(15, OneShot::No))
///     .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
///     .register()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BackgroundTaskBuilder {
    name: String,
    group: Option<BackgroundTaskRegistrationGroup>,
    class: Option<Guid>,
    trigger: Option<Result<Trigger, TriggerError>>,
    condition: Option<Condition>,
    policy: Policy,
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
        self.trigger = Some(trigger.meaning());
        self
    }

    /// Adds a condition. All conditions must hold for a fired task to run. Microsoft:
    /// *…AddCondition*.
    pub fn add_condition(&mut self, condition: impl BackgroundCondition) -> &mut Self {
        let condition = condition.meaning();
        self.condition = Some(match self.condition.take() {
            Some(earlier) => earlier.and(condition),
            None => condition,
        });
        self
    }

    /// Sets whether a run is cancelled with `ConditionLoss` when a condition stops holding; false
    /// by default. Microsoft: *…CancelOnConditionLoss*.
    pub fn set_cancel_on_condition_loss(&mut self, cancel: bool) -> &mut Self {
        self.policy.cancel_on_condition_loss = cancel;
        self
    }

    /// Sets how long the broker may delay a firing so that wake-ups coincide. The delay is never
    /// more than a tenth of the time to the next firing. By default, a recurring `TimeTrigger` may
    /// be delayed by a tenth of its period, at most one minute, and no other trigger except a
    /// recurring `MaintenanceTrigger` is delayed. WinRT has no counterpart; Windows delays firings
    /// by up to 15 minutes.
    pub fn set_slack(&mut self, slack: Duration) -> &mut Self {
        self.policy.slack = Some(slack);
        self
    }

    /// Sets what happens to firings that are missed while the machine is off. WinRT has no
    /// counterpart.
    pub fn set_missed_firings(&mut self, missed: MissedFirings) -> &mut Self {
        self.policy.missed = missed;
        self
    }

    /// Sets how much time a cancelled run has to end before its process is killed; 5 seconds by
    /// default. WinRT has no counterpart.
    pub fn set_grace(&mut self, grace: Duration) -> &mut Self {
        self.policy.grace = Some(grace);
        self
    }

    /// Sets how long a run may take before it is cancelled with `ExecutionTimeExceeded`. WinRT has
    /// no counterpart.
    pub fn set_time_limit(&mut self, limit: Duration) -> &mut Self {
        self.policy.time_limit = Some(limit);
        self
    }

    /// Sets how long the task may be held for its conditions, and what happens then; by default,
    /// there is no limit. WinRT has no counterpart.
    pub fn hold_at_most(&mut self, span: Duration, end: HoldEnd) -> &mut Self {
        self.policy.hold_limit = Some(HoldLimit { after: span, then: end });
        self
    }

    /// Sets when a failed run is retried; by default, the task waits for its next firing. WinRT has
    /// no counterpart.
    pub fn set_retry(&mut self, retry: Retry) -> &mut Self {
        self.policy.retry = Some(retry);
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
        Here::register(self.spec()?, RegisterMode::Always).map(|(registration, _)| registration)
    }

    /// Registers the task, unless a task of this name already exists in the same group, or outside
    /// of all groups if it has no group. The existing task is kept unchanged.
    ///
    /// # Errors
    /// Returns the same errors as [`register`](Self::register).
    pub fn register_or_keep(&self) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        Here::register(self.spec()?, RegisterMode::Keep)
    }

    /// Registers the task, and replaces a task of this name in the same group, or outside of all
    /// groups if it has no group. On Windows, the replacement is a new task with a new id.
    ///
    /// # Errors
    /// Returns the same errors as [`register`](Self::register).
    pub fn register_or_replace(&self) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        Here::register(self.spec()?, RegisterMode::Replace)
    }

    pub(crate) fn spec(&self) -> Result<TaskSpec, Error> {
        if self.name.is_empty() {
            return Err(missing("name", "set_name"));
        }
        let class = self.class.ok_or_else(|| missing("class id", "set_task_entry_point_clsid"))?;
        let trigger = self.trigger.clone().ok_or_else(|| missing("trigger", "set_trigger"))?;
        Ok(TaskSpec {
            name: self.name.as_str().into(),
            group: self.group.as_ref().map(|group| Box::new(group.meaning().clone())),
            action: class.into(),
            trigger: trigger.map_err(unsupported)?,
            condition: self.condition.clone().map(Box::new),
            policy: (self.policy != Policy::default()).then(|| Box::new(self.policy.clone())),
        })
    }
}

fn missing(field: &str, setter: &str) -> Error {
    Error::invalid(
        format!("the task has no {field}: name, class id and trigger are required"),
        format!("call `{setter}` before the registration"),
    )
}

fn unsupported(error: TriggerError) -> Error {
    if let TriggerError::NotMinutes { .. } = &error {
        let way_out = "give a `TimeTrigger` whole minutes, from 15 to 43,199";
        return Error::invalid(format!("trigger: {error}"), way_out);
    }
    #[cfg(windows)]
    return crate::windows::no_trigger(&error);
    #[cfg(not(windows))]
    Error::invalid(format!("trigger: {error}"), "use another trigger; see docs/triggers.md")
}
