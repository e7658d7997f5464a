//! The processes of the machine, as shown by `/proc`: their parents, groups and sessions.

use std::fs;
use std::num::NonZeroI32;

use rustix::process::Pid;

/// A process at one moment: proc_pid_stat(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    /// When it started, in clock ticks since boot, which distinguishes it from another one with the
    /// same id.
    pub(super) started: u64,
    pub(super) parent: Option<Pid>,
    pub(super) group: Option<Pid>,
    pub(super) session: Option<Pid>,
    /// Whether it has ended and waits to be reaped.
    pub(super) ended: bool,
}

impl Process {
    /// Looks up a process; returns `None` if there is none with this id.
    pub(super) fn look(pid: Pid) -> Option<Self> {
        parse(pid, &fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?)
    }

    /// Looks up all processes. One that starts in the meantime may be missing.
    pub(super) fn all() -> Vec<Self> {
        let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
        let names = folder.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        names.filter_map(|name| Self::look(pid(&name)?)).collect()
    }
}

/// Returns whether a process descends from this one.
pub(crate) fn descends_from_this(pid: Pid) -> bool {
    /// Deeper than any process tree that a task server needs.
    const DEPTH: usize = 32;
    let own = rustix::process::getpid();
    let parent = |pid: &Pid| Process::look(*pid)?.parent;
    std::iter::successors(parent(&pid), parent).take(DEPTH).any(|ancestor| ancestor == own)
}

/// Returns whether the initial environment of a process contains one of these entries, `NAME=value`. That
/// of another user's process cannot be read.
pub(super) fn has_in_environment(pid: Pid, entries: &[String]) -> bool {
    let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|known| entries.iter().any(|entry| known == entry.as_bytes()))
}

/// Returns the children of this process, including ended ones.
pub(super) fn own_children() -> Vec<Pid> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(list) => children.extend(list.split_whitespace().filter_map(pid)),
            // The kernel may have been built without CONFIG_PROC_CHILDREN.
            Err(_) => {
                let own = Some(rustix::process::getpid());
                return Process::all().into_iter().filter(|p| p.parent == own).map(|p| p.pid).collect();
            }
        }
    }
    children
}

fn parse(pid: Pid, stat: &str) -> Option<Process> {
    // The name is in parentheses and may contain anything, including parentheses and spaces.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let id = |at: usize| fields.get(at).and_then(|field| self::pid(field));
    Some(Process {
        pid,
        started: fields.get(19)?.parse().ok()?,
        parent: id(1),
        group: id(2),
        session: id(3),
        ended: matches!(*fields.first()?, "Z" | "X"),
    })
}

fn pid(text: &str) -> Option<Pid> {
    let number: NonZeroI32 = text.parse().ok()?;
    Pid::from_raw(number.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_is_no_trap() {
        let stat = "7 (a) Z 1 (b) S 3 4 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0\n";
        let seen = parse(pid("7").unwrap(), stat).unwrap();
        let ids = [seen.parent, seen.group, seen.session].map(|pid| pid.unwrap().as_raw_nonzero().get());
        assert_eq!((ids, seen.started, seen.ended), ([3, 4, 5], 4242, false));
    }

    #[test]
    fn this_very_process_is_seen() {
        let own = rustix::process::getpid();
        let seen = Process::look(own).unwrap();
        assert_eq!((seen.parent, seen.ended), (rustix::process::getppid(), false));
        assert!(Process::all().contains(&seen));
    }
}
