//! Standard output, limited to the terminal's width, and without colours in a pipe.

use std::env;
use std::io::{self, Write};

use serde::Serialize;

use crate::render::clean::clean_json;

/// Where a verb's answer goes.
#[derive(Debug)]
pub(crate) struct Screen {
    out: anstream::Stdout,
    width: Option<usize>,
}

impl Screen {
    /// Uses standard output as it is.
    pub(crate) fn open() -> Self {
        Self { out: anstream::stdout(), width: width() }
    }

    /// Returns the maximum number of characters in a line; `None` if there is no limit, as in a
    /// pipe.
    pub(crate) fn width(&self) -> Option<usize> {
        self.width
    }

    /// Writes a value as JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut json = serde_json::to_string_pretty(value)?;
        json.push('\n');
        self.write_all(clean_json(&json).as_bytes())
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `COLUMNS`, if set, takes precedence over the terminal's width.
fn width() -> Option<usize> {
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    wanted.or_else(of_terminal).filter(|columns| *columns > 0)
}

#[cfg(not(windows))]
fn of_terminal() -> Option<usize> {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col))
}

/// Windows' console wraps lines by itself.
#[cfg(windows)]
fn of_terminal() -> Option<usize> {
    None
}
