//! The packages' files: where each package is, and which programs it declares.
//!
//! The core knows packages by name and class; paths exist only here. Folders are read by errands, so a
//! package may be known before its files are.

mod executable;
mod finder;
mod load;
pub(crate) mod news;
mod place;
mod program;
mod shared;
mod show;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oncue_core::{FamilyName, ServerId};

pub(crate) use finder::Finder;
pub(crate) use load::Candidate;
pub use load::{Loaded, PackageProblem, Program, load};
pub(crate) use news::{News, Trouble};
pub(crate) use place::folder_of;
pub use program::{ProgramProblem, missing_library, problem as program_problem};

/// The manifest's name in a package's folder.
const MANIFEST: &str = "AppxManifest.xml";

/// The location of each package.
pub(crate) type Locations = BTreeMap<FamilyName, PathBuf>;

/// The files of the packages that the core knows.
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
    /// Whether it is installed on the system.
    pub(crate) shared: bool,
    /// The task servers, in the manifest's order.
    pub(crate) servers: Vec<Program>,
    /// The real paths of all programs, including those of applications.
    pub(crate) executables: Vec<PathBuf>,
    standing: Standing,
}

/// Whether a package's programs can be started.
#[derive(Clone, Debug)]
enum Standing {
    /// Its folder is being read; these servers are to be started afterwards.
    Reading(Vec<(ServerId, usize)>),
    /// They can be started.
    Ready,
    /// They cannot be started, for this reason.
    Troubled(String),
}

/// How a server is started.
#[derive(Debug)]
pub(crate) enum Start {
    /// By running this program in this folder.
    Program(Program, PathBuf),
    /// It is started once its package has been read; `read` is the location if that has to be started.
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

    /// Returns whether the files of a package are known, and nothing is wrong with them.
    pub(crate) fn is_usable(&self, family: &FamilyName) -> bool {
        self.get(family).is_some_and(|files| files.problem().is_none())
    }

    pub(crate) fn locations(&self) -> Arc<Locations> {
        self.locations.clone()
    }

    /// Returns whether folders are being read.
    pub(crate) fn are_being_read(&self) -> bool {
        self.by_family.values().any(|files| matches!(files.standing, Standing::Reading(_)))
    }

    /// Returns the package that a program belongs to. A process whose program has been replaced or removed
    /// since it was started still belongs to the package: what counts is where the program was.
    pub(crate) fn of_executable(&self, executable: &Path) -> Option<&FamilyName> {
        self.by_executable.get(executable).or_else(|| self.by_executable.get(unlinked(executable)?))
    }

    /// Returns whether a program's package may be unknown or have changed: a manifest that describes one
    /// program changes with this program.
    pub(crate) fn must_look(&self, executable: &Path) -> bool {
        let files = self.of_executable(executable).and_then(|family| self.by_family.get(family));
        files.is_none_or(|files| place::is_of_one_program(&files.location))
    }

    /// Adds a package that is in the store, and whose folder is about to be read.
    pub(crate) fn take_up(&mut self, family: FamilyName, location: PathBuf) {
        self.insert(family, Files::unread(location, Standing::Reading(Vec::new())));
    }

    /// Records that a package's programs cannot be started; returns the servers that waited for them.
    pub(crate) fn trouble(&mut self, family: &FamilyName, why: String) -> Vec<(ServerId, usize)> {
        let Some(files) = self.by_family.get_mut(family) else { return Vec::new() };
        match std::mem::replace(&mut files.standing, Standing::Troubled(why)) {
            Standing::Reading(waiting) => waiting,
            Standing::Ready | Standing::Troubled(_) => Vec::new(),
        }
    }

    /// Records that the file system of a package's programs does not answer. Its folder is read again before
    /// one of them is started.
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

/// Returns the former path of a program that has been removed, as the kernel reports it: proc_pid_exe(5).
fn unlinked(executable: &Path) -> Option<&Path> {
    let path = executable.as_os_str().as_bytes().strip_suffix(b" (deleted)")?;
    Some(Path::new(OsStr::from_bytes(path)))
}

impl Files {
    fn unread(location: PathBuf, standing: Standing) -> Self {
        let shared = shared::was_shared(&location);
        Self { location, shared, servers: Vec::new(), executables: Vec::new(), standing }
    }

    /// Returns why the package cannot be used, if it cannot.
    pub(crate) fn problem(&self) -> Option<&str> {
        match &self.standing {
            Standing::Troubled(why) => Some(why),
            Standing::Reading(_) | Standing::Ready => None,
        }
    }
}
