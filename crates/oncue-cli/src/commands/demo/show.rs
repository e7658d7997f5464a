//! The demonstration: performs each step, verifies it, and prints how long it took.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::commands::demo::error::DemoError;
use crate::commands::demo::report::Report;
use crate::commands::demo::scene::Scene;
use crate::follow::Happenings;

/// What to show.
#[derive(Debug)]
pub(crate) struct Plan {
    /// `ONCUE_HOME` of this process and all its children; everything the demonstration creates is
    /// in it.
    pub(crate) home: PathBuf,
    /// How long the task runs before it is cancelled.
    pub(crate) runs_for: Duration,
    /// Whether to keep the folder.
    pub(crate) keep: bool,
}

/// Runs the demonstration, and cleans up however it ends.
pub(crate) fn show(plan: &Plan) -> Result<(), DemoError> {
    let happenings = Happenings::of_signals()?;
    let mut report = Report::open();
    let mut scene = Scene::new(plan, &happenings, &mut report);
    let shown = scene.play();
    let ended = scene.end();
    let shown = shown.and(ended);
    let keep = match &shown {
        Ok(()) => plan.keep,
        Err(DemoError::Interrupted) => false,
        // The reader has closed the pipe, so nothing needs to be kept.
        Err(DemoError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => false,
        Err(_) => true,
    };
    if !keep {
        // If this fails, the system cleans up its temporary folder.
        let _ = fs::remove_dir_all(&plan.home);
    }
    if shown.is_ok() {
        report.farewell(&plan.home, keep)?;
    } else if keep {
        report.left_for_looking(&plan.home)?;
    }
    shown
}
