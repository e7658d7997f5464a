//! Watches the folders of a tree in slices, so that a large one does not delay others.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oncue_core::TaskId;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

use super::index::Role;
use super::kernel::Scope;
use super::lookout::{Halt, Hand, Job, Post, Report};
use super::trouble::Trouble;
use super::walk::Found;

/// How many folders to watch before others have their turn.
const SLICE: usize = 256;
/// How many entries to read with one call.
const BATCH: usize = 256;
/// How many entries of new folders to report by name; the core keeps no more for a run.
const TOLD: usize = 256;

/// The folders of a tree that are still to be watched.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) task: TaskId,
    purpose: Purpose,
    /// Each with its path without links, and the task's spelling.
    ahead: VecDeque<(PathBuf, Arc<Path>)>,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
enum Purpose {
    /// The whole tree is planned, in this turn.
    Plan { turn: u32, found: Found },
    /// A folder was added to it; its contents are new too.
    Growth { changed: Vec<String>, left_out: u32 },
}

const FOLDER: OFlags =
    OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

impl Tree {
    /// The folders below `root`, which is already watched.
    pub(super) fn planned(task: TaskId, turn: u32, root: (PathBuf, Arc<Path>), found: Found) -> Self {
        let purpose = Purpose::Plan { turn, found };
        Self { task, purpose, ahead: VecDeque::from([root]), trouble: None }
    }

    /// A folder that was added to a watched tree, and the folders below it.
    pub(super) fn grown(task: TaskId, folder: (PathBuf, Arc<Path>)) -> Self {
        let purpose = Purpose::Growth { changed: Vec::new(), left_out: 0 };
        Self { task, purpose, ahead: VecDeque::from([folder]), trouble: None }
    }

    fn add(&mut self, hand: &Hand, folder: PathBuf, shown: &Arc<Path>) -> Result<(), Halt> {
        if hand.mounted_at(&folder).is_some() {
            hand.try_out(&folder, &folder)?;
        }
        let opened = hand.call(&folder, || openat(CWD, &folder, FOLDER, Mode::empty()))?;
        // Unreadable folders in a tree are left out, as by find(1); folders that have disappeared
        // are reported.
        let opened = match opened {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ACCESS | Errno::PERM) => return Ok(()),
            opened => opened.map_err(|error| Halt::Trouble(Trouble::At { path: folder.clone(), error }))?,
        };
        let turn = match &self.purpose {
            Purpose::Plan { turn, .. } => *turn,
            Purpose::Growth { .. } => hand.turn(self.task).ok_or(Halt::Outdated)?,
        };
        let post = Post { task: self.task, turn, at: &folder, scope: Scope::Content };
        hand.watch(post, &opened, Role::Within { shown: shown.clone() })?;
        let cannot = |error| Halt::Trouble(Trouble::At { path: folder.clone(), error });
        let mut entries = Dir::new(opened).map_err(cannot)?;
        loop {
            let batch = hand.call(&folder, || entries.by_ref().take(BATCH).collect::<Vec<_>>())?;
            if batch.is_empty() {
                return Ok(());
            }
            for entry in batch {
                let entry = entry.map_err(cannot)?;
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                if name != "." && name != ".." {
                    self.take_entry(hand, folder.join(name), shown.join(name), entry.file_type())?;
                }
            }
        }
    }

    fn take_entry(&mut self, hand: &Hand, real: PathBuf, shown: PathBuf, kind: FileType) -> Result<(), Halt> {
        if let Purpose::Growth { changed, left_out } = &mut self.purpose {
            if changed.len() < TOLD {
                changed.push(shown.to_string_lossy().into_owned());
            } else {
                *left_out = left_out.saturating_add(1);
            }
        }
        let is_folder = match kind {
            FileType::Directory => true,
            FileType::Unknown => {
                let stat = hand.call(&real, || statat(CWD, &real, AtFlags::SYMLINK_NOFOLLOW))?;
                stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir())
            }
            FileType::RegularFile
            | FileType::Symlink
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice => false,
        };
        if is_folder && !hand.mounted_at(&real).is_some_and(|mount| mount.is_made_up()) {
            self.ahead.push_back((real, shown.into()));
        }
        Ok(())
    }

    fn report(self, hand: &Hand) {
        let Self { task, purpose, trouble, .. } = self;
        hand.report(match purpose {
            Purpose::Plan { turn, mut found } => {
                found.trouble = found.trouble.or(trouble);
                Report::Planned { task, turn, found }
            }
            Purpose::Growth { changed, left_out } => Report::Grown { task, changed, left_out, trouble },
        });
    }
}

/// Watches the next folders of a tree.
pub(super) fn go_on(hand: &Hand, mut tree: Box<Tree>) -> Result<(), Halt> {
    for _ in 0..SLICE {
        let Some((folder, shown)) = tree.ahead.pop_front() else {
            tree.report(hand);
            return Ok(());
        };
        match tree.add(hand, folder, &shown) {
            Ok(()) => {}
            Err(Halt::Trouble(trouble)) => {
                if trouble.is_short_of_room() {
                    tree.ahead.clear();
                }
                // If there are several, the one that prevents most watches.
                let first = tree.trouble.take().filter(|_| !trouble.is_short_of_room());
                tree.trouble = first.or(Some(trouble));
            }
            Err(halt) => return Err(halt),
        }
    }
    hand.put_back(Job::Tree(tree));
    Ok(())
}
