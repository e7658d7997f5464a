//! The app with which the scenarios test oncue: its task server, and the program that registers.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::ExitCode;
use std::sync::mpsc;

use clap::{Subcommand, ValueEnum};
use oncue::{BackgroundTask, BackgroundTaskInstance, ClassUse, Guid, IdlePolicy, TaskError, TaskServer};
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use oncue_wire::{Place, Registered, TaskSpec, Word};

use super::failure::Failure;
use super::interrupt::Interrupt;

/// Where the tasks report what they do.
pub(super) const REPORTS: &str = "/run/oncue-suite";

/// What a task does after it has reported that it was entered.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Class {
    /// It completes.
    Quick,
    /// It waits until it is cancelled, reports the reason, and ends.
    Stays,
}

impl Class {
    /// The class id in the package's manifest.
    fn id(self) -> Guid {
        let last = match self {
            Self::Quick => 1,
            Self::Stays => 2,
        };
        Guid::from_u128(0x5b3f_3a52_0d0e_4f5c_9a56_0d3b_54a3_b000 + last)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Stays => "stays",
        }
    }
}

/// A part of the app.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// Runs the task server.
    Serve,
    /// Registers a task with the text forms of trigger and condition.
    Register { name: String, class: Class, trigger: String, condition: String },
}

struct Task {
    class: Class,
}

impl BackgroundTask for Task {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let reports = UnixDatagram::unbound()?;
        reports.connect(REPORTS)?;
        let name = instance.task().name();
        let (sender, cancelled) = mpsc::channel();
        instance.on_canceled(move |_, reason| {
            let _ = sender.send(reason);
        });
        reports.send(format!("{name} ran").as_bytes())?;
        if let Class::Stays = self.class {
            let reason = cancelled.recv()?;
            reports.send(format!("{name} told {reason:?}").as_bytes())?;
        }
        Ok(())
    }
}

/// The arguments with which this program registers a task: [`Part::Register`].
pub(super) fn registering<'a>(
    name: &'a str,
    class: Class,
    trigger: &'a str,
    condition: &'a str,
) -> [&'a str; 6] {
    ["test-system-app", "register", name, class.word(), trigger, condition]
}

/// Acts as a part of the app.
pub(crate) fn play(part: &Part) -> ExitCode {
    let played = match part {
        Part::Serve => serve(),
        Part::Register { name, class, trigger, condition } => register(name, *class, trigger, condition),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Failure> {
    // At the end of a session, all its processes receive SIGTERM; this app waits for the broker
    // instead.
    let _deaf = Interrupt::listen()?;
    let server = TaskServer::new().map_err(app)?;
    for class in Class::value_variants().iter().copied() {
        server.register_class_object(class.id(), move || Task { class }, ClassUse::Multiple).map_err(app)?;
    }
    server.wait(IdlePolicy::AfterFirstCompletion).map_err(app)
}

fn register(name: &str, class: Class, trigger: &str, condition: &str) -> Result<(), Failure> {
    let spec = TaskSpec {
        name: name.into(),
        class_id: class.id().into(),
        trigger: Word::read(trigger),
        condition: Some(condition).filter(|text| !text.is_empty()).map(Word::read),
        mode: oncue_core::RegisterMode::Replace.into(),
        ..TaskSpec::default()
    };
    let place = Place::find().map_err(app)?;
    let stream = UnixStream::connect(place.socket()).map_err(Failure::system("the broker's socket"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::system("a runtime"))?.block_on(async {
        let broker = zbus::connection::Builder::unix_stream(stream).p2p().build().await.map_err(app)?;
        let none: Option<&str> = None;
        let asked = broker.call_method(none, BROKER_PATH, Some(BROKER_INTERFACE), "Register", &spec).await;
        asked.map_err(app)?.body().deserialize::<Registered>().map_err(app)?;
        Ok(())
    })
}

fn app(error: impl std::fmt::Display) -> Failure {
    Failure::App(error.to_string())
}
