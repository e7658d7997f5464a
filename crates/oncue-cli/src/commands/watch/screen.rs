//! The terminal: it is taken for the live view, and given back as it was, however the process ends.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use anstream::{AutoStream, ColorChoice};
use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Rect, Size};

use super::canvas::Look;
use super::draw::{Drawn, draw};
use super::event::Event;
use super::frame::Frame;
use super::model::Model;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::time::Clock;

/// The size of a terminal that does not say it.
const USUAL: Size = Size { width: 80, height: 24 };

/// Whether the terminal is taken. A panic of any thread gives it back.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal cannot show the live view.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsuitable {
    /// Standard input or standard output is something else.
    #[error("`oncue watch` needs a terminal, and standard {0} is not one")]
    NoTerminal(&'static str),
    /// It only prints lines.
    #[error("`oncue watch` needs a terminal that can move its cursor, and TERM is `{0}`")]
    Dumb(String),
}

impl From<Unsuitable> for Failure {
    fn from(error: Unsuitable) -> Self {
        Self::new(Exit::Failed, error).with_way_out("`oncue list` lists the tasks once")
    }
}

/// Returns an error if the terminal cannot show the live view.
pub(super) fn check() -> Result<(), Unsuitable> {
    if !io::stdin().is_terminal() {
        return Err(Unsuitable::NoTerminal("input"));
    }
    if !io::stdout().is_terminal() {
        return Err(Unsuitable::NoTerminal("output"));
    }
    match env::var("TERM") {
        Ok(term) if term == "dumb" => Err(Unsuitable::Dumb(term)),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The terminal, while it shows the live view.
#[derive(Debug)]
pub(super) struct Screen {
    frame: Frame,
    look: Look,
}

impl Screen {
    /// Takes the terminal. If any thread panics, it is given back, and the view is told.
    pub(super) fn take(events: SyncSender<Event>) -> io::Result<Self> {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            report(panic);
            // If the queue is full, its receiver has panicked.
            let _ = events.try_send(Event::Panicked);
        }));
        let look = match AutoStream::choice(&io::stdout()) {
            ColorChoice::Never => Look::Plain,
            ColorChoice::Auto | ColorChoice::AlwaysAnsi | ColorChoice::Always => Look::Coloured,
        };
        let screen = Self { frame: Frame::default(), look };
        take()?;
        Ok(screen)
    }

    /// Draws the state.
    pub(super) fn draw(&mut self, model: &Model, clock: &Clock) -> io::Result<Drawn> {
        let mut next = Buffer::empty(Rect::from((Default::default(), size())));
        let drawn = draw(model, clock, self.look, &mut next);
        let bytes = self.frame.become_this(next, drawn.cursor)?;
        if !bytes.is_empty() {
            let mut out = io::stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
        }
        Ok(drawn)
    }

    /// Draws everything the next time, because something else may have written to the terminal.
    pub(super) fn repaint(&mut self) {
        self.frame = Frame::default();
    }

    /// Gives the terminal back for a while.
    pub(super) fn leave(&mut self) {
        give_back();
    }

    /// Takes the terminal again, also if another process has changed its modes.
    pub(super) fn return_to(&mut self) -> io::Result<()> {
        give_back();
        self.repaint();
        take()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Returns the size of the terminal.
pub(super) fn size() -> Size {
    match terminal::size() {
        Ok((width, height)) if width > 0 && height > 0 => Size { width, height },
        Ok(_) | Err(_) => USUAL,
    }
}

fn take() -> io::Result<()> {
    IS_TAKEN.store(true, Ordering::SeqCst);
    terminal::enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, Hide)
}

fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // If the terminal is gone, there is nothing to give back.
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = terminal::disable_raw_mode();
    }
}
