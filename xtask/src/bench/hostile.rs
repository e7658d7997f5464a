//! A client's call, alone and beside ten clients that mean harm.
//!
//! Each hostile client is a process of its own that does one of five things for as long as it lives.
//! What is measured is a good client's call on an open connection.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::thread::sleep;
use std::time::Duration;

use oncue_wire::names::{BROKER_INTERFACE, BROKER_PATH};
use zbus::message::Message;

use super::room::Room;
use super::samples::Rounds;
use super::unmeasured::Unmeasured;

/// What a hostile client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Asks for the ledger and for introspection, and reads nothing.
    Unread,
    /// Announces messages of 128 MiB and of half a MiB, and sends nothing more.
    Announce,
    /// Holds as many connections as it gets.
    Idle,
    /// Sends a line that does not end, again and again.
    Endless,
    /// Connects and sends a line feed, again and again.
    Newline,
}

/// Two of each make ten.
const DEEDS: [Deed; 5] = [Deed::Unread, Deed::Announce, Deed::Idle, Deed::Endless, Deed::Newline];

impl Deed {
    const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Announce => "announce",
            Self::Idle => "idle",
            Self::Endless => "endless",
            Self::Newline => "newline",
        }
    }
}

impl FromStr for Deed {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        DEEDS.into_iter().find(|deed| deed.word() == word).ok_or(())
    }
}

/// Ten hostile clients; gone when dropped.
pub(super) struct Hostile(Vec<Child>);

impl Hostile {
    /// Starts them, and waits until each has begun.
    pub(super) fn begin(room: &Room, socket: &Path) -> Result<Self, Unmeasured> {
        let mut hostile = Self(Vec::new());
        for deed in DEEDS.into_iter().cycle().take(2 * DEEDS.len()) {
            let mut child = Command::new(room.program())
                .args(["bench-server", "hostile", deed.word()])
                .arg(socket)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .map_err(Unmeasured::io("a hostile client"))?;
            let begun = child.stdout.take();
            hostile.0.push(child);
            let mut byte = [0];
            if let Some(mut begun) = begun {
                begun.read_exact(&mut byte).map_err(Unmeasured::io("a hostile client's first word"))?;
            }
        }
        Ok(hostile)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The most memory that a process has taken so far, in KiB.
pub(super) fn peak_memory(pid: u32) -> Result<u64, Unmeasured> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
    let status = status.map_err(Unmeasured::io("the broker's memory"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.ok_or(Unmeasured::NoRounds)
}

/// Times a call that the broker answers from memory, on a connection that is open already.
pub(super) fn calls(socket: &Path, rounds: Rounds) -> Result<Vec<Duration>, Unmeasured> {
    let mut stream = introduced(socket).map_err(Unmeasured::io("the broker's socket"))?;
    let call = bytes("About")?;
    super::samples::time(rounds, || {
        stream.write_all(&call)?;
        answer(&mut stream)
    })
    .map_err(Unmeasured::io("a call"))
}

/// Reads one message and forgets it.
fn answer(stream: &mut UnixStream) -> io::Result<()> {
    let mut fixed = [0; 16];
    stream.read_exact(&mut fixed)?;
    let number =
        |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]) as usize;
    let mut rest = vec![0; number(12).next_multiple_of(8) + number(4)];
    stream.read_exact(&mut rest)
}

fn bytes(method: &'static str) -> Result<Vec<u8>, Unmeasured> {
    let call = Message::method_call(BROKER_PATH, method).interface(BROKER_INTERFACE);
    let call = match method {
        "History" => call.build(&("", "", 0_u32))?,
        _ => call.build(&())?,
    };
    Ok(call.data().to_vec())
}

fn introduced(socket: &Path) -> io::Result<UnixStream> {
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

/// Plays a hostile client until it is killed.
pub(super) fn serve(word: &str, socket: &Path) -> Result<(), Unmeasured> {
    let Ok(deed) = word.parse::<Deed>() else { return Err(Unmeasured::NoRounds) };
    let hostile = Played { socket, history: bytes("History")?, about: bytes("About")? };
    let mut said = false;
    loop {
        // Being refused and disconnected is what such a client has to expect: it tries again.
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
    /// Does it once; what holds something holds it for a while.
    fn play(&self, deed: Deed) -> io::Result<()> {
        const HELD: Duration = Duration::from_millis(500);

        match deed {
            Deed::Unread => {
                let mut stream = introduced(self.socket)?;
                // The broker stops reading, and the write fails when nothing was taken for so long.
                stream.set_write_timeout(Some(HELD))?;
                (0..5_000).try_for_each(|_| stream.write_all(&self.history))
            }
            Deed::Announce => {
                let lengths = [127 << 20, 1 << 19].into_iter().cycle().take(32);
                let _held = lengths.map(|length| self.announce(length)).collect::<io::Result<Vec<_>>>()?;
                sleep(HELD);
                Ok(())
            }
            Deed::Idle => {
                let _held: Vec<_> = (0..100).map_while(|_| introduced(self.socket).ok()).collect();
                sleep(HELD);
                Ok(())
            }
            Deed::Endless => {
                let mut stream = UnixStream::connect(self.socket)?;
                stream.write_all(b"\0AUTH EXTERNAL ")?;
                (0..1_000).try_for_each(|_| stream.write_all(&[b'3'; 1 << 16]))
            }
            Deed::Newline => UnixStream::connect(self.socket)?.write_all(b"\n"),
        }
    }

    fn announce(&self, length: u32) -> io::Result<UnixStream> {
        let mut stream = introduced(self.socket)?;
        let mut call = self.about.clone();
        call[4..8].copy_from_slice(&length.to_le_bytes());
        stream.write_all(&call)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_found_by_its_word() {
        for deed in DEEDS {
            assert_eq!(deed.word().parse(), Ok(deed));
        }
        assert!("kind".parse::<Deed>().is_err());
    }
}
