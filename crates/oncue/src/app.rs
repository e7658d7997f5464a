//! The facade: an app describes its tasks; class ids, manifest and arguments are derived.

#[cfg(not(windows))]
mod beside;
mod class_id;
mod manifest;
mod task;

use std::env;
use std::process;

use oncue_wire::names::{MANIFEST_ARGUMENT, SERVE_ARGUMENT};
use oncue_wire::outline::Outline;

pub use task::AppTask;

use crate::error::Error;
use crate::idle::IdlePolicy;
use crate::registration::BackgroundTaskRegistration;
use crate::server::TaskServer;
use oncue_types::{ClassUse, Guid};

/// An app and its background tasks.
///
/// This is the short way to register tasks: the app describes them, and their class ids, the package's manifest
/// and the arguments that start the task server are derived from the description. The app contains no XML and
/// no GUID, and the same source registers its tasks on Linux and on Windows.
///
/// ```no_run
/// use oncue::{AppTask, OneShot, SystemConditionType, TimeTrigger};
///
/// fn main() -> Result<(), oncue::Error> {
///     let sync = AppTask::new("Sync", TimeTrigger::new(15, OneShot::No), |run| {
///         println!("run {}", run.instance_id());
///         Ok(())
///     });
///     let online = SystemConditionType::InternetAvailable;
///     let tasks = oncue::app!().task(sync.when(online)).run()?;
///     println!("{} is registered as {}", tasks[0].name(), tasks[0].task_id());
///     Ok(())
/// }
/// ```
///
/// # What a program needs to be a package
///
/// On Linux, nothing has to be prepared. If the program does not belong to a package, [`run`](Self::run) writes
/// a manifest to `PROGRAM.AppxManifest.xml` beside the executable, where the broker finds it, and updates this
/// file when the tasks have changed. It never changes a file that it did not write, and writes nothing into a
/// folder that contains an `AppxManifest.xml`.
///
/// `oncue package layout` creates a package from the crate, on Linux and on Windows. If the crate has no
/// `AppxManifest.xml`, it uses the one that the program prints.
///
/// # Renaming
///
/// A class id is derived from the package's name, the publisher if one is set, and the task's name. A renamed
/// task is therefore a new task; unregister the old one.
#[derive(Debug)]
#[must_use = "an app does nothing until it is run"]
pub struct App {
    name: String,
    version: String,
    publisher: Option<String>,
    display_name: Option<String>,
    description: String,
    idle: IdlePolicy,
    tasks: Vec<AppTask>,
}

/// Creates an [`App`] with the name, the version and the description from the crate's `Cargo.toml`.
#[macro_export]
macro_rules! app {
    () => {
        $crate::App::new(::core::env!("CARGO_PKG_NAME"), ::core::env!("CARGO_PKG_VERSION"))
            .description(::core::env!("CARGO_PKG_DESCRIPTION"))
    };
}

impl App {
    /// Creates an app without tasks. [`app!`](crate::app) passes the name and the version from `Cargo.toml`.
    ///
    /// The name is also the name of the package: 3 to 50 letters, digits, dots and dashes; underscores are
    /// replaced by dashes. The version is `major.minor.patch`. Windows rejects packages whose version begins
    /// with 0, so such a version is replaced by 1.0.0.0.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into().replace('_', "-"),
            version: version.into(),
            publisher: None,
            display_name: None,
            description: String::new(),
            idle: IdlePolicy::AfterFirstCompletion,
            tasks: Vec::new(),
        }
    }

    /// Sets the publisher, a distinguished name such as `CN=Contoso`; for a signed package, this is the subject
    /// of the certificate. The default is `CN=` and the app's name.
    ///
    /// An app with another publisher is another package, with its own tasks.
    pub fn publisher(mut self, publisher: impl Into<String>) -> Self {
        self.publisher = Some(publisher.into());
        self
    }

    /// Sets the name that is shown to the user; by default, the app's name.
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Sets the description in the manifest; by default, the display name.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets when the task server leaves; by default, [`IdlePolicy::AfterFirstCompletion`].
    pub fn idle_policy(mut self, idle: IdlePolicy) -> Self {
        self.idle = idle;
        self
    }

    /// Adds a task.
    pub fn task(mut self, task: AppTask) -> Self {
        self.tasks.push(task);
        self
    }

    /// Registers the tasks, or serves them if this process was started for that.
    ///
    /// In a process that the broker (on Windows, COM) has started, this call serves the tasks and then ends the
    /// process. In any other process, it registers the tasks, like [`register`](Self::register), and returns
    /// them in the order in which they were added.
    ///
    /// Call it early in `main`, before the app opens windows or files: the code after it runs only if a user
    /// has started the program. An app that embeds the broker calls `oncue_broker::embed()` first.
    ///
    /// # Errors
    /// Returns the same errors as [`register`](Self::register).
    pub fn run(self) -> Result<Vec<BackgroundTaskRegistration>, Error> {
        match env::args_os().nth(1) {
            Some(argument) if argument == SERVE_ARGUMENT => end(self.serve()),
            Some(argument) if argument == MANIFEST_ARGUMENT => {
                end(self.manifest().map(|manifest| print!("{manifest}")))
            }
            Some(_) | None => self.register(),
        }
    }

    /// Registers the tasks. If a task with the same name is already registered, it is kept if nothing has
    /// changed, and replaced otherwise.
    ///
    /// Windows reports only the trigger of a registered task, so on Windows a task is replaced only if its
    /// trigger has changed. To change something else there, unregister the task first.
    ///
    /// # Errors
    /// Returns an error if a name is invalid or used twice
    /// ([`is_invalid_argument`](Error::is_invalid_argument)), or if this program does not belong to a package
    /// and its manifest cannot be written beside it ([`is_no_identity`](Error::is_no_identity)). Otherwise,
    /// returns the same errors as
    /// [`BackgroundTaskBuilder::register_or_replace`](crate::BackgroundTaskBuilder::register_or_replace).
    pub fn register(&self) -> Result<Vec<BackgroundTaskRegistration>, Error> {
        self.check()?;
        #[cfg(not(windows))]
        return beside::within(&self.manifest()?, || self.register_all());
        #[cfg(windows)]
        self.register_all()
    }

    /// Serves the tasks until the task server may leave. [`run`](Self::run) calls this in a process that the
    /// broker has started, and a test calls it as the code of its task server.
    ///
    /// # Errors
    /// Returns the errors of [`TaskServer::new`], [`TaskServer::register_class_object_suspended`],
    /// [`TaskServer::resume_class_objects`] and [`TaskServer::wait`].
    pub fn serve(&self) -> Result<(), Error> {
        let server = TaskServer::new()?;
        for task in &self.tasks {
            let (class, factory) = (self.class_id(task.name()), task.factory());
            server.register_class_object_suspended(class, factory, ClassUse::Multiple)?;
        }
        server.resume_class_objects()?;
        server.wait(self.idle)
    }

    /// Returns the text of the `AppxManifest.xml` that declares these tasks for this program.
    ///
    /// # Errors
    /// Returns an error if the app's name or version is invalid, or if two tasks have the same name
    /// ([`is_invalid_argument`](Error::is_invalid_argument)).
    pub fn manifest(&self) -> Result<String, Error> {
        self.check()?;
        let display_name = self.display_name.as_ref().unwrap_or(&self.name);
        let description = if self.description.is_empty() { display_name } else { &self.description };
        let class = |task: &AppTask| (self.class_id(task.name()), task.name().to_owned());
        let outline = Outline {
            comment: manifest::COMMENT,
            name: &self.name,
            publisher: &self.publisher.clone().unwrap_or_else(|| format!("CN={}", self.name)),
            version: manifest::version(&self.version)?,
            display_name,
            description,
            program: &manifest::own_program()?,
            arguments: SERVE_ARGUMENT,
            classes: self.tasks.iter().map(class).collect(),
        };
        Ok(outline.to_string())
    }

    /// Returns the id of the class that serves the task with this name.
    #[must_use]
    pub fn class_id(&self, task: &str) -> Guid {
        class_id::derived(&[&self.name, self.publisher.as_deref().unwrap_or_default(), task])
    }

    fn check(&self) -> Result<(), Error> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if !(3..=50).contains(&self.name.len()) || !self.name.bytes().all(is_allowed) {
            let limit = "a package's name has 3 to 50 letters, digits, dots and dashes";
            return Err(Error::invalid(
                format!("the app's name `{}` is invalid: {limit}", self.name),
                "rename the crate, or name the app with `App::new`",
            ));
        }
        let names = self.tasks.iter().map(AppTask::name);
        for (at, name) in names.clone().enumerate() {
            if names.clone().take(at).any(|earlier| earlier == name) {
                return Err(Error::invalid(
                    format!("the app has two tasks named `{name}`"),
                    "give each task of an app its own name",
                ));
            }
        }
        Ok(())
    }

    fn register_all(&self) -> Result<Vec<BackgroundTaskRegistration>, Error> {
        self.tasks.iter().map(|task| task.register(self.class_id(task.name()))).collect()
    }
}

/// Ends a process that was not started for the app itself.
fn end(done: Result<(), Error>) -> ! {
    if let Err(error) = &done {
        eprintln!("Error: {error:?}");
    }
    process::exit(i32::from(done.is_err()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trigger::{OneShot, TimeTrigger};

    fn task(name: &str) -> AppTask {
        AppTask::new(name, TimeTrigger::new(15, OneShot::No), |_| Ok(()))
    }

    fn refusal(app: &App) -> String {
        app.manifest().map_err(|error| error.to_string()).unwrap_err()
    }

    #[test]
    fn a_class_id_follows_from_package_and_task() {
        let app = || App::new("hello_there", "0.1.0");
        let id = app().class_id("Sync");
        assert_eq!(id, App::new("hello-there", "2.0.0").task(task("Sync")).class_id("Sync"));
        assert_ne!(id, app().class_id("sync"));
        assert_ne!(id, app().publisher("CN=Contoso").class_id("Sync"));
    }

    #[test]
    fn what_an_app_may_not_be_is_refused() {
        assert!(refusal(&App::new("hi", "1.0.0")).contains("`hi` is invalid"));
        assert!(refusal(&App::new("a/package", "1.0.0")).contains("`a/package` is invalid"));
        assert!(refusal(&App::new("hello", "1.x")).contains("the version `1.x` is invalid"));
        assert!(refusal(&App::new("hello", "1.70000.0")).contains("the version `1.70000.0` is invalid"));
        let twice = App::new("hello", "1.0.0").task(task("Sync")).task(task("Sync"));
        assert!(refusal(&twice).contains("two tasks named `Sync`"));
    }
}
