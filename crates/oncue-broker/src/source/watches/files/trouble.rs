//! Why a path is not watched, or not completely.

use std::fmt;
use std::path::PathBuf;

use rustix::io::Errno;

use super::index::{TREE, TREES};
use super::mounts::Mount;
use super::room::Lack;

/// Why a path is not watched, or not completely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The kernel's limit on watches is reached.
    NoRoom,
    /// It contains too many folders.
    TooLarge,
    /// The trees of all tasks together contain too many folders.
    TooMany,
    /// This file system does not answer.
    Silent(Mount),
    /// So many file systems do not answer that no others are accessed.
    Crowded(usize),
    /// This file or folder cannot be watched.
    At { path: PathBuf, error: Errno },
}

/// The kernel's limit on watches, see inotify(7).
pub(super) const MAX_USER_WATCHES: &str = "/proc/sys/fs/inotify/max_user_watches";

impl Trouble {
    /// What is needed to end it, if no watch will report that.
    pub(super) fn lack(&self) -> Lack {
        match self {
            Self::NoRoom | Self::TooLarge | Self::TooMany => Lack::Room,
            // Changes of permissions and links are reported by watches.
            Self::At { error: Errno::ACCESS | Errno::PERM | Errno::LOOP, .. } => Lack::Nothing,
            Self::At { .. } => Lack::Luck,
            Self::Silent(_) | Self::Crowded(_) => Lack::Nothing,
        }
    }

    /// Whether nothing of the tree is watched, because half of it would look like all of it.
    pub(super) fn is_short_of_room(&self) -> bool {
        match self {
            Self::NoRoom | Self::TooLarge | Self::TooMany => true,
            Self::Silent(_) | Self::Crowded(_) | Self::At { .. } => false,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom => {
                let limit = std::fs::read_to_string(MAX_USER_WATCHES);
                let limit = limit.map(|limit| format!(" of {}", limit.trim())).unwrap_or_default();
                write!(
                    f,
                    "the kernel's limit{limit} on watched folders is reached: raise it with \
                     `sysctl fs.inotify.max_user_watches=524288`, or watch fewer; watching then starts by itself"
                )
            }
            Self::TooLarge => write!(f, "it contains too many folders (limit: {TREE}): watch a smaller tree"),
            Self::TooMany => {
                write!(
                    f,
                    "the trees of all tasks contain too many folders (limit: {TREES}): watch smaller trees"
                )
            }
            Self::Silent(mount) => {
                write!(f, "the file system at {mount} does not answer; watching resumes once it does")
            }
            Self::Crowded(limit) => write!(
                f,
                "{limit} file systems do not answer, and no other is watched until one of them does: \
                 unmount the ones that are gone with `umount -l FOLDER`"
            ),
            Self::At { path, error } => {
                let error = std::io::Error::from(*error);
                write!(f, "{} cannot be watched: {error}", path.display())
            }
        }
    }
}
