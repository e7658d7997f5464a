//! The bench's own package: its task server, and the program that registers its tasks.

use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::ValueEnum;
use futures_util::future::try_join_all;
use oncue::{
    BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, ClassFactory, ClassUse, Guid, IdlePolicy,
    OneShot, TaskError, TaskServer, TimeTrigger,
};
use oncue_wire::{Place, Registered, TaskSpec, Word};

use super::bus::runtime;
use super::ours::monotonic;
use super::ours_stage::{REPORTS, call, connect};
use super::unmeasured::Unmeasured;

/// The class whose server stays, and the one whose server leaves after its first run.
const STAY: Guid = Guid::from_u128(0x5b3f_3a52_0d0e_4f5c_9a56_0d3b_54a3_a001);
const LEAVE: Guid = Guid::from_u128(0x5b3f_3a52_0d0e_4f5c_9a56_0d3b_54a3_a002);

/// Which of the bench's task servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Stays after its first run.
    Stay,
    /// Leaves after its first run.
    Leave,
}

impl Kind {
    const fn class(self) -> Guid {
        match self {
            Self::Stay => STAY,
            Self::Leave => LEAVE,
        }
    }

    const fn task_name(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Leave => "leave",
        }
    }
}

/// How many tasks are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum How {
    /// One after the other.
    One,
    /// All at once.
    AtOnce,
}

/// Reports when it was entered, and does nothing else.
struct Entered {
    report: Arc<UnixDatagram>,
}

/// Creates them, with one shared socket for reports.
struct Factory {
    report: Arc<UnixDatagram>,
}

impl ClassFactory for Factory {
    fn create_instance(&self) -> Result<Box<dyn BackgroundTask>, TaskError> {
        Ok(Box::new(Entered { report: self.report.clone() }))
    }
}

impl BackgroundTask for Entered {
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        let (entered, wall) = (monotonic(), SystemTime::now());
        let since_firing = wall.duration_since(instance.trigger_details().fired_at).unwrap_or_default();
        let mut report = u64::try_from(entered.as_nanos())?.to_le_bytes().to_vec();
        report.extend(u64::try_from(since_firing.as_nanos())?.to_le_bytes());
        report.extend(std::process::id().to_le_bytes());
        self.report.send(&report)?;
        Ok(())
    }
}

/// Runs the task server.
pub(super) fn serve(kind: Kind) -> Result<(), Unmeasured> {
    let report = report().map_err(Unmeasured::io("a socket to report to"))?;
    let policy = match kind {
        Kind::Stay => IdlePolicy::Idle(Duration::from_secs(60)),
        Kind::Leave => IdlePolicy::AfterFirstCompletion,
    };
    let server = TaskServer::new().map_err(Unmeasured::Oncue)?;
    server
        .register_class_object(kind.class(), Factory { report: Arc::new(report) }, ClassUse::Multiple)
        .map_err(Unmeasured::Oncue)?;
    server.wait(policy).map_err(Unmeasured::Oncue)
}

fn report() -> std::io::Result<UnixDatagram> {
    let report = UnixDatagram::unbound()?;
    // A task server gets the folders of its broker, and no other variables of the starter.
    let sockets = std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_default();
    report.connect(std::path::Path::new(&sockets).join(REPORTS))?;
    Ok(report)
}

/// Registers the task to be fired.
pub(super) fn register_task(kind: Kind) -> Result<(), Unmeasured> {
    BackgroundTaskBuilder::new()
        .set_name(kind.task_name())
        .set_task_entry_point_clsid(kind.class())
        .set_trigger(TimeTrigger::new(43_199, OneShot::No))
        .register_or_keep()
        .map(|_| ())
        .map_err(Unmeasured::Oncue)
}

/// Registers this many tasks and prints how long each took, or all of them if they are requested at
/// the same time.
pub(super) fn register(how: How, count: usize) -> Result<(), Unmeasured> {
    let place = Place::find().map_err(|_| Unmeasured::NoRounds)?;
    runtime()?.block_on(async {
        let broker = connect(&place.socket()).await?;
        let spec = TaskSpec {
            name: "one of many".into(),
            class_id: STAY.into(),
            trigger: Word::read("every 29d"),
            mode: oncue_core::RegisterMode::Always.into(),
            ..TaskSpec::default()
        };
        let start = Instant::now();
        if how == How::AtOnce {
            try_join_all((0..count).map(|_| call::<_, Registered>(&broker, "Register", &spec))).await?;
            println!("{}", start.elapsed().as_nanos());
            return Ok(());
        }
        for _ in 0..count {
            let start = Instant::now();
            call::<_, Registered>(&broker, "Register", &spec).await?;
            println!("{}", start.elapsed().as_nanos());
        }
        Ok(())
    })
}
