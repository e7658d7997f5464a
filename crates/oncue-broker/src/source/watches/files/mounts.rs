//! The file system that contains a path: `/proc/self/mountinfo`, see proc(5).

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

pub(super) const MOUNTINFO: &str = "/proc/self/mountinfo";

/// A file system mounted at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) point: PathBuf,
    kind: String,
    /// Distinguishes it from another one mounted there later: ids, device and root.
    identity: String,
}

/// The mounted file systems; if there are several at a place, the one that is visible.
#[derive(Debug, Default)]
pub(super) struct Mounts(HashMap<PathBuf, Mount>);

impl Mounts {
    pub(super) fn read() -> io::Result<Self> {
        std::fs::read(MOUNTINFO).map(|text| Self::parse(&text))
    }

    fn parse(text: &[u8]) -> Self {
        let lines = text.split(|byte| *byte == b'\n').filter_map(mount);
        Self(lines.map(|mount| (mount.point.clone(), mount)).collect())
    }

    /// Returns the file system that contains a path without links and dots.
    pub(super) fn of(&self, path: &Path) -> Option<&Mount> {
        path.ancestors().find_map(|point| self.0.get(point))
    }

    /// Returns the file system mounted exactly there.
    pub(super) fn at(&self, point: &Path) -> Option<&Mount> {
        self.0.get(point)
    }

    /// Returns the places where another file system is mounted than before.
    pub(super) fn differing(&self, before: &Self) -> Vec<PathBuf> {
        let new = self.0.iter().filter(|(point, mount)| before.0.get(*point) != Some(mount));
        let gone = before.0.keys().filter(|point| !self.0.contains_key(*point));
        new.map(|(point, _)| point).chain(gone).cloned().collect()
    }
}

impl Mount {
    /// Whether the kernel generates the contents, which are many and mostly change without events,
    /// or mounts a file system as soon as the folder is accessed.
    pub(super) fn is_made_up(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "autofs"
                | "proc"
                | "sysfs"
                | "cgroup"
                | "cgroup2"
                | "debugfs"
                | "tracefs"
                | "securityfs"
                | "configfs"
        )
    }

    /// Whether the file system is served by another process or machine.
    pub(super) fn is_served(&self) -> bool {
        let served = ["9p", "afs", "ceph", "cifs", "coda", "lustre", "nfs", "nfs4", "smb3", "virtiofs"];
        self.kind.starts_with("fuse") || served.contains(&self.kind.as_str())
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.point.display(), self.kind)
    }
}

/// Parses one line: id, parent, device, root, mount point, options, optional fields, `-`, type.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let mut identity = Vec::new();
    for _ in 0..4 {
        identity.extend_from_slice(fields.next()?);
        identity.push(b' ');
    }
    let point = PathBuf::from(OsString::from_vec(unescaped(fields.next()?)));
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Mount { point, kind: text(kind), identity: text(&identity) })
}

/// Restores the spaces, newlines and backslashes that the kernel writes as `\040`.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let octal = after.first_chunk::<3>().filter(|_| *first == b'\\');
        let byte = octal.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &[u8] = b"\
        21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
        22 21 0:20 / /proc rw shared:5 master:1 - proc proc rw\n\
        40 21 0:44 / /mnt/my\\040disk rw - fuse.sshfs host:/ rw\n\
        41 40 0:45 /sub /mnt/my\\040disk rw - ext4 /dev/sdb rw\n";

    #[test]
    fn a_path_lies_on_the_nearest_mount_above_it() {
        let mounts = Mounts::parse(LINES);
        let of = |path: &str| mounts.of(Path::new(path)).unwrap().to_string();
        assert_eq!(of("/home/ann"), "/ (ext4)");
        assert_eq!(of("/proc/1/fd"), "/proc (proc)");
        assert_eq!(of("/process"), "/ (ext4)");
        assert_eq!(of("/mnt/my disk/x"), "/mnt/my disk (ext4)", "the later one hides the earlier one");
        assert!(mounts.at(Path::new("/proc")).unwrap().is_made_up());
        assert_eq!(mounts.at(Path::new("/proc/1")), None);
    }

    #[test]
    fn what_is_mounted_otherwise_is_told() {
        let before = Mounts::parse(LINES);
        let text = String::from_utf8(LINES.to_vec()).unwrap();
        let other = text.replace("41 40 0:45 /sub", "41 40 0:46 /sub").replace("/proc", "/other");
        let after = Mounts::parse(other.as_bytes());
        let mut differing = after.differing(&before);
        differing.sort();
        assert_eq!(differing, [Path::new("/mnt/my disk"), Path::new("/other"), Path::new("/proc")]);
        assert_eq!(before.differing(&before), Vec::<PathBuf>::new());
    }

    #[test]
    fn this_machine_has_a_root() {
        assert!(Mounts::read().unwrap().of(Path::new("/some/where")).is_some());
    }
}
