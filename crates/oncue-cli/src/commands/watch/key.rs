//! Keys, as far as the live view knows them, and the thread that reads them.

use std::io;
use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui_core::layout::Size;

use super::event::Event;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Backspace,
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-L.
    Repaint,
    /// Ctrl-U, which erases a line.
    Erase,
}

impl Key {
    /// Returns the meaning of a key press, if it has one here.
    fn of(pressed: KeyEvent) -> Option<Self> {
        if pressed.kind == KeyEventKind::Release {
            return None;
        }
        if let KeyCode::Char(character) = pressed.code {
            let is_control = pressed.modifiers.contains(KeyModifiers::CONTROL);
            return if is_control { Self::with_control(character) } else { Some(Self::Char(character)) };
        }
        const MEANINGS: [(KeyCode, Key); 10] = [
            (KeyCode::Up, Key::Up),
            (KeyCode::Down, Key::Down),
            (KeyCode::PageUp, Key::PageUp),
            (KeyCode::PageDown, Key::PageDown),
            (KeyCode::Home, Key::Home),
            (KeyCode::End, Key::End),
            (KeyCode::Enter, Key::Enter),
            (KeyCode::Backspace, Key::Backspace),
            (KeyCode::Esc, Key::Escape),
            (KeyCode::F(1), Key::Char('?')),
        ];
        MEANINGS.into_iter().find(|(code, _)| *code == pressed.code).map(|(_, key)| key)
    }

    fn with_control(character: char) -> Option<Self> {
        match character {
            'c' => Some(Self::Interrupt),
            'z' => Some(Self::Suspend),
            'l' => Some(Self::Repaint),
            'u' => Some(Self::Erase),
            'p' => Some(Self::Up),
            'n' => Some(Self::Down),
            'b' => Some(Self::PageUp),
            'f' => Some(Self::PageDown),
            'h' => Some(Self::Backspace),
            _ => None,
        }
    }
}

/// Returns the meaning of an event of the terminal, if it has one here.
fn of_terminal(event: &event::Event) -> Option<Event> {
    if let event::Event::Resize(width, height) = *event {
        return Some(Event::Resized(Size { width, height }));
    }
    event.as_key_event().and_then(Key::of).map(Event::Key)
}

/// Starts to read keys and changes of the terminal's size.
pub(super) fn read(events: SyncSender<Event>) -> io::Result<()> {
    let read = move || {
        loop {
            match event::read() {
                Ok(event) => {
                    let sent = of_terminal(&event).map(|event| events.send(event));
                    if sent.is_some_and(|sent| sent.is_err()) {
                        return;
                    }
                }
                Err(_) => {
                    // The terminal is gone. If the receiver is gone, too, the process is about to end.
                    let _ = events.send(Event::Terminated);
                    return;
                }
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(read).map(drop)
}
