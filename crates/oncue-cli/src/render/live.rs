//! Shows progress while waiting: one changing line on a terminal, otherwise a line from time to
//! time. It is written to standard error, so that standard output contains only the answer.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::render::clean::clean;

/// How often a changing line is redrawn.
const TICK: Duration = Duration::from_millis(100);
/// The minimum time between lines that stay.
const APART: Duration = Duration::from_secs(1);

/// How progress is shown.
#[derive(Debug)]
pub(crate) enum Live {
    /// One changing line.
    Line(ProgressBar),
    /// Lines that stay: when the last frequent one was written, and the text not yet written.
    Lines { last: Option<Instant>, unsaid: Option<String> },
    /// Nothing.
    Silent,
}

impl Live {
    /// Shows progress in the way that standard error permits.
    pub(crate) fn open() -> Self {
        if !rustix::termios::isatty(io::stderr()) {
            return Self::Lines { last: None, unsaid: None };
        }
        let bar = ProgressBar::new_spinner();
        // An invalid template would be noticed in the first manual test.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self::Line(bar)
    }

    /// Shows the current state.
    pub(crate) fn say(&mut self, text: &str) {
        match self {
            Self::Line(bar) => bar.set_message(clean(text).into_owned()),
            Self::Lines { unsaid, .. } => {
                *unsaid = None;
                line(text);
            }
            Self::Silent => {}
        }
    }

    /// Shows a state that may change often.
    pub(crate) fn say_often(&mut self, text: &str) {
        match self {
            Self::Lines { last: Some(last), unsaid } if last.elapsed() < APART => {
                *unsaid = Some(text.to_owned());
            }
            Self::Lines { last, .. } => {
                *last = Some(Instant::now());
                self.say(text);
            }
            Self::Line(_) | Self::Silent => self.say(text),
        }
    }

    /// Removes the line, or writes the text not yet written.
    pub(crate) fn close(self) {
        match self {
            Self::Line(bar) => bar.finish_and_clear(),
            Self::Lines { unsaid: Some(text), .. } => line(&text),
            Self::Lines { unsaid: None, .. } | Self::Silent => {}
        }
    }
}

fn line(text: &str) {
    // If standard error is closed, nothing is lost.
    let _ = writeln!(anstream::stderr(), "{}", clean(text));
}
