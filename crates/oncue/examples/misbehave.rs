//! A package whose tasks do everything that can go wrong, for tests and for a look at how oncue tells it.
//!
//! `misbehave register NAME…` registers tasks; a task's name says what it does. `misbehave serve`,
//! `exit` and `mute` are its three task servers, as its manifest starts them.

use std::process::ExitCode;
use std::time::Duration;

use oncue::{
    BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, ClassUse, Guid, IdlePolicy, TaskError, TaskServer,
    TimeTrigger,
};

/// The class of the server that works, of the one that exits early, and of the one that never registers.
const SERVED: Guid = Guid::from_u128(0x7d1f_3c1e_5a30_4d5e_9b64_0f6d_0000_0001);
const EXITS: Guid = Guid::from_u128(0x7d1f_3c1e_5a30_4d5e_9b64_0f6d_0000_0002);
const MUTE: Guid = Guid::from_u128(0x7d1f_3c1e_5a30_4d5e_9b64_0f6d_0000_0003);

struct Misbehaving;

impl BackgroundTask for Misbehaving {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        instance.set_progress(1);
        match instance.task().name() {
            "fails" => Err("the disk is on fire".into()),
            "panics" => panic!("this was not expected"),
            "aborts" => {
                eprintln!("about to abort");
                std::process::abort()
            }
            "exits" => {
                eprintln!("leaving in the middle");
                std::process::exit(7)
            }
            "deaf" => loop {
                std::thread::park();
            },
            "obeys" => {
                let (told, cancelled) = std::sync::mpsc::channel();
                instance.on_canceled(move |_, reason| {
                    // The run may have ended for another reason; then nobody listens.
                    let _ = told.send(reason);
                });
                cancelled.recv()?;
                instance.set_progress(99);
                Ok(())
            }
            _ => {
                instance.set_progress(100);
                Ok(())
            }
        }
    }
}

fn serve() -> Result<(), oncue::Error> {
    let server = TaskServer::new()?;
    server.register_class_object(SERVED, || Misbehaving, ClassUse::Multiple)?;
    server.wait(IdlePolicy::Idle(Duration::from_secs(2)))
}

fn register(names: &[String]) -> Result<(), oncue::Error> {
    for name in names {
        let class = match name.as_str() {
            "exits-early" => EXITS,
            "never-registers" => MUTE,
            _ => SERVED,
        };
        let mut builder = BackgroundTaskBuilder::new();
        builder.set_name(name).set_task_entry_point_clsid(class).set_trigger(TimeTrigger::new(15, false));
        builder.set_grace(Duration::from_millis(200)).register()?;
        println!("registered {name}");
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some("register") => register(&arguments[1..]),
        Some("serve") => serve(),
        Some("exit") => {
            eprintln!("no configuration found\ngiving up");
            return ExitCode::from(3);
        }
        Some("mute") => loop {
            std::thread::park();
        },
        _ => {
            eprintln!("usage: misbehave register NAME…");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(way_out) = error.way_out() {
                eprintln!("  try: {way_out}");
            }
            ExitCode::FAILURE
        }
    }
}
