//! The packages' files: where each lies, which programs it declares, who runs from it.
//!
//! The core knows packages by name and class; only here they have paths. Folders are read as
//! errands, so a package may be known before its files are.

mod executable;
mod finder;
mod load;
mod place;
mod program;
mod shared;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oncue_core::{FamilyName, ServerId};

pub(crate) use finder::{Finder, News, Trouble};
pub(crate) use load::Candidate;
pub use load::{Loaded, PackageProblem, Program, load};
pub(crate) use place::folder_of;
pub use program::{ProgramProblem, missing_library, problem as program_problem};

/// The manifest's name in a package's folder.
const MANIFEST: &str = "AppxManifest.xml";

/// Where each package lies.
pub(crate) type Locations = BTreeMap<FamilyName, PathBuf>;

/// Where the packages that the core knows lie, and what they start.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    by_family: BTreeMap<FamilyName, Files>,
    /// The programs of packages, by their real path.
    by_executable: HashMap<PathBuf, FamilyName>,
    /// As in `by_family`, for errands.
    locations: Arc<Locations>,
}

/// One package's files.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// The folder of the manifest, or the manifest itself if it describes one program only.
    pub(crate) location: PathBuf,
    /// Whether the system installed it.
    pub(crate) shared: bool,
    /// The task servers, in the manifest's order.
    pub(crate) servers: Vec<Program>,
    /// The real paths of all programs, those of applications too.
    pub(crate) executables: Vec<PathBuf>,
    standing: Standing,
}

/// Whether a package's programs can be started.
#[derive(Clone, Debug)]
enum Standing {
    /// Its folder is being read; these servers are to be started after that.
    Reading(Vec<(ServerId, usize)>),
    /// They can.
    Ready,
    /// They cannot, and this is why.
    Troubled(String),
}

/// What becomes of a server that is to be started.
#[derive(Debug)]
pub(crate) enum Start {
    /// This program is it, with the folder to start it in.
    Program(Program, PathBuf),
    /// It is started once its package has been read; where that has to be begun, this is the folder.
    Waits { read: Option<PathBuf> },
    /// It cannot be started.
    Impossible(String),
}

impl Packages {
    pub(crate) fn insert(&mut self, family: FamilyName, files: Files) {
        self.remove(&family);
        for executable in &files.executables {
            self.by_executable.insert(executable.clone(), family.clone());
        }
        Arc::make_mut(&mut self.locations).insert(family.clone(), files.location.clone());
        self.by_family.insert(family, files);
    }

    /// Forgets a package's files; returns the servers that waited for them.
    pub(crate) fn remove(&mut self, family: &FamilyName) -> Vec<(ServerId, usize)> {
        let Some(files) = self.by_family.remove(family) else { return Vec::new() };
        self.by_executable.retain(|_, of| of != family);
        Arc::make_mut(&mut self.locations).remove(family);
        match files.standing {
            Standing::Reading(waiting) => waiting,
            Standing::Ready | Standing::Troubled(_) => Vec::new(),
        }
    }

    pub(crate) fn get(&self, family: &FamilyName) -> Option<&Files> {
        self.by_family.get(family)
    }

    pub(crate) fn locations(&self) -> Arc<Locations> {
        self.locations.clone()
    }

    /// Returns whether folders are being read.
    pub(crate) fn are_being_read(&self) -> bool {
        self.by_family.values().any(|files| matches!(files.standing, Standing::Reading(_)))
    }

    /// Returns the package whose program that is. A process whose program was replaced or removed
    /// since it was started is still of the package: what counts is where the program lay.
    pub(crate) fn of_executable(&self, executable: &Path) -> Option<&FamilyName> {
        self.by_executable.get(executable).or_else(|| self.by_executable.get(unlinked(executable)?))
    }

    /// Returns whether a program's package may be unknown, or other than it was: a manifest that describes
    /// one program changes with this program.
    pub(crate) fn must_look(&self, executable: &Path) -> bool {
        let files = self.of_executable(executable).and_then(|family| self.by_family.get(family));
        files.is_none_or(|files| place::is_of_one_program(&files.location))
    }

    /// Takes up a package that the store knows, whose folder is about to be read.
    pub(crate) fn take_up(&mut self, family: FamilyName, location: PathBuf) {
        self.insert(family, Files::unread(location, Standing::Reading(Vec::new())));
    }

    /// Says that a package's programs cannot be started; returns the servers that waited for them.
    pub(crate) fn trouble(&mut self, family: &FamilyName, why: String) -> Vec<(ServerId, usize)> {
        let Some(files) = self.by_family.get_mut(family) else { return Vec::new() };
        match std::mem::replace(&mut files.standing, Standing::Troubled(why)) {
            Standing::Reading(waiting) => waiting,
            Standing::Ready | Standing::Troubled(_) => Vec::new(),
        }
    }

    /// Says that the file system of a package's programs does not answer. Its folder is read again before
    /// one of them is started the next time.
    pub(crate) fn out_of_reach(&mut self, family: &FamilyName, why: &str) {
        if let Some(files) = self.by_family.get_mut(family)
            && matches!(files.standing, Standing::Ready)
        {
            files.standing = Standing::Troubled(why.to_owned());
        }
    }

    /// Returns whether a server waits for its package to be read.
    pub(crate) fn is_awaited_by(&self, server: ServerId) -> bool {
        self.by_family.values().any(|files| match &files.standing {
            Standing::Reading(waiting) => waiting.iter().any(|(waits, _)| *waits == server),
            Standing::Ready | Standing::Troubled(_) => false,
        })
    }

    /// Finds the program of a server that is to be started. A package that had trouble is read again.
    pub(crate) fn start(&mut self, family: &FamilyName, server: ServerId, exe: usize) -> Start {
        let Some(files) = self.by_family.get_mut(family) else {
            return Start::Impossible(format!("package {family} has no files"));
        };
        match &mut files.standing {
            Standing::Ready => match files.servers.get(exe) {
                Some(program) => Start::Program(program.clone(), folder_of(&files.location).to_owned()),
                None => Start::Impossible(format!("package {family} has no task server {exe}")),
            },
            Standing::Reading(waiting) => {
                waiting.push((server, exe));
                Start::Waits { read: None }
            }
            Standing::Troubled(_) => {
                files.standing = Standing::Reading(vec![(server, exe)]);
                Start::Waits { read: Some(files.location.clone()) }
            }
        }
    }
}

/// Returns where a program lay that is no longer there, by the kernel's word: proc_pid_exe(5).
fn unlinked(executable: &Path) -> Option<&Path> {
    let path = executable.as_os_str().as_bytes().strip_suffix(b" (deleted)")?;
    Some(Path::new(OsStr::from_bytes(path)))
}

impl Files {
    fn unread(location: PathBuf, standing: Standing) -> Self {
        let shared = shared::was_shared(&location);
        Self { location, shared, servers: Vec::new(), executables: Vec::new(), standing }
    }

    /// Returns why the package cannot be used now, if so.
    pub(crate) fn problem(&self) -> Option<&str> {
        match &self.standing {
            Standing::Troubled(why) => Some(why),
            Standing::Reading(_) | Standing::Ready => None,
        }
    }
}
