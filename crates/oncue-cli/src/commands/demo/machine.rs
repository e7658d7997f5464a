//! What the kernel knows about processes (proc(5)): the proof that the broker started one.

use std::fs;
use std::path::Path;

/// A process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) pid: u32,
    /// Its command line.
    pub(crate) command: String,
}

/// Finds the child of `parent` that runs `executable`.
pub(crate) fn child(parent: u32, executable: &Path) -> Option<Process> {
    let pids = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_it = |pid: &u32| {
        parent_of(*pid) == Some(parent)
            && fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|running| running == executable)
    };
    let pid = pids.find(is_it)?;
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(Process { pid, command: words(&line) })
}

fn parent_of(pid: u32) -> Option<u32> {
    parent_in(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The second field is the program's name in parentheses, which may contain anything.
fn parent_in(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

fn words(line: &[u8]) -> String {
    let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_parent_is_found_whatever_the_name_is() {
        assert_eq!(parent_in("42 (a ) b (c) S 7 42 42 0"), Some(7));
        assert_eq!(parent_in("nonsense"), None);
    }

    #[test]
    fn a_child_is_found_by_its_program() {
        let mut waiting = Command::new("/bin/sh");
        let mut waiting = waiting.args(["-c", "read line"]).stdin(Stdio::piped()).spawn().unwrap();
        let executable = fs::canonicalize("/bin/sh").unwrap();
        let found = child(std::process::id(), &executable);
        assert_eq!(found, Some(Process { pid: waiting.id(), command: "/bin/sh -c read line".into() }));
        drop(waiting.stdin.take());
        waiting.wait().unwrap();
    }
}
