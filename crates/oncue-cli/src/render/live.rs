//! How something goes on, while somebody waits: one line that changes on a terminal, else lines now
//! and then. All of it on standard error, so that the answer stands alone.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::render::clean::clean;

/// How often a line that changes is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How long lines are apart where each of them stays.
const APART: Duration = Duration::from_secs(1);

/// What is shown while somebody waits.
#[derive(Debug)]
pub(crate) enum Live {
    /// One line that changes.
    Line(ProgressBar),
    /// Lines that stay; of those that come often, when the last was and what is still unsaid.
    Lines { last: Option<Instant>, unsaid: Option<String> },
    /// Nothing.
    Silent,
}

impl Live {
    /// Shows what goes on as standard error allows.
    pub(crate) fn open() -> Self {
        if !rustix::termios::isatty(io::stderr()) {
            return Self::Lines { last: None, unsaid: None };
        }
        let bar = ProgressBar::new_spinner();
        // A template that is wrong would be seen in the first test by hand.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self::Line(bar)
    }

    /// Says how it stands now.
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

    /// Says what may change often.
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

    /// Takes the line away, or says what is still unsaid.
    pub(crate) fn close(self) {
        match self {
            Self::Line(bar) => bar.finish_and_clear(),
            Self::Lines { unsaid: Some(text), .. } => line(&text),
            Self::Lines { unsaid: None, .. } | Self::Silent => {}
        }
    }
}

fn line(text: &str) {
    // Where nobody reads, nothing is missed.
    let _ = writeln!(anstream::stderr(), "{}", clean(text));
}
