//! Several tasks in one task server, distinguished by class and name.
//!
//! There are two classes: `Thumbnails`, whose tasks `Photos` and `Videos` differ only in their
//! names, and `Cleanup`. One process serves them all, and stays for a while, so that frequent runs
//! do not start a process each time.
//!
//! ```text
//! several             registers the tasks and lists them
//! several --now NAME  asks for a run, and waits for its end
//! several --serve     serves all of them, as the broker asks
//! ```

use std::env;
use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::process;
use std::sync::mpsc::channel;
use std::time::Duration;

use oncue::{
    ApplicationData, BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassUse, Force, Guid, IdlePolicy, OneShot, TaskError, TaskServer,
    TimeTrigger,
};

const THUMBNAILS: Guid = Guid::from_u128(0x7a4d2c9e_18c1_4b7e_8e63_0b1c5c4e2a21);
const CLEANUP: Guid = Guid::from_u128(0x7a4d2c9e_18c1_4b7e_8e63_0b1c5c4e2a22);
/// The tasks: name, class, and period in minutes.
const TASKS: [(&str, Guid, u32); 3] =
    [("Photos", THUMBNAILS, 15), ("Videos", THUMBNAILS, 60), ("Cleanup", CLEANUP, 1_440)];
/// How long the server stays when it is idle.
const STAYS: Duration = Duration::from_secs(10);

/// Creates small images; the task's name says of what.
struct Thumbnails;

impl BackgroundTask for Thumbnails {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        match instance.task().name() {
            "Photos" => note("small pictures of photos"),
            "Videos" => note("small pictures of videos"),
            other => Err(format!("this version makes no small pictures of {other}").into()),
        }
    }
}

/// Deletes old files.
struct Cleanup;

impl BackgroundTask for Cleanup {
    fn run(&self, _: &BackgroundTaskInstance) -> Result<(), TaskError> {
        note("cleaned up")
    }
}

/// Records what was done, and by which process.
fn note(what: &str) -> Result<(), TaskError> {
    let file = ApplicationData::current()?.local_folder().join("done.txt");
    let mut done = OpenOptions::new().append(true).create(true).open(file)?;
    Ok(writeln!(done, "{}: {what}", process::id())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();

    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => register(),
        ["--now", name] => run(name),
        ["--serve"] => serve(),
        _ => Err("write --now NAME, --serve or nothing".into()),
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let server = TaskServer::new()?;
    server.register_class_object(THUMBNAILS, || Thumbnails, ClassUse::Multiple)?;
    server.register_class_object(CLEANUP, || Cleanup, ClassUse::Multiple)?;
    Ok(server.wait(IdlePolicy::Idle(STAYS))?)
}

fn register() -> Result<(), Box<dyn Error>> {
    for (name, class, minutes) in TASKS {
        // Replaced, not kept, because a later version may have changed the minutes.
        BackgroundTaskBuilder::new()
            .set_name(name)
            .set_task_entry_point_clsid(class)
            .set_trigger(TimeTrigger::new(minutes, OneShot::No))
            .register_or_replace()?;
    }
    let mut tasks = BackgroundTaskRegistration::all_tasks()?;
    tasks.sort_by(|a, b| a.name().cmp(b.name()));
    for task in tasks {
        println!("{} {}", task.name(), task.trigger());
    }
    Ok(())
}

fn run(name: &str) -> Result<(), Box<dyn Error>> {
    let tasks = BackgroundTaskRegistration::all_tasks()?;
    let task = tasks.into_iter().find(|task| task.name() == name).ok_or("no task has that name")?;
    let (sender, ended) = channel();
    let _completed = task.on_completed(move |_, args| drop(sender.send(args.check_result())))?;
    task.request(Force::Yes)?;
    Ok(ended.recv()??)
}
