//! Resolves a path like the kernel, name by name and link by link, and watches every step.
//!
//! Each folder is watched before its entry is read: later changes are reported, and earlier ones
//! are seen. So no change between reading and watching is missed, however often the path changes.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use oncue_core::TaskId;
use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, open, openat, readlinkat};
use rustix::io::Errno;

use super::index::Role;
use super::kernel::Scope;
use super::lookout::{Halt, Hand, Job, Post, Report};
use super::tree::Tree;
use super::trouble::Trouble;

/// The maximum number of links in a path, as in the kernel.
const MAX_LINKS: u32 = 40;

/// A path to watch for a task.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) task: TaskId,
    pub(super) turn: u32,
    pub(super) path: Arc<Path>,
    pub(super) deep: bool,
}

/// The result of resolving a path.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What is at the path; `None` if that is unknown.
    pub(super) seen: Option<Seen>,
    /// Where the path led: each link on the way, and its target, without links and dots.
    pub(super) trail: Vec<PathBuf>,
    pub(super) trouble: Option<Trouble>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    Something(Stamp),
}

/// Distinguishes a file from others, and from earlier versions of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: i64,
    /// When it was last changed, in nanoseconds of the wall clock.
    pub(super) changed: i128,
    pub(super) is_folder: bool,
}

impl Stamp {
    fn of(stat: &Stat) -> Self {
        let changed = i128::from(stat.st_ctime) * 1_000_000_000 + i128::from(stat.st_ctime_nsec);
        let is_folder = FileType::from_raw_mode(stat.st_mode).is_dir();
        Self { file: (stat.st_dev, stat.st_ino), size: stat.st_size, changed, is_folder }
    }
}

impl Seen {
    /// Whether the path now leads to another file, or no longer or newly to one.
    pub(super) fn is_another(self, before: Self) -> bool {
        match (self, before) {
            (Self::Nothing, Self::Nothing) => false,
            (Self::Something(now), Self::Something(before)) => now.file != before.file,
            (Self::Something(_), Self::Nothing) | (Self::Nothing, Self::Something(_)) => true,
        }
    }
}

/// Watches a path, and reports what is there; for a tree, continues with the folders below.
pub(super) fn plan(hand: &Hand, plan: Plan) -> Result<(), Halt> {
    let mut walk = Walk::begin(hand, &plan)?;
    let is_folder = match walk.resolve() {
        Ok(is_folder) => is_folder,
        Err(Halt::Trouble(trouble)) => {
            walk.found.trouble = Some(trouble);
            false
        }
        Err(halt @ (Halt::Late | Halt::Outdated)) => return Err(halt),
    };
    let Walk { mut found, at, .. } = walk;
    found.trail.push(at.clone());
    let (task, turn) = (plan.task, plan.turn);
    if is_folder && plan.deep {
        hand.put_back(Job::Tree(Box::new(Tree::planned(task, turn, (at, plan.path), found))));
    } else {
        hand.report(Report::Planned { task, turn, found });
    }
    Ok(())
}

/// The state of resolving a path.
struct Walk<'w> {
    hand: &'w Hand,
    plan: &'w Plan,
    /// The folder that has been reached.
    folder: OwnedFd,
    /// Its path, without links and dots.
    at: PathBuf,
    /// The names still to be resolved, the next one last.
    ahead: Vec<Name>,
    links: u32,
    found: Found,
}

enum Name {
    Up,
    Into(OsString),
}

/// The kind of a folder's entry.
enum Entry {
    Nothing,
    Folder(OwnedFd),
    Link(PathBuf),
    /// Another kind of file.
    File(OwnedFd),
}

const ANY: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FOLDER: OFlags = ANY.union(OFlags::DIRECTORY);

impl<'w> Walk<'w> {
    fn begin(hand: &'w Hand, plan: &'w Plan) -> Result<Self, Halt> {
        let (folder, at) = root(hand)?;
        let mut walk = Self { hand, plan, folder, at, ahead: Vec::new(), links: 0, found: Found::default() };
        walk.lead_through(&plan.path);
        Ok(walk)
    }

    /// Adds the names of a path before those still to be resolved.
    fn lead_through(&mut self, path: &Path) {
        let names = path.components().rev().filter_map(|component| match component {
            Component::ParentDir => Some(Name::Up),
            Component::Normal(name) => Some(Name::Into(name.to_owned())),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        });
        self.ahead.extend(names);
    }

    /// Resolves the path; returns whether it is a folder.
    fn resolve(&mut self) -> Result<bool, Halt> {
        while let Some(name) = self.ahead.pop() {
            match name {
                Name::Up => self.go_up()?,
                Name::Into(name) => {
                    if !self.go_into(&name)? {
                        return Ok(false);
                    }
                }
            }
        }
        let shown = self.plan.path.clone();
        self.hand.watch(self.post(&self.at, Scope::Content), &self.folder, Role::Within { shown })?;
        self.found.seen = Some(self.stamp(&self.at, &self.folder)?);
        Ok(true)
    }

    fn go_up(&mut self) -> Result<(), Halt> {
        let above = self.hand.call(&self.at, || openat(&self.folder, "..", FOLDER, Mode::empty()))?;
        self.folder = above.map_err(|error| self.cannot(error))?;
        self.at.pop();
        Ok(())
    }

    /// Resolves one name; returns whether the path can continue.
    fn go_into(&mut self, name: &OsStr) -> Result<bool, Halt> {
        let is_path = self.ahead.is_empty();
        self.watch_folder(name, is_path)?;
        let target = self.at.join(name);
        if self.hand.mounted_at(&target).is_some() {
            self.hand.try_out(&target, &self.rest_of(&target))?;
        }
        match self.look(name, &target)? {
            Entry::Folder(folder) => {
                (self.folder, self.at) = (folder, target);
                return Ok(true);
            }
            Entry::Link(to) => {
                self.follow(target, &to)?;
                return Ok(true);
            }
            Entry::Nothing => self.found.seen = Some(Seen::Nothing),
            // A path that continues after a file does not exist.
            Entry::File(_) if !is_path => self.found.seen = Some(Seen::Nothing),
            Entry::File(file) => {
                self.watch_file(&file, &target, name)?;
                self.found.seen = Some(self.stamp(&target, &file)?);
            }
        }
        self.at = target;
        Ok(false)
    }

    /// Returns the path still to be resolved from there.
    fn rest_of(&self, target: &Path) -> PathBuf {
        let names = self.ahead.iter().rev().map(|name| match name {
            Name::Up => Path::new(".."),
            Name::Into(name) => Path::new(name),
        });
        names.fold(target.to_owned(), |path, name| path.join(name))
    }

    fn follow(&mut self, link: PathBuf, to: &Path) -> Result<(), Halt> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Halt::Trouble(Trouble::At { path: link, error: Errno::LOOP }));
        }
        self.found.trail.push(link);
        if to.is_absolute() {
            (self.folder, self.at) = root(self.hand)?;
        }
        self.lead_through(to);
        Ok(())
    }

    /// Watches the current folder for changes of one of its entries.
    fn watch_folder(&self, name: &OsStr, is_path: bool) -> Result<(), Halt> {
        let role = Role::Leads { name: name.into(), is_path };
        match self.hand.watch(self.post(&self.at, Scope::Leads), &self.folder, role) {
            // A user may be permitted to pass through a folder, but not to read it.
            Err(Halt::Trouble(Trouble::At { error: Errno::ACCESS, .. })) if !is_path => Ok(()),
            watched => watched,
        }
    }

    /// Watches the file itself, which can be written through another name. If that is not possible,
    /// its folder still reports writes through this name.
    fn watch_file(&self, file: &OwnedFd, at: &Path, name: &OsStr) -> Result<(), Halt> {
        match self.hand.watch(self.post(at, Scope::Content), file, Role::IsPath) {
            Err(Halt::Trouble(Trouble::NoRoom | Trouble::At { .. })) => {
                let role = Role::Leads { name: name.into(), is_path: true };
                self.hand.watch(self.post(&self.at, Scope::Content), &self.folder, role)
            }
            watched => watched,
        }
    }

    fn look(&self, name: &OsStr, target: &Path) -> Result<Entry, Halt> {
        let cannot = |error| Halt::Trouble(Trouble::At { path: target.to_owned(), error });
        // Opened as a folder first, because most names on the way are folders, and because this
        // triggers the mount of file systems that are mounted on demand.
        match self.hand.call(target, || openat(&self.folder, name, FOLDER, Mode::empty()))? {
            Ok(folder) => return Ok(Entry::Folder(folder)),
            Err(Errno::NOTDIR | Errno::LOOP) => {}
            Err(Errno::NOENT | Errno::NAMETOOLONG) => return Ok(Entry::Nothing),
            Err(error) => return Err(cannot(error)),
        }
        let file = match self.hand.call(target, || openat(&self.folder, name, ANY, Mode::empty()))? {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Entry::Nothing),
            Err(error) => return Err(cannot(error)),
        };
        let stat = self.hand.call(target, || fstat(&file))?.map_err(cannot)?;
        Ok(match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Entry::Folder(file),
            FileType::Symlink => {
                let to = self.hand.call(target, || readlinkat(&file, "", Vec::new()))?.map_err(cannot)?;
                Entry::Link(OsString::from_vec(to.into_bytes()).into())
            }
            FileType::RegularFile
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Entry::File(file),
        })
    }

    fn stamp(&self, at: &Path, file: &OwnedFd) -> Result<Seen, Halt> {
        let stat = self.hand.call(at, || fstat(file))?.map_err(|error| self.cannot(error))?;
        Ok(Seen::Something(Stamp::of(&stat)))
    }

    fn post<'p>(&self, at: &'p Path, scope: Scope) -> Post<'p> {
        Post { task: self.plan.task, turn: self.plan.turn, at, scope }
    }

    fn cannot(&self, error: Errno) -> Halt {
        Halt::Trouble(Trouble::At { path: self.at.clone(), error })
    }
}

fn root(hand: &Hand) -> Result<(OwnedFd, PathBuf), Halt> {
    let at = PathBuf::from("/");
    let opened = hand.call(&at, || open("/", FOLDER, Mode::empty()))?;
    let folder = opened.map_err(|error| Halt::Trouble(Trouble::At { path: at.clone(), error }))?;
    Ok((folder, at))
}
