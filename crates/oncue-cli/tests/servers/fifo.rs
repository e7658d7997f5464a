//! A FIFO by which a test communicates with processes that it did not start.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, mknodat};

use crate::stage::PATIENCE;

pub(crate) struct Fifo(BufReader<File>);

impl Fifo {
    /// Creates it, and opens it for reading and writing, so that nobody waits for the other end to
    /// be opened.
    pub(crate) fn make(path: &Path) -> Self {
        mknodat(CWD, path, FileType::Fifo, 0o600.into(), 0).unwrap();
        Self::open(path)
    }

    pub(crate) fn open(path: &Path) -> Self {
        Self(BufReader::new(OpenOptions::new().read(true).write(true).open(path).unwrap()))
    }

    /// Waits for the next line.
    pub(crate) fn line(&mut self) -> String {
        if self.0.buffer().is_empty() {
            let patience = Timespec { tv_sec: PATIENCE.as_secs().cast_signed(), tv_nsec: 0 };
            let mut asked = [PollFd::new(self.0.get_ref(), PollFlags::IN)];
            assert_ne!(poll(&mut asked, Some(&patience)).unwrap(), 0, "nobody says anything");
        }
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn say(&mut self, line: &str) {
        // A single write, so that lines of several processes do not mix.
        self.0.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}
