//! Which servers are there, written down, so that the next broker can end what this one leaves behind when
//! it is killed.
//!
//! One file for each server lies beside the socket. They are not synced: they must last only as long as
//! the processes do, and a machine that goes down takes both.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use oncue_core::FamilyName;
use rustix::process::Pid;

use super::process::Process;
use crate::broker::boot_id;

/// Where the traces of all servers are.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    folder: PathBuf,
    /// What tells this boot from others, whose processes are gone.
    boot: String,
}

/// The trace of one server.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    path: PathBuf,
    boot: String,
    package: FamilyName,
}

/// What a broker that was killed has written down of one of its servers.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) trace: Trace,
    pub(super) token: String,
    /// Its process and when that started; nothing when the broker died before it knew.
    pub(super) process: Option<(Pid, u64)>,
}

impl Traces {
    pub(crate) fn below(runtime: &Path) -> Self {
        let boot = boot_id().map(|boot| boot.to_string()).unwrap_or_default();
        Self { folder: runtime.join("servers"), boot }
    }

    /// The trace that a server with that token will have.
    pub(super) fn of(&self, token: &str, package: &FamilyName) -> Trace {
        Trace { path: self.folder.join(token), boot: self.boot.clone(), package: package.clone() }
    }

    /// Returns what earlier brokers have left in this boot, and forgets what is of an earlier one.
    pub(super) fn left(&self) -> Vec<Left> {
        let Ok(files) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut left = Vec::new();
        for file in files.flatten() {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            match self.read(&file.path(), &text) {
                Some(found) => left.push(found),
                None => drop(fs::remove_file(file.path())),
            }
        }
        left
    }

    fn read(&self, path: &Path, text: &str) -> Option<Left> {
        let mut lines = text.lines();
        let boot = lines.next().filter(|boot| *boot == self.boot)?;
        let package = FamilyName::new(lines.next()?);
        let process = lines.next().and_then(|line| {
            let (pid, started) = line.split_once(' ')?;
            Some((Pid::from_raw(pid.parse().ok()?)?, started.parse().ok()?))
        });
        let trace = Trace { path: path.to_owned(), boot: boot.to_owned(), package };
        Some(Left { trace, token: path.file_name()?.to_str()?.to_owned(), process })
    }
}

impl Trace {
    /// Returns the package of the server.
    pub(super) fn package(&self) -> &FamilyName {
        &self.package
    }

    /// Writes down that the server is about to be started.
    pub(super) fn begin(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&self.path)?;
        file.write_all(format!("{}\n{}\n", self.boot, self.package).as_bytes())
    }

    /// Writes down which process it is.
    pub(super) fn started(&self, pid: Pid) -> io::Result<()> {
        let Some(process) = Process::look(pid) else { return Ok(()) };
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        file.write_all(format!("{} {}\n", pid.as_raw_nonzero(), process.started).as_bytes())
    }

    /// Forgets the server: nothing is left of it, or what is left is on its own.
    pub(super) fn forget(&self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!("removing {}: {error}; the next broker looks for that server", self.path.display());
            }
            Ok(()) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(traces: &Traces) -> Vec<(String, Option<(Pid, u64)>)> {
        traces.left().into_iter().map(|left| (left.token, left.process)).collect()
    }

    #[test]
    fn what_was_written_down_is_found_by_the_next_broker() {
        let folder = tempfile::tempdir().unwrap();
        let (traces, package) = (Traces::below(folder.path()), FamilyName::new("app"));
        let [early, late, gone] = ["early", "late", "gone"].map(|token| traces.of(token, &package));
        for trace in [&early, &late, &gone] {
            trace.begin().unwrap();
        }
        let own = rustix::process::getpid();
        late.started(own).unwrap();
        gone.forget();
        let mut found = left(&Traces::below(folder.path()));
        found.sort();
        let process = (own, Process::look(own).unwrap().started);
        assert_eq!(found, [("early".to_owned(), None), ("late".to_owned(), Some(process))]);
    }

    #[test]
    fn what_is_of_an_earlier_boot_or_makes_no_sense_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let traces = Traces::below(folder.path());
        traces.of("old", &FamilyName::new("app")).begin().unwrap();
        fs::write(folder.path().join("servers/torn"), "").unwrap();
        assert_eq!(left(&Traces { boot: "another".into(), ..traces.clone() }), []);
        assert_eq!(left(&traces), []);
    }
}
