//! The sample of Microsoft's article "Create and register a Win32 COM background task", in Rust: a
//! task that appends prime numbers to a file until it is cancelled.
//!
//! From top to bottom, it follows the parts of the article: the task class, its class factory, the
//! task server, the registration, and the entry point. The view that opens without arguments, like
//! the article's window, is in `view.rs`; build it with `--features view`.

#[cfg(all(feature = "view", target_os = "linux"))]
mod view;

use std::env;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use oncue::{
    ApplicationData, BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassFactory, ClassUse, Cookie, Error, Guid, IdlePolicy, OneShot,
    SystemCondition, SystemConditionType, TaskError, TaskServer, TimeTrigger,
};

/// The class id, as declared in the manifest. Generate your own for your task.
const SAMPLE_TASK_CLSID: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
/// The name of the registration.
const SAMPLE_TASK_NAME: &str = "SampleTask";
/// The number up to which the task looks for primes.
const MAX_PRIME_NUMBER: u32 = 1_000_000_000;
/// How many numbers are collected before they are written.
const QUEUE_DEPTH_TO_WRITE: usize = 10;

// ---- The task class -------------------------------------------------------------------------

/// Looks for primes until it is cancelled.
struct SampleTask {
    /// Tells `run` to end.
    cleanup_task: Arc<AtomicBool>,
}

impl BackgroundTask for SampleTask {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let deferral = instance.deferral();

        // Connect the cancellation handler. Whatever the reason, the task has 5 seconds to end.
        let cleanup_task = Arc::clone(&self.cleanup_task);
        instance.on_canceled(move |_, _| cleanup_task.store(true, Ordering::Relaxed));

        // Show that the task has started.
        instance.set_progress(10);

        let queue = NumbersQueue::in_file(numbers_file()?);
        calculate_primes(queue, MAX_PRIME_NUMBER, &self.cleanup_task)?;

        deferral.complete();
        Ok(())
    }
}

/// Collects primes from 2 on, until cancelled or until one is not below `max`, and writes the
/// remainder as part of the cleanup.
fn calculate_primes(mut queue: NumbersQueue, max: u32, cleanup_task: &AtomicBool) -> io::Result<()> {
    let mut current_number = 1;
    while !cleanup_task.load(Ordering::Relaxed) && current_number < max {
        current_number = next_prime(current_number);
        queue.push(current_number)?;
    }
    queue.flush()
}

/// Returns the next prime above a number.
fn next_prime(previous_number: u32) -> u32 {
    (previous_number + 1..).find(|number| is_prime(*number)).unwrap_or(u32::MAX)
}

/// Slow on purpose, as in the article, so that the file grows by kilobytes a minute, not megabytes.
fn is_prime(dividend: u32) -> bool {
    (2..dividend).all(|divisor| !dividend.is_multiple_of(divisor))
}

/// The file for the numbers, in this program's folder in the package's local folder.
fn numbers_file() -> Result<PathBuf, TaskError> {
    let program = env::current_exe()?;
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    Ok(ApplicationData::current()?.local_folder().join(name).join("numbersQueue.log"))
}

/// Numbers that will be written to a file.
struct NumbersQueue {
    numbers: Vec<u32>,
    file: PathBuf,
}

impl NumbersQueue {
    fn in_file(file: PathBuf) -> Self {
        Self { numbers: Vec::with_capacity(QUEUE_DEPTH_TO_WRITE), file }
    }

    /// Adds a number. If the queue is full, all of it is written.
    fn push(&mut self, number: u32) -> io::Result<()> {
        self.numbers.push(number);
        if self.numbers.len() >= QUEUE_DEPTH_TO_WRITE { self.flush() } else { Ok(()) }
    }

    /// Appends the numbers to the file, each followed by a delimiter.
    fn flush(&mut self) -> io::Result<()> {
        let text: String = self.numbers.iter().map(|number| format!("{number}, ")).collect();
        if text.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
        OpenOptions::new().append(true).create(true).open(&self.file)?.write_all(text.as_bytes())?;
        self.numbers.clear();
        Ok(())
    }
}

// ---- The class factory ----------------------------------------------------------------------

/// Creates a `SampleTask` for each run. A closure would work as well.
struct SampleTaskFactory;

impl ClassFactory for SampleTaskFactory {
    fn create_instance(&self) -> Result<Box<dyn BackgroundTask>, TaskError> {
        Ok(Box::new(SampleTask { cleanup_task: Arc::default() }))
    }
}

// ---- The task server ------------------------------------------------------------------------

/// Makes this process the server of `SampleTask`.
struct SampleTaskServer {
    server: TaskServer,
    cookie: Option<Cookie>,
}

impl SampleTaskServer {
    fn new() -> Result<Self, Error> {
        Ok(Self { server: TaskServer::new()?, cookie: None })
    }

    /// Serves until a run has completed and the broker has no other run for this process.
    fn start(&mut self) -> Result<(), Error> {
        let server = &self.server;
        let cookie =
            server.register_class_object(SAMPLE_TASK_CLSID, SampleTaskFactory, ClassUse::Multiple)?;
        self.cookie = Some(cookie);
        server.wait(IdlePolicy::AfterFirstCompletion)
    }

    fn stop(&mut self) -> Result<(), Error> {
        self.cookie.take().map_or(Ok(()), |cookie| self.server.revoke_class_object(cookie))
    }
}

// ---- The registration -----------------------------------------------------------------------

/// Registers `SampleTask`.
struct SampleTaskRegistrar;

impl SampleTaskRegistrar {
    /// Registers the task, unless it is already registered; each registration would fire
    /// separately.
    fn register() -> Result<BackgroundTaskRegistration, Error> {
        let registered = BackgroundTaskRegistration::all_tasks()?;
        if let Some(task) = registered.into_iter().find(|task| task.name() == SAMPLE_TASK_NAME) {
            return Ok(task);
        }
        BackgroundTaskBuilder::new()
            .set_name(SAMPLE_TASK_NAME)
            .set_task_entry_point_clsid(SAMPLE_TASK_CLSID)
            .set_trigger(TimeTrigger::new(15, OneShot::No))
            .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
            .register()
    }
}

// ---- The entry point ------------------------------------------------------------------------

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();

    let Some(request) = Request::read(env::args_os().skip(1)) else { return usage() };
    let done = match request {
        #[cfg(all(feature = "view", target_os = "linux"))]
        Request { register: false, serve: false } if view::is_possible() => return view::show(),
        Request { register: false, serve: false } => return usage(),
        Request { register, serve } => register_and_serve(register, serve),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("primes: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// What the arguments request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    register: bool,
    serve: bool,
}

impl Request {
    /// Parses arguments in any case, with a dash as in the article's C# listing or without it as in
    /// its C++ listing. When COM starts a server, it adds `-Embedding`.
    fn read(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut request = Self::default();
        for argument in arguments {
            let argument = argument.to_str()?.to_ascii_lowercase();
            match argument.strip_prefix(['-', '/']).unwrap_or(&argument) {
                "registersampletask" => request.register = true,
                "startsampletaskserver" => request.serve = true,
                "embedding" => {}
                _ => return None,
            }
        }
        Some(request)
    }
}

fn register_and_serve(register: bool, serve: bool) -> Result<(), Error> {
    if register {
        let task = SampleTaskRegistrar::register()?;
        println!("{} is registered as {}: {}", task.name(), task.task_id(), task.trigger());
    }
    if serve {
        let mut server = SampleTaskServer::new()?;
        server.start()?;
        server.stop()?;
    }
    Ok(())
}

/// Returns the error, its cause, and the way out.
fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    match error.way_out() {
        Some(way_out) => format!("{text}\n  {way_out}"),
        None => text,
    }
}

fn usage() -> ExitCode {
    eprintln!(
        "primes: looks for prime numbers in the background until it is cancelled\n\n\
         usage: primes                         show the task, in a terminal{}\n       \
         primes -RegisterSampleTask     register the task, every 15 minutes\n       \
         primes -StartSampleTaskServer  serve it, as the broker asks",
        if cfg!(feature = "view") { "" } else { " (built with `--features view`)" }
    );
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Option<Request> {
        Request::read(arguments.iter().map(OsString::from))
    }

    fn primes_below(max: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("primes").join("numbersQueue.log");
        calculate_primes(NumbersQueue::in_file(file.clone()), max, &AtomicBool::new(false)).unwrap();
        fs::read_to_string(file).unwrap()
    }

    #[test]
    fn arguments_are_read_in_every_spelling() {
        let (register, serve) = (true, true);
        assert_eq!(read(&[]), Some(Request::default()));
        for text in
            ["-RegisterSampleTask", "RegisterSampleTask", "-registersampletask", "/REGISTERSAMPLETASK"]
        {
            assert_eq!(read(&[text]), Some(Request { register, serve: false }), "{text}");
        }
        assert_eq!(read(&["StartSampleTaskServer", "-Embedding"]), Some(Request { register: false, serve }));
        let both = read(&["-StartSampleTaskServer", "-RegisterSampleTask"]);
        assert_eq!(both, Some(Request { register, serve }));
        assert_eq!(read(&["--help"]), None);
    }

    #[test]
    fn the_first_ten_primes_are_written_at_once() {
        assert_eq!(primes_below(29), "2, 3, 5, 7, 11, 13, 17, 19, 23, 29, ");
    }

    #[test]
    fn the_remainder_is_written_at_the_end() {
        // The guard is tested before the next prime is looked for, so the last one is not below it.
        assert_eq!(primes_below(30), "2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, ");
        assert_eq!(primes_below(3), "2, 3, ");
    }

    #[test]
    fn runs_append_to_one_file_and_a_cancelled_one_writes_no_lone_delimiter() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("numbersQueue.log");
        let run = |cancelled| {
            let queue = NumbersQueue::in_file(file.clone());
            calculate_primes(queue, 5, &AtomicBool::new(cancelled)).unwrap();
        };
        run(true);
        assert!(!file.exists());
        run(false);
        run(true);
        run(false);
        assert_eq!(fs::read_to_string(&file).unwrap(), "2, 3, 5, 2, 3, 5, ");
    }

    #[test]
    fn a_file_that_cannot_be_written_fails_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let queue = NumbersQueue::in_file(folder.path().to_owned());
        assert!(calculate_primes(queue, 5, &AtomicBool::new(false)).is_err());
    }
}

/// The sample on an in-memory machine, with a clock that the test controls.
#[cfg(all(test, not(windows)))]
mod played {
    use std::time::Duration;

    use oncue::testing::{Fact, TestBroker, TestPackage};
    use oncue::{BackgroundTaskCancellationReason, Outcome};

    use super::*;

    #[test]
    fn the_sample_is_held_without_internet_and_runs_until_it_is_cancelled() {
        let package = TestPackage::from_manifest(include_str!("../AppxManifest.xml")).unwrap();
        let package = package.server([SAMPLE_TASK_CLSID], || register_and_serve(false, true));
        let broker = TestBroker::new(package).unwrap();
        register_and_serve(true, false).unwrap();
        let task = SampleTaskRegistrar::register().unwrap();
        assert_eq!(BackgroundTaskRegistration::all_tasks().unwrap().len(), 1, "it is registered once");
        broker.takes_time(&task);

        broker.advance(Duration::from_secs(15 * 60)).unwrap();
        assert_eq!(broker.why(&task), ["internet"]);
        broker.pin(Fact::Internet, true).unwrap();
        broker.wait_until("it has started", |broker| broker.progress(&task) == Some(10)).unwrap();

        broker.cancel(&task, BackgroundTaskCancellationReason::Abort).unwrap();
        let end = broker.run_to_completion(&task).unwrap();
        assert_eq!(
            (end.outcome, end.reason),
            (Outcome::Cancelled.into(), Some(BackgroundTaskCancellationReason::Abort))
        );
    }
}
