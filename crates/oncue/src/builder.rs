//! Registering a task.

use std::fmt;
use std::time::Duration;

use crate::host::{Here, Host, Mode, Wanted};
use crate::{
    BackgroundCondition, BackgroundTaskRegistration, BackgroundTaskRegistrationGroup, BackgroundTrigger,
    Error, Guid, Retry,
};

/// Gathers what a task is, and registers it.
///
/// Microsoft: *BackgroundTaskBuilder Class (Windows.ApplicationModel.Background)*. What is set
/// after a registration does not change that one. A setter of which WinRT has no counterpart makes
/// the registration refuse on Windows; its default does not.
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

/// What becomes of firings while the machine was off or no broker ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedFirings {
    /// They run once, at the next chance; the default.
    Once,
    /// They are skipped, and the ledger says so.
    Skip,
}

/// What becomes of a task that was held for as long as it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEnd {
    /// Its firing is dropped, and the ledger says so.
    Drop,
    /// It runs, although conditions fail.
    Run,
}

/// What a registration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterResult {
    /// The task is new.
    New,
    /// The package has had a task of that name, which was kept as it is.
    Kept,
    /// The package has had a task of that name, which was replaced; this is what differs now.
    Replaced(Changes),
}

/// What a task has, since it was replaced, that it had not before; displayed as `trigger, policy`.
///
/// Windows does not tell what a registration was: there everything counts as changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Its group has another name.
    pub group: bool,
    /// Another class runs it.
    pub class: bool,
    /// Something else wakes it; its first span begins with the replacement.
    pub trigger: bool,
    /// Its conditions are others; what is held is judged by them at once.
    pub condition: bool,
    /// Something else that the builder sets is different.
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
    /// Makes a builder with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the task's name; required. Microsoft: *BackgroundTaskBuilder.Name*.
    pub fn set_name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = name.into();
        self
    }

    /// Sets the group that the task belongs to; without it, none. Microsoft: *…TaskGroup*.
    pub fn set_task_group(&mut self, group: &BackgroundTaskRegistrationGroup) -> &mut Self {
        self.group = Some(group.clone());
        self
    }

    /// Sets the class that runs the task; required. Microsoft: *…SetTaskEntryPointClsid*.
    pub fn set_task_entry_point_clsid(&mut self, class: Guid) -> &mut Self {
        self.class = Some(class);
        self
    }

    /// Sets what wakes the task; required, and a second one takes the place of the first.
    /// Microsoft: *…SetTrigger*.
    pub fn set_trigger(&mut self, trigger: impl BackgroundTrigger) -> &mut Self {
        self.trigger = Some(trigger.text());
        self
    }

    /// Adds a condition; all of them must hold for a fired task to run. Microsoft: *…AddCondition*.
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

    /// Sets how long the broker may delay a firing so that wake-ups coincide. The delay is never more
    /// than a tenth of the time to the next firing. By default, a recurring `TimeTrigger` may be delayed
    /// by one minute, and no other trigger is delayed. WinRT has no counterpart; Windows delays by up to 15
    /// minutes.
    pub fn set_slack(&mut self, slack: Duration) -> &mut Self {
        self.slack = Some(slack);
        self
    }

    /// Sets what becomes of firings while the machine was off. WinRT has no counterpart.
    pub fn set_missed_firings(&mut self, missed: MissedFirings) -> &mut Self {
        self.missed = Some(missed);
        self
    }

    /// Sets how long a cancelled run has to end before its process is killed; 5 seconds by default.
    /// WinRT has no counterpart.
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

    /// Sets how long the task may be held for its conditions, and what happens then; without it,
    /// for ever. WinRT has no counterpart.
    pub fn hold_at_most(&mut self, span: Duration, end: HoldEnd) -> &mut Self {
        self.hold = Some((span, end));
        self
    }

    /// Sets when a run that failed is tried again; without it, the task waits for its next firing.
    /// WinRT has no counterpart.
    pub fn set_retry(&mut self, retry: Retry) -> &mut Self {
        self.retry = Some(retry);
        self
    }

    /// Registers the task: when this returns, the registration survives the program's end and a
    /// reboot. Registering the same task twice gives two tasks, and both fire.
    /// Microsoft: *…Register*.
    ///
    /// # Errors
    /// When a field is missing or wrong ([`is_invalid_argument`](Error::is_invalid_argument)), the
    /// manifest does not declare the class
    /// ([`is_class_not_declared`](Error::is_class_not_declared)), this process belongs to no package
    /// ([`is_no_identity`](Error::is_no_identity)), there are too many tasks
    /// ([`is_quota`](Error::is_quota)), or no broker can be reached. On Windows also when the trigger,
    /// a condition or a policy is not given to tasks with a class id
    /// ([`is_not_supported`](Error::is_not_supported)).
    pub fn register(&self) -> Result<BackgroundTaskRegistration, Error> {
        Here::register(self.wanted()?, Mode::Always).map(|(registration, _)| registration)
    }

    /// Registers the task unless its group, or for a task without one the package outside of groups,
    /// has one of that name, which is then kept as it is.
    ///
    /// # Errors
    /// Those of [`register`](Self::register).
    pub fn register_or_keep(&self) -> Result<(BackgroundTaskRegistration, RegisterResult), Error> {
        Here::register(self.wanted()?, Mode::Keep)
    }

    /// Registers the task in the place of one of that name in the same group, or in none, if there is
    /// one. On Windows it is a new task with a new id.
    ///
    /// # Errors
    /// Those of [`register`](Self::register).
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
