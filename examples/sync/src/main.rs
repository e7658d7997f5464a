//! Keeps a mailbox in sync in the background, and shows the progress in the app.
//!
//! The task fetches message after message and reports its progress. When it is cancelled, it stops,
//! and the next run continues there. The app registers the task, shows what happened while the app
//! was closed, and follows a run that was requested.
//!
//! ```text
//! sync            registers the task and shows where it stands
//! sync --now      asks for a run, and shows its progress until its end
//! sync --serve    serves the task, as the broker asks
//! ```

use std::env;
use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use oncue::{
    ApplicationData, BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassUse, Force, Guid, IdlePolicy, OneShot, PastRun, RequestResult,
    SystemCondition, SystemConditionType, TaskError, TaskServer, TimeTrigger,
};

const SYNC: Guid = Guid::from_u128(0x5c0e8b0a_3c5b_4e0b_9f0e_3b6b4f9b7a10);
/// How many messages the mailbox contains.
const MESSAGES: usize = 20;
/// How long a message takes.
const ONE: Duration = Duration::from_millis(20);

/// Fetches the messages that are in the mailbox but not in the file.
struct Sync;

impl BackgroundTask for Sync {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let (sender, cancelled) = channel();
        instance.on_canceled(move |_, reason| {
            let _ = sender.send(reason);
        });
        let file = ApplicationData::current()?.local_folder().join("inbox.txt");
        let here = fs::read_to_string(&file).map_or(0, |inbox| inbox.lines().count());
        let mut inbox = OpenOptions::new().append(true).create(true).open(&file)?;
        for number in here + 1..=MESSAGES {
            // Waiting for the network; a cancellation ends the wait immediately.
            if cancelled.recv_timeout(ONE) != Err(RecvTimeoutError::Timeout) {
                return Ok(());
            }
            writeln!(inbox, "message {number}")?;
            instance.set_progress(u32::try_from(100 * number / MESSAGES)?);
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();

    match env::args().nth(1).as_deref() {
        Some("--serve") => serve(),
        Some("--now") => follow(&register()?),
        None => show(&register()?),
        Some(other) => Err(format!("nothing is called `{other}`: write --now, --serve or nothing").into()),
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let server = TaskServer::new()?;
    server.register_class_object(SYNC, || Sync, ClassUse::Multiple)?;
    Ok(server.wait(IdlePolicy::AfterFirstCompletion)?)
}

/// Returns the existing task, or a new one; every start of the app calls this.
fn register() -> Result<BackgroundTaskRegistration, oncue::Error> {
    let (task, _) = BackgroundTaskBuilder::new()
        .set_name("Sync")
        .set_task_entry_point_clsid(SYNC)
        .set_trigger(TimeTrigger::new(15, OneShot::No))
        .add_condition(SystemCondition::new(SystemConditionType::InternetAvailable))
        .register_or_keep()?;
    Ok(task)
}

/// What an app shows when it is opened.
fn show(task: &BackgroundTaskRegistration) -> Result<(), Box<dyn Error>> {
    match task.last_result()? {
        Some(last) => println!("last time: {}", ending(&last)),
        None => println!("it has not run yet"),
    }
    println!("it waits for {:?}", task.why()?.waits_for());
    Ok(())
}

/// What an app shows while the user watches.
fn follow(task: &BackgroundTaskRegistration) -> Result<(), Box<dyn Error>> {
    let (sender, ended) = channel();
    // Handlers come first, so that nothing is missed.
    let _progress = task.on_progress(|_, args| println!("{} %", args.progress()))?;
    let _completed = task.on_completed(move |_, args| drop(sender.send(args.run().clone())))?;
    // A run that the user requested does not wait for the task's conditions.
    if task.request(Force::Yes)? == RequestResult::Held {
        println!("it waits for {:?}", task.why()?.waits_for());
        return Ok(());
    }
    let run = ended.recv()?;
    println!("{}", ending(&run));
    Ok(run.check_result()?)
}

fn ending(run: &PastRun) -> String {
    match run.progress {
        Some(progress) => format!("{} at {progress} %", run.outcome),
        None => run.outcome.to_string(),
    }
}
