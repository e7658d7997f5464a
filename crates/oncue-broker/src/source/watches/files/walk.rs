//! Follows a path as the kernel does, name by name and link by link, and watches all that leads on.
//!
//! Each folder is watched before its entry is looked at: what changes later is told, what changed
//! earlier is seen. So no change falls between looking and watching, however often the path changes.

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

/// How many links one path may lead through, as the kernel has it.
const MAX_LINKS: u32 = 40;

/// A path that is to be watched for a task.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) task: TaskId,
    pub(super) turn: u32,
    pub(super) path: Arc<Path>,
    pub(super) deep: bool,
}

/// What was found where the path leads.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What lies there; nothing when that cannot be said.
    pub(super) seen: Option<Seen>,
    /// Where the path led: each link on the way, and its end, without links and dots.
    pub(super) trail: Vec<PathBuf>,
    pub(super) trouble: Option<Trouble>,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    Something(Stamp),
}

/// What tells a file from another one, and from itself before it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: i64,
    /// When it was changed last, in nanoseconds of the wall clock.
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
    /// Whether another file lies there than before, or none, or one where there was none.
    pub(super) fn is_another(self, before: Self) -> bool {
        match (self, before) {
            (Self::Nothing, Self::Nothing) => false,
            (Self::Something(now), Self::Something(before)) => now.file != before.file,
            (Self::Something(_), Self::Nothing) | (Self::Nothing, Self::Something(_)) => true,
        }
    }
}

/// Watches a path, and says what lies there; a tree goes on with the folders below.
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

/// Where a path has led so far.
struct Walk<'w> {
    hand: &'w Hand,
    plan: &'w Plan,
    /// The folder that has been reached.
    folder: OwnedFd,
    /// Its path, without links and dots.
    at: PathBuf,
    /// The names that are still to be followed, the next one last.
    ahead: Vec<Name>,
    links: u32,
    found: Found,
}

enum Name {
    Up,
    Into(OsString),
}

/// What an entry of a folder is.
enum Entry {
    Nothing,
    Folder(OwnedFd),
    Link(PathBuf),
    /// A file of another kind.
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

    /// Puts the names of a path before those that are to be followed.
    fn lead_through(&mut self, path: &Path) {
        let names = path.components().rev().filter_map(|component| match component {
            Component::ParentDir => Some(Name::Up),
            Component::Normal(name) => Some(Name::Into(name.to_owned())),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        });
        self.ahead.extend(names);
    }

    /// Follows the path to its end; returns whether a folder lies there.
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

    /// Follows one name; returns whether there is a way on.
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
            // A path that leads through a file leads nowhere.
            Entry::File(_) if !is_path => self.found.seen = Some(Seen::Nothing),
            Entry::File(file) => {
                self.watch_file(&file, &target, name)?;
                self.found.seen = Some(self.stamp(&target, &file)?);
            }
        }
        self.at = target;
        Ok(false)
    }

    /// Returns the path that is still to be followed from there.
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

    /// Watches the folder that has been reached, for what becomes of one of its entries.
    fn watch_folder(&self, name: &OsStr, is_path: bool) -> Result<(), Halt> {
        let role = Role::Leads { name: name.into(), is_path };
        match self.hand.watch(self.post(&self.at, Scope::Leads), &self.folder, role) {
            // Whoever may pass through a folder need not be allowed to look into it.
            Err(Halt::Trouble(Trouble::At { error: Errno::ACCESS, .. })) if !is_path => Ok(()),
            watched => watched,
        }
    }

    /// Watches the file itself, which may be written by another name; where that cannot be, its folder
    /// tells at least what is written by this one.
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
        // As a folder first, for that is what a name on the way mostly is, and what has it mounted
        // where a file system is mounted on demand.
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
            _ => Entry::File(file),
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
