//! An asynchronous task, on the app's own executor: here tokio.
//!
//! The task fetches several feeds at once, and one thread is enough for all of them and for all
//! runs. When a run is cancelled, the future that it was awaiting is dropped.
//!
//! ```text
//! awaiting          registers the task
//! awaiting --now    asks for a run, and waits for its end
//! awaiting --serve  serves it, as the broker asks
//! ```

use std::env;
use std::error::Error;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use oncue::{
    ApplicationData, AsyncBackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassUse, Force, Guid, IdlePolicy, OneShot, RunFuture, TaskError, TaskServer,
    TimeTrigger,
};
use tokio::runtime::{self, Handle};
use tokio::task::JoinSet;

const FETCH: Guid = Guid::from_u128(0xb3c6a1d8_95e7_4d24_8a57_6e0f2d4c1c40);
/// The feeds, and how long the network takes for each.
const FEEDS: [(&str, u64); 3] = [("weather", 60), ("news", 20), ("sports", 40)];

/// Fetches all feeds.
struct Fetch;

impl AsyncBackgroundTask for Fetch {
    async fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        match instance.unless_canceled(fetch_all(instance)).await {
            Ok(done) => done,
            // What has been fetched is kept; the next run fetches the rest.
            Err(_reason) => Ok(()),
        }
    }
}

async fn fetch_all(instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
    let folder = ApplicationData::current()?.local_folder().to_owned();
    let mut fetches = JoinSet::new();
    for (feed, milliseconds) in FEEDS {
        let file = folder.join(format!("{feed}.txt"));
        fetches.spawn(async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            tokio::fs::write(file, format!("what is new in {feed}\n")).await
        });
    }
    let mut fetched = 0;
    while let Some(fetch) = fetches.join_next().await {
        fetch??;
        fetched += 1;
        instance.set_progress(fetched);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();

    match env::args().nth(1).as_deref() {
        None => register().map(|task| println!("{} {}", task.name(), task.trigger())).map_err(Into::into),
        Some("--now") => run(),
        Some("--serve") => serve(),
        Some(other) => Err(format!("nothing is called `{other}`: write --now, --serve or nothing").into()),
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let handle = start_executor()?;
    let server = TaskServer::new()?;
    let spawn = move |run: RunFuture| drop(handle.spawn(run));
    server.register_async_class_object_on(FETCH, || Fetch, ClassUse::Multiple, spawn)?;
    Ok(server.wait(IdlePolicy::AfterFirstCompletion)?)
}

/// Starts an executor on its own thread, which ends with the process.
fn start_executor() -> Result<Handle, Box<dyn Error>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

fn register() -> Result<BackgroundTaskRegistration, oncue::Error> {
    let (task, _) = BackgroundTaskBuilder::new()
        .set_name("Fetch")
        .set_task_entry_point_clsid(FETCH)
        .set_trigger(TimeTrigger::new(30, OneShot::No))
        .register_or_keep()?;
    Ok(task)
}

fn run() -> Result<(), Box<dyn Error>> {
    let task = register()?;
    let (sender, ended) = channel();
    let _completed = task.on_completed(move |_, args| drop(sender.send(args.run().clone())))?;
    task.request(Force::Yes)?;
    let run = ended.recv()?;
    println!("{}, {} feeds", run.outcome, run.progress.unwrap_or(0));
    Ok(run.check_result()?)
}
