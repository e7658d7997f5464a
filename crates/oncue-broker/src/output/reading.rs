//! Reads the file of a run, also while it is written.
//!
//! While a run goes on, its file may be replaced by a shorter one. A position therefore counts what was
//! removed, too: the line that says how much is left out stands for all of it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;

use oncue_core::{InstanceId, TaskId};

use super::archive::Archive;
use super::line::{Kind, Line};
use super::shorten::removed;
use crate::regular;

/// A file of output that is being read.
#[derive(Debug)]
pub struct Reading {
    archive: Archive,
    task: TaskId,
    instance: InstanceId,
    open: Option<Open>,
    /// Everything before this was passed on.
    passed_on: u64,
}

/// An open file.
#[derive(Debug)]
struct Open {
    file: File,
    identity: (u64, u64),
    /// The position of the next line.
    position: u64,
    /// The beginning of that line.
    rest: Vec<u8>,
}

/// How much is read at once.
const AT_ONCE: usize = 64 << 10;
/// A longer line is not one of ours.
const MAX_LINE: usize = 1 << 20;

impl Reading {
    /// Begins to read the output of a run, which may not have written anything yet.
    #[must_use]
    pub fn of(archive: &Archive, task: TaskId, instance: InstanceId) -> Self {
        Self { archive: archive.clone(), task, instance, open: None, passed_on: 0 }
    }

    /// Passes on each line that is complete and was not passed on before. Ends if `hear` fails.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or the error of `hear`.
    pub fn read<E: From<io::Error>>(
        &mut self,
        mut hear: impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            if let Some(open) = &mut self.open {
                open.read(&mut self.passed_on, &mut hear)?;
            }
            let Some(run) = self.archive.run(self.task, self.instance)? else { return Ok(()) };
            let known = match fs::metadata(&run.path) {
                // It was replaced or renamed in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                known => known?,
            };
            if let Some(open) = &mut self.open {
                if open.identity == identity(&known) {
                    return Ok(());
                }
                // What was added before it was replaced.
                open.read(&mut self.passed_on, &mut hear)?;
            }
            let file = regular::open(&run.path, OpenOptions::new().read(true))?;
            let identity = identity(&file.metadata()?);
            self.open = Some(Open { file, identity, position: 0, rest: Vec::new() });
        }
    }
}

fn identity(known: &Metadata) -> (u64, u64) {
    (known.dev(), known.ino())
}

impl Open {
    fn read<E: From<io::Error>>(
        &mut self,
        passed_on: &mut u64,
        hear: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bytes = vec![0; AT_ONCE];
        loop {
            let count = self.file.read(&mut bytes)?;
            if count == 0 {
                return Ok(());
            }
            for part in bytes[..count].split_inclusive(|byte| *byte == b'\n') {
                self.rest.extend_from_slice(part);
                if part.ends_with(b"\n") || self.rest.len() > MAX_LINE {
                    self.pass_on(passed_on, hear)?;
                    self.rest.clear();
                }
            }
        }
    }

    fn pass_on<E>(
        &mut self,
        passed_on: &mut u64,
        hear: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = self.rest.strip_suffix(b"\n").and_then(Line::parse);
        self.position += match line {
            Some(Line { kind: Kind::Cut, text, .. }) => removed(text),
            Some(_) | None => self.rest.len() as u64,
        };
        if self.position > *passed_on {
            *passed_on = self.position;
            if let Some(line) = line {
                hear(line)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::archive::{KeptRun, KeptTask, replace};
    use crate::output::line::{self, Stamp};
    use crate::output::shorten::{Bounds, shorten};
    use crate::output::tests::{TASK, run};
    use oncue_core::Wall;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};

    fn add(path: &Path, number: usize) {
        let mut lines = Vec::new();
        line::write(&mut lines, Stamp::of(Wall(0)), Kind::Out, false, format!("line {number}").as_bytes());
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(&lines).unwrap();
    }

    fn cut(path: &Path) {
        let bounds = Bounds { first: 100, last: 200 };
        replace(path, &shorten(&fs::read(path).unwrap(), bounds)).unwrap();
    }

    fn texts(reading: &mut Reading) -> Vec<String> {
        let mut texts = Vec::new();
        let hear = |line: Line<'_>| -> io::Result<()> {
            texts.push(String::from_utf8(line.text.to_vec()).unwrap());
            Ok(())
        };
        reading.read(hear).unwrap();
        texts
    }

    fn set() -> (tempfile::TempDir, Archive, PathBuf, Reading) {
        let state = tempfile::tempdir().unwrap();
        let archive = Archive::below(state.path());
        let reading = Reading::of(&archive, TASK, run(1).instance);
        let task = KeptTask { id: TASK, package: "App_x".into(), name: "sync".into() };
        archive.describe(&task).unwrap();
        let path = archive.path_of(TASK, run(1).instance, Wall(0));
        (state, archive, path, reading)
    }

    #[test]
    fn each_line_is_passed_on_once_however_often_the_file_is_replaced() {
        let (_state, _archive, path, mut reading) = set();
        assert_eq!(texts(&mut reading), [""; 0]);
        let mut all = Vec::new();
        for number in 0..100 {
            add(&path, number);
            if number % 7 == 0 {
                cut(&path);
            }
            if number % 2 == 0 {
                all.extend(texts(&mut reading));
            }
        }
        all.extend(texts(&mut reading));
        assert_eq!(all, (0..100).map(|number| format!("line {number}")).collect::<Vec<_>>());
    }

    #[test]
    fn who_reads_too_late_hears_how_much_is_left_out() {
        let (_state, _archive, path, mut reading) = set();
        (0..4).for_each(|number| add(&path, number));
        assert_eq!(texts(&mut reading).len(), 4);
        for numbers in [4..50, 50..100] {
            numbers.for_each(|number| add(&path, number));
            cut(&path);
        }
        fs::rename(&path, KeptRun::path_if_failed(&path)).unwrap();
        let texts = texts(&mut reading);
        let told = texts.iter().filter(|text| text.contains(" are left out here")).count();
        assert_eq!(told, 1, "{texts:?}");
        assert_eq!(texts.last().unwrap(), "line 99");
    }

    #[test]
    fn what_is_not_complete_is_read_later() {
        let (_state, _archive, path, mut reading) = set();
        let mut lines = Vec::new();
        line::write(&mut lines, Stamp::of(Wall(0)), Kind::Out, false, b"slow");
        let (begin, end) = lines.split_at(30);
        fs::write(&path, begin).unwrap();
        assert_eq!(texts(&mut reading), [""; 0]);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(end).unwrap();
        assert_eq!(texts(&mut reading), ["slow"]);
    }
}
