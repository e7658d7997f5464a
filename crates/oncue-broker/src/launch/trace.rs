//! Records each server that this broker starts, so that the next broker can end the servers that this one
//! leaves behind if it is killed.
//!
//! Each server has a file beside the socket, named after its token: the boot, the package, and the process
//! with the time at which it started. The files are not synced: they need to last only as long as the
//! processes do.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use oncue_core::{FamilyName, Guid};
use rustix::process::Pid;

use super::process::Process;

/// The traces of all servers.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    folder: PathBuf,
    /// Distinguishes this boot from earlier ones, whose processes are gone.
    boot: String,
}

/// The trace of one server.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    path: PathBuf,
    boot: String,
    package: FamilyName,
}

/// What an earlier broker recorded about one of its servers.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) trace: Trace,
    pub(super) token: String,
    /// Its process, and when it started; `None` if the broker died before it recorded that.
    pub(super) process: Option<(Pid, u64)>,
}

impl Traces {
    /// The traces in this runtime folder.
    pub(crate) fn below(runtime: &Path, boot: Option<Guid>) -> Self {
        let boot = boot.map(|boot| boot.to_string()).unwrap_or_default();
        Self { folder: runtime.join("servers"), boot }
    }

    /// The broker's runtime folder.
    pub(super) fn runtime(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    /// Their folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The trace of a server with this token.
    pub(super) fn of(&self, token: &str, package: &FamilyName) -> Trace {
        Trace { path: self.folder.join(token), boot: self.boot.clone(), package: package.clone() }
    }

    /// Returns what earlier brokers recorded in this boot, and removes the records of earlier boots.
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

    /// Records that the server is about to be started; returns the file.
    pub(super) fn begin(&self) -> io::Result<File> {
        let create = || OpenOptions::new().create_new(true).write(true).mode(0o600).open(&self.path);
        let mut file = match (create(), self.path.parent()) {
            (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
                create()?
            }
            (created, _) => created?,
        };
        file.write_all(format!("{}\n{}\n", self.boot, self.package).as_bytes())?;
        Ok(file)
    }

    /// Records the server's process in this file; the process must not have been reaped yet.
    pub(super) fn started(file: &mut File, pid: Pid) -> io::Result<()> {
        let Some(process) = Process::look(pid) else { return Ok(()) };
        file.write_all(format!("{} {}\n", pid.as_raw_nonzero(), process.started).as_bytes())
    }

    /// Removes the record: nothing is left of the server, or what is left does not have to be ended.
    pub(super) fn forget(&self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(
                    "removing {}: {error}; the next broker will look for that server",
                    self.path.display()
                );
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
    fn the_next_broker_finds_what_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (traces, package) = (Traces::below(folder.path(), None), FamilyName::new("app"));
        let [early, late, gone] = ["early", "late", "gone"].map(|token| traces.of(token, &package));
        let own = rustix::process::getpid();
        for trace in [&early, &gone] {
            trace.begin().unwrap();
        }
        Trace::started(&mut late.begin().unwrap(), own).unwrap();
        gone.forget();
        let mut found = left(&Traces::below(folder.path(), None));
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let process = (own, Process::look(own).unwrap().started);
        assert_eq!(found, [("early".to_owned(), None), ("late".to_owned(), Some(process))]);
    }

    #[test]
    fn records_of_an_earlier_boot_and_torn_ones_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let traces = Traces::below(folder.path(), None);
        traces.of("old", &FamilyName::new("app")).begin().unwrap();
        fs::write(folder.path().join("servers/torn"), "").unwrap();
        assert_eq!(left(&Traces { boot: "another".into(), ..traces.clone() }), []);
        assert_eq!(left(&traces), []);
    }
}
