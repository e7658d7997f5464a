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

/// The progress of a run that is complete.
const WHOLE: u32 = 100;
const TEXT: &str = "{spinner} {msg}  {elapsed:.dim}";
const BAR: &str = "{spinner} {msg} {bar:30.cyan/dim} {pos}%  {elapsed:.dim}";

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
        set_template(&bar, TEXT);
        bar.enable_steady_tick(TICK);
        Self::Line(bar)
    }

    /// Shows the current state.
    pub(crate) fn say(&mut self, text: &str) {
        match self {
            Self::Line(bar) => {
                set_template(bar, TEXT);
                bar.set_message(clean(text).into_owned());
            }
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

    /// Shows that a run has this progress: as a bar from 0 to 100, and as a number otherwise.
    pub(crate) fn progress(&mut self, value: u32) {
        match self {
            Self::Line(bar) if value <= WHOLE => {
                bar.set_length(WHOLE.into());
                bar.set_position(value.into());
                set_template(bar, BAR);
                bar.set_message("running");
            }
            Self::Line(_) | Self::Lines { .. } | Self::Silent => {
                self.say_often(&format!("running, progress {value}"));
            }
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

fn set_template(bar: &ProgressBar, template: &str) {
    // The tests show both templates.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█░"));
    }
}

fn line(text: &str) {
    // If standard error is closed, nothing is lost.
    let _ = writeln!(anstream::stderr(), "{}", clean(text));
}
