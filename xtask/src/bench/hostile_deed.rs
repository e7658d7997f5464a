//! Hostile clients: each process does one of these things for as long as it lives.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use clap::ValueEnum;
use oncue_wire::limits;
use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use zbus::message::Message;

use super::placement;
use super::unmeasured::Unmeasured;

/// What a hostile client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deed {
    /// Requests the ledger, and reads no answers.
    Unread,
    /// Announces messages of 128 MiB and of half a MiB, and sends nothing more.
    Announce,
    /// Sends complete messages that are longer than the limit, again and again.
    Long,
    /// Fills the header of each call up to its limit.
    Headers,
    /// Sends calls without waiting for the answers, which it reads.
    Calls,
    /// Holds as many connections as possible.
    Idle,
    /// Begins many handshakes, and sends them byte by byte.
    Slow,
    /// Sends a line without an end, again and again.
    Endless,
    /// Connects and sends a line feed, again and again.
    Newline,
    /// Connects, calls and disconnects, again and again.
    Reconnect,
}

impl Deed {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Announce => "announce",
            Self::Long => "long",
            Self::Headers => "headers",
            Self::Calls => "calls",
            Self::Idle => "idle",
            Self::Slow => "slow",
            Self::Endless => "endless",
            Self::Newline => "newline",
            Self::Reconnect => "reconnect",
        }
    }
}

/// Acts as a hostile client on one CPU until it is killed.
pub(super) fn serve(deed: Deed, socket: &Path, cpu: usize) -> Result<(), Unmeasured> {
    placement::stay_on(cpu)?;
    let hostile = Played { socket, history: bytes("History")?, about: bytes("About")? };
    let mut said = false;
    loop {
        // Such a client is refused and disconnected, and retries.
        let _ = hostile.play(deed);
        if !said {
            said = true;
            let mut out = io::stdout();
            out.write_all(b"x").and_then(|()| out.flush()).map_err(Unmeasured::io("the first word"))?;
        }
    }
}

struct Played<'a> {
    socket: &'a Path,
    history: Vec<u8>,
    about: Vec<u8>,
}

impl Played<'_> {
    /// Does it once. If it holds something, it holds it for a while.
    fn play(&self, deed: Deed) -> io::Result<()> {
        const HELD: Duration = Duration::from_millis(500);
        const TIMES: usize = 500;

        match deed {
            Deed::Unread => {
                let mut stream = self.introduced()?;
                // The broker stops reading, and the write fails when nothing has been accepted for
                // this long.
                stream.set_write_timeout(Some(HELD))?;
                (0..10 * TIMES).try_for_each(|_| stream.write_all(&self.history))
            }
            Deed::Announce => {
                let lengths = [127 << 20, 1 << 19].into_iter().cycle().take(32);
                let _held = lengths.map(|length| self.announce(length)).collect::<io::Result<Vec<_>>>()?;
                sleep(HELD);
                Ok(())
            }
            Deed::Long => {
                let length = 16 * limits::MESSAGE;
                self.announce(length as u32)?.write_all(&vec![b'x'; length])
            }
            Deed::Headers => {
                let mut stream = self.introduced()?;
                let interface = format!("{}.b", "n".repeat(253));
                let call = Message::method_call(BROKER_PATH, "N".repeat(255)).interface(interface);
                let call = call.build(&()).map_err(io::Error::other)?;
                (0..TIMES).try_for_each(|_| exchange(&mut stream, call.data(), 1))
            }
            Deed::Calls => {
                const AT_ONCE: usize = 200;
                let mut stream = self.introduced()?;
                let calls = self.about.repeat(AT_ONCE);
                (0..TIMES / 10).try_for_each(|_| exchange(&mut stream, &calls, AT_ONCE))
            }
            Deed::Idle => {
                let _held: Vec<_> = (0..100).map_while(|_| self.introduced().ok()).collect();
                sleep(HELD);
                Ok(())
            }
            Deed::Slow => {
                let connect = |_| UnixStream::connect(self.socket);
                let mut held = (0..32).map(connect).collect::<io::Result<Vec<_>>>()?;
                b"\0AUTH EXTERNAL\r\n".iter().try_for_each(|byte| {
                    sleep(Duration::from_millis(1));
                    held.iter_mut().try_for_each(|stream| stream.write_all(&[*byte]))
                })
            }
            Deed::Endless => {
                let mut stream = UnixStream::connect(self.socket)?;
                stream.write_all(b"\0AUTH EXTERNAL ")?;
                (0..1_000).try_for_each(|_| stream.write_all(&[b'3'; 1 << 16]))
            }
            Deed::Newline => UnixStream::connect(self.socket)?.write_all(b"\n"),
            Deed::Reconnect => exchange(&mut self.introduced()?, &self.about, 1),
        }
    }

    fn introduced(&self) -> io::Result<UnixStream> {
        introduced(self.socket)
    }

    fn announce(&self, length: u32) -> io::Result<UnixStream> {
        let mut stream = self.introduced()?;
        let mut call = self.about.clone();
        call[4..8].copy_from_slice(&length.to_le_bytes());
        stream.write_all(&call)?;
        Ok(stream)
    }
}

/// Sends calls, and reads this many answers.
pub(super) fn exchange(stream: &mut UnixStream, calls: &[u8], answers: usize) -> io::Result<()> {
    stream.write_all(calls)?;
    (0..answers).try_for_each(|_| answer(stream))
}

/// Reads one message and discards it.
fn answer(stream: &mut UnixStream) -> io::Result<()> {
    let mut fixed = [0; 16];
    stream.read_exact(&mut fixed)?;
    let number =
        |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]) as usize;
    let mut rest = vec![0; number(12).next_multiple_of(8) + number(4)];
    stream.read_exact(&mut rest)
}

/// Returns the bytes of a call.
pub(super) fn bytes(method: &'static str) -> Result<Vec<u8>, Unmeasured> {
    let call = Message::method_call(BROKER_PATH, method).interface(BROKER_INTERFACE);
    let call = match method {
        "History" => call.build(&("", "", 0_u32))?,
        _ => call.build(&())?,
    };
    Ok(call.data().to_vec())
}

/// Connects and performs the D-Bus handshake.
pub(super) fn introduced(socket: &Path) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")?;
    let mut said = Vec::new();
    let mut byte = [0];
    while said.iter().filter(|byte| **byte == b'\n').count() < 2 {
        stream.read_exact(&mut byte)?;
        said.extend(byte);
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_found_by_its_word() {
        for deed in Deed::value_variants() {
            assert_eq!(Deed::from_str(deed.word(), false), Ok(*deed));
        }
    }
}
