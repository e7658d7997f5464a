//! The packages' files: where each lies, which programs it declares, who runs from it.
//!
//! The core knows packages by name and class; only here they have paths.

mod executable;
mod load;
mod program;
mod shared;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use oncue_core::FamilyName;

pub use load::{Loaded, PackageProblem, Program, load};
pub use program::{ProgramProblem, missing_library, problem as program_problem};
pub(crate) use shared::{folders as shared_folders, is_shared};

/// Where the packages that the core knows lie, and what they start.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    by_family: BTreeMap<FamilyName, Files>,
    /// The programs of packages, by their real path.
    by_executable: HashMap<PathBuf, FamilyName>,
}

/// One package's files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// The folder of the manifest.
    pub(crate) location: PathBuf,
    /// The task servers, in the manifest's order.
    pub(crate) servers: Vec<Program>,
    /// The real paths of all programs, those of applications too.
    pub(crate) executables: Vec<PathBuf>,
    /// Why the package cannot be used now, if so.
    pub(crate) problem: Option<String>,
}

impl Packages {
    pub(crate) fn insert(&mut self, family: FamilyName, files: Files) {
        self.remove(&family);
        for executable in &files.executables {
            self.by_executable.insert(executable.clone(), family.clone());
        }
        self.by_family.insert(family, files);
    }

    pub(crate) fn remove(&mut self, family: &FamilyName) {
        if self.by_family.remove(family).is_some() {
            self.by_executable.retain(|_, of| of != family);
        }
    }

    pub(crate) fn get(&self, family: &FamilyName) -> Option<&Files> {
        self.by_family.get(family)
    }

    /// Returns the package whose program that is. A process whose program was replaced or removed
    /// since it was started is still of the package: what counts is where the program lay.
    pub(crate) fn of_executable(&self, executable: &Path) -> Option<&FamilyName> {
        self.by_executable.get(executable).or_else(|| self.by_executable.get(unlinked(executable)?))
    }

    /// Takes up a package that the store knows; one that cannot be read any more keeps its name.
    pub(crate) fn take_up(&mut self, family: FamilyName, location: &Path) {
        let files = match load(location) {
            Ok(loaded) if loaded.package.family == family => loaded.files,
            Ok(loaded) => {
                Files::missing(location, format!("the folder now holds package {}", loaded.package.family))
            }
            Err(problem) => Files::missing(location, problem.to_string()),
        };
        if let Some(problem) = &files.problem {
            tracing::warn!("package {family}: {problem}; its tasks cannot be activated");
        }
        self.insert(family, files);
    }
}

/// Returns where a program lay that is no longer there, by the kernel's word: proc_pid_exe(5).
fn unlinked(executable: &Path) -> Option<&Path> {
    let path = executable.as_os_str().as_bytes().strip_suffix(b" (deleted)")?;
    Some(Path::new(OsStr::from_bytes(path)))
}

impl Files {
    fn missing(location: &Path, problem: String) -> Self {
        Self {
            location: location.to_owned(),
            servers: Vec::new(),
            executables: Vec::new(),
            problem: Some(problem),
        }
    }
}
