//! One task of an app.

use std::fmt;
use std::sync::Arc;

use oncue_types::Guid;

use crate::builder::BackgroundTaskBuilder;
use crate::class::ClassFactory;
use crate::condition::BackgroundCondition;
use crate::error::Error;
use crate::instance::BackgroundTaskInstance;
use crate::registration::BackgroundTaskRegistration;
use crate::task::{BackgroundTask, TaskError};
use crate::trigger::BackgroundTrigger;

/// A task of an [`App`](crate::App): its name, its trigger, its conditions, and the code that it runs.
///
/// ```
/// use oncue::{AppTask, OneShot, SystemConditionType, TimeTrigger};
///
/// let task = AppTask::new("Sync", TimeTrigger::new(15, OneShot::No), |run| {
///     run.set_progress(100);
///     Ok(())
/// })
/// .when(SystemConditionType::InternetAvailable);
/// assert_eq!(task.name(), "Sync");
/// ```
#[must_use = "a task does nothing until it is added to an app"]
pub struct AppTask {
    name: String,
    builder: BackgroundTaskBuilder,
    factory: Arc<dyn ClassFactory>,
}

impl AppTask {
    /// Creates a task from a closure. Each run calls it on its own thread; see [`BackgroundTask::run`].
    pub fn new<F>(name: impl Into<String>, trigger: impl BackgroundTrigger, run: F) -> Self
    where
        F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
    {
        let run = Arc::new(run);
        Self::of_class(name, trigger, move || Closure(Arc::clone(&run)))
    }

    /// Creates a task from a factory of [`BackgroundTask`] objects, such as `|| Sync::default()`, which creates
    /// one object for each run.
    pub fn of_class(
        name: impl Into<String>,
        trigger: impl BackgroundTrigger,
        factory: impl ClassFactory,
    ) -> Self {
        let mut builder = BackgroundTaskBuilder::new();
        builder.set_trigger(trigger);
        Self { name: name.into(), builder, factory: Arc::new(factory) }
    }

    /// Adds a condition. All conditions must hold for a fired task to run.
    pub fn when(mut self, condition: impl BackgroundCondition) -> Self {
        self.builder.add_condition(condition);
        self
    }

    /// Sets further options of the registration, such as a time limit or retries. The name and the class id
    /// are set by the app.
    pub fn configure(mut self, set: impl FnOnce(&mut BackgroundTaskBuilder)) -> Self {
        set(&mut self.builder);
        self
    }

    /// Returns the task's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn factory(&self) -> Shared {
        Shared(Arc::clone(&self.factory))
    }

    pub(super) fn register(&self, class: Guid) -> Result<BackgroundTaskRegistration, Error> {
        let mut builder = self.builder.clone();
        builder.set_name(&self.name).set_task_entry_point_clsid(class);
        // On Windows, a replaced task is a new one, whose first firing is a whole period away.
        let keep = cfg!(windows) && self.is_registered(&builder)?;
        let registered = if keep { builder.register_or_keep() } else { builder.register_or_replace() };
        registered.map(|(task, _)| task)
    }

    /// Returns whether the package has such a task with the same trigger.
    fn is_registered(&self, builder: &BackgroundTaskBuilder) -> Result<bool, Error> {
        let trigger = builder.spec()?.trigger;
        let tasks = BackgroundTaskRegistration::all_tasks()?;
        Ok(tasks.iter().any(|task| task.name() == self.name && task.trigger().means(&trigger)))
    }
}

impl fmt::Debug for AppTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppTask")
            .field("name", &self.name)
            .field("builder", &self.builder)
            .finish_non_exhaustive()
    }
}

/// A task whose work is a closure.
struct Closure<F>(Arc<F>);

impl<F> BackgroundTask for Closure<F>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
{
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        (self.0)(instance)
    }
}

/// A factory that several servers may have.
pub(super) struct Shared(Arc<dyn ClassFactory>);

impl ClassFactory for Shared {
    fn create_instance(&self) -> Result<Box<dyn BackgroundTask>, TaskError> {
        self.0.create_instance()
    }
}
