//! The environment of a run of measurements: its folders, its program and its length.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::placement::Placement;
use super::samples::Rounds;
use super::unmeasured::Unmeasured;

/// How many rounds of a measurement count; a tenth as many precede them.
pub(super) struct Plan {
    /// In a full run.
    pub(super) full: usize,
    /// With `--quick`.
    pub(super) quick: usize,
}

/// Everything that the measurements of one run share. Its folders are removed with it.
pub(super) struct Room {
    program: PathBuf,
    disk: TempDir,
    sockets: TempDir,
    placement: Placement,
    quick: bool,
}

impl Room {
    pub(super) fn new(quick: bool, placement: Placement) -> Result<Self, Unmeasured> {
        let program = std::env::current_exe().map_err(Unmeasured::io("the path of this program"))?;
        let beside = program.parent().unwrap_or(Path::new("."));
        let folder = Unmeasured::io("a folder for the measurements");
        let disk = tempfile::tempdir_in(beside).map_err(folder)?;
        // The path of a socket must be short, but a target folder may be deep.
        let sockets = tempfile::tempdir().map_err(Unmeasured::io("a folder for sockets"))?;
        Ok(Self { program, disk, sockets, placement, quick })
    }

    /// This program, which also acts as the other process of a measurement (`bench-server`).
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// A folder on the disk of the target folder, for measurements that need a real disk.
    pub(super) fn disk(&self) -> &Path {
        self.disk.path()
    }

    /// A folder with a short path.
    pub(super) fn sockets(&self) -> &Path {
        self.sockets.path()
    }

    /// The CPUs that this run uses.
    pub(super) fn placement(&self) -> Placement {
        self.placement
    }

    /// The rounds of a measurement in this run.
    pub(super) fn rounds(&self, plan: &Plan) -> Rounds {
        let counted = if self.quick { plan.quick } else { plan.full };
        Rounds { warm_up: counted.div_ceil(10), counted }
    }
}
