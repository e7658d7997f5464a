//! The steps, in order. Each is verified before the next one.

mod firing;
mod setting;

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use oncue::tools::{Broker, Notice, PackageInfo};

use crate::commands::demo::error::DemoError;
use crate::commands::demo::numbers::Numbers;
use crate::commands::demo::own_broker::OwnBroker;
use crate::commands::demo::report::Report;
use crate::commands::demo::show::Plan;
use crate::follow::{Happening, Happenings};
use crate::process;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// The state of the demonstration.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    plan: &'a Plan,
    happenings: &'a Happenings,
    report: &'a mut Report,
    broker: Option<OwnBroker>,
    /// The task server, once it has started.
    server: Option<OwnedFd>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(plan: &'a Plan, happenings: &'a Happenings, report: &'a mut Report) -> Self {
        Self { plan, happenings, report, broker: None, server: None }
    }

    /// Performs every step.
    pub(super) fn play(&mut self) -> Result<(), DemoError> {
        self.report.title(
            "The sample of Microsoft's article, from registration to ledger, with a separate broker",
        )?;
        let folder = self.step("laying out the package", Self::lay_out)?;
        self.step("starting a broker", Self::start_broker)?;
        let package = self.step("adding the package", |scene| scene.add_package(&folder))?;
        let program = program(&package)?;
        let task = self.step("registering the task", |scene| scene.register(&package, &program))?;
        self.describe(&task)?;
        let fired = self.step("firing the task", |scene| scene.fire(&task))?;
        let entered =
            self.step("starting the task server", |scene| scene.entered(&task, &fired, &program))?;
        // In the local folder, the sample has its own folder, named after its program.
        let folder = PathBuf::from(&package.local_folder).join(program.file_stem().unwrap_or_default());
        let file = folder.join("numbersQueue.log");
        self.describe_server(&entered, &file)?;
        let mut numbers = Numbers::of(file);
        self.step("following the run", |scene| scene.follow(&fired, &mut numbers))?;
        let entry = self.step("cancelling the run", |scene| scene.cancel(&task, &fired))?;
        self.step("flushing the remainder", |_| firing::flushed(&mut numbers))?;
        self.step("writing the ledger", |scene| scene.ledger(&task, &entry))
    }

    /// Ends the broker, if there is one, and checks that the task server ends too.
    pub(super) fn end(&mut self) -> Result<(), DemoError> {
        let Some(broker) = self.broker.take() else { return Ok(()) };
        let server = self.server.take();
        self.step("stopping the broker", |_| {
            broker.stop()?;
            let ended = server.is_none_or(|server| process::has_ended(&server, PATIENCE));
            let said = "the broker has ended, and no process is left".to_owned();
            if ended { Ok(((), said)) } else { Err(DemoError::missing("the task server did not end")) }
        })
    }

    /// Performs a step and reports the result.
    fn step<T>(
        &mut self,
        title: &str,
        act: impl FnOnce(&mut Self) -> Result<(T, String), DemoError>,
    ) -> Result<T, DemoError> {
        self.report.begin();
        match act(self) {
            Ok((given, said)) => {
                self.report.done(&said)?;
                Ok(given)
            }
            // Ctrl-C also reaches cargo and the sample, so they fail only because of it.
            Err(_) if self.is_interrupted() => Err(DemoError::Interrupted),
            Err(DemoError::Interrupted) => Err(DemoError::Interrupted),
            Err(error) => {
                self.report.failed(title)?;
                Err(error)
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        loop {
            match self.happenings.next(Some(Instant::now())) {
                Happening::Interrupted | Happening::Terminated => return true,
                Happening::Nothing | Happening::Gone => return false,
                Happening::Notice(_) | Happening::Changed | Happening::Answered(_) => {}
            }
        }
    }

    /// Waits for the next notice; returns `None` if the deadline passes first.
    fn notice(&self, deadline: Instant) -> Result<Option<Notice>, DemoError> {
        match self.happenings.next(Some(deadline)) {
            Happening::Notice(notice) => Ok(Some(*notice)),
            Happening::Nothing | Happening::Changed | Happening::Answered(_) => Ok(None),
            Happening::Interrupted | Happening::Terminated => Err(DemoError::Interrupted),
            Happening::Gone => Err(DemoError::missing("the broker ended in the meantime")),
        }
    }

    fn broker(&self) -> Result<&OwnBroker, DemoError> {
        self.broker.as_ref().ok_or_else(|| DemoError::missing("there is no broker"))
    }

    fn ask(&self) -> Result<&Broker, DemoError> {
        self.broker().map(|broker| &broker.asked)
    }
}

fn program(package: &PackageInfo) -> Result<PathBuf, DemoError> {
    let server = package.servers.first();
    let missing = || DemoError::missing("the package has no task server");
    server.map(|server| PathBuf::from(&server.executable)).ok_or_else(missing)
}
