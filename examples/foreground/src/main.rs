//! An app that runs its own tasks while its window is open; while it is closed, another process
//! does.
//!
//! The open app registers the class object of its task. While it does, the broker sends every run
//! to it: the open notes are saved from memory, and no other process writes the file. When the app
//! closes, it leaves through the same handshake as any task server, so that no run is lost; the
//! next one starts `foreground --serve`.
//!
//! ```text
//! foreground          the open app; here its window is the terminal, and Ctrl-D closes it
//! foreground --now    asks for a run, and waits for its end
//! foreground --serve  serves the task without a window, as the broker asks
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oncue::{
    ApplicationData, BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance,
    BackgroundTaskRegistration, ClassUse, Force, Guid, IdlePolicy, OneShot, TaskError, TaskServer,
    TimeTrigger,
};

const SAVE: Guid = Guid::from_u128(0x2f9b1e64_6d0c_4c55_a9c3_9d5a7e8f3b30);

/// The notes that are open in the window, if there is a window.
type Open = Option<Arc<Mutex<String>>>;

/// Saves the open notes, or sorts those in the file.
struct Save(Open);

impl BackgroundTask for Save {
    fn run(&self, _: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let file = ApplicationData::current()?.local_folder().join("notes.txt");
        match &self.0 {
            Some(notes) => {
                fs::write(&file, notes.lock().unwrap_or_else(PoisonError::into_inner).as_str())?;
                println!("saved by the open app");
            }
            None => {
                let notes = fs::read_to_string(&file).unwrap_or_default();
                let mut lines: Vec<&str> = notes.lines().collect();
                lines.sort_unstable();
                fs::write(&file, lines.join("\n") + "\n")?;
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    oncue_broker::embed();

    match env::args().nth(1).as_deref() {
        None => open(),
        Some("--now") => run(),
        Some("--serve") => {
            let server = serve(None)?;
            Ok(server.wait(IdlePolicy::AfterFirstCompletion)?)
        }
        Some(other) => Err(format!("nothing is called `{other}`: write --now, --serve or nothing").into()),
    }
}

fn serve(open: Open) -> Result<TaskServer, oncue::Error> {
    let server = TaskServer::new()?;
    server.register_class_object(SAVE, move || Save(open.clone()), ClassUse::Multiple)?;
    Ok(server)
}

/// The open app: every typed line is a note.
fn open() -> Result<(), Box<dyn Error>> {
    register()?;
    let notes = Arc::new(Mutex::new(String::new()));
    let server = serve(Some(Arc::clone(&notes)))?;
    println!("open");
    for line in io::stdin().lines() {
        let line = line? + "\n";
        notes.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        print!("noted: {line}");
    }
    // While the app is closing, a run may be on its way to it until the broker agrees.
    server.wait(IdlePolicy::Idle(Duration::ZERO))?;
    println!("closed");
    Ok(())
}

fn register() -> Result<BackgroundTaskRegistration, oncue::Error> {
    let (task, _) = BackgroundTaskBuilder::new()
        .set_name("Save")
        .set_task_entry_point_clsid(SAVE)
        .set_trigger(TimeTrigger::new(15, OneShot::No))
        .register_or_keep()?;
    Ok(task)
}

fn run() -> Result<(), Box<dyn Error>> {
    let task = register()?;
    let (sender, ended) = channel();
    let _completed = task.on_completed(move |_, args| drop(sender.send(args.check_result())))?;
    task.request(Force::Yes)?;
    Ok(ended.recv()??)
}
