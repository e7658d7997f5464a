//! The SASL handshake of the D-Bus specification.
//!
//! The kernel has already identified the process, so `EXTERNAL` is the only mechanism, and the
//! client's claim must match. File descriptors are never passed. Everything before `BEGIN` is
//! limited in lines and bytes.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::account::Account;
use super::pace::READ;

/// The maximum length of a line; `AUTH EXTERNAL` and a user id take less than 50 bytes.
const LINE: usize = 512;

/// The maximum number of lines before `BEGIN`; the usual number is three.
const LINES: usize = 16;

/// The client's handshake is invalid.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum IntroductionError {
    #[error("the first byte is not NUL")]
    NoNul,
    #[error("a line of the handshake is longer than {LINE} bytes")]
    LineTooLong,
    #[error("the handshake takes more than {LINES} lines")]
    TooManyLines,
    #[error("a line of the handshake does not end with CR LF")]
    NoCarriageReturn,
    #[error("BEGIN before a successful AUTH")]
    NotAuthenticated,
    #[error("the client disconnected before BEGIN")]
    Left,
}

/// The state of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    WaitsForAuth,
    WaitsForData,
    Authenticated,
}

/// What to do after a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Then {
    Say(String),
    Begin,
}

/// The broker's half of the handshake.
#[derive(Debug)]
struct Handshake<'a> {
    guid: &'a str,
    uid: u32,
    stage: Stage,
    lines: usize,
}

impl Handshake<'_> {
    fn hear(&mut self, line: &[u8]) -> Result<Then, IntroductionError> {
        self.lines += 1;
        if self.lines > LINES {
            return Err(IntroductionError::TooManyLines);
        }
        let line = line.strip_suffix(b"\r").ok_or(IntroductionError::NoCarriageReturn)?;
        // A line that is not text is not a command either.
        let line = str::from_utf8(line).unwrap_or_default();
        let mut words = line.split(' ');
        let say = |text: &str| Ok(Then::Say(text.to_owned()));
        match (words.next().unwrap_or_default(), self.stage) {
            ("BEGIN", Stage::Authenticated) => Ok(Then::Begin),
            ("BEGIN", _) => Err(IntroductionError::NotAuthenticated),
            ("AUTH", Stage::WaitsForAuth) => match (words.next(), words.next()) {
                (Some("EXTERNAL"), Some(claimed)) => Ok(self.claims(claimed)),
                (Some("EXTERNAL"), None) => {
                    self.stage = Stage::WaitsForData;
                    say("DATA")
                }
                (_, _) => say("REJECTED EXTERNAL"),
            },
            ("DATA", Stage::WaitsForData) => Ok(self.claims(words.next().unwrap_or_default())),
            ("CANCEL" | "ERROR", _) => {
                self.stage = Stage::WaitsForAuth;
                say("REJECTED EXTERNAL")
            }
            ("NEGOTIATE_UNIX_FD", Stage::Authenticated) => say("ERROR \"file descriptors are not passed\""),
            (_, _) => say("ERROR \"unknown or unexpected command\""),
        }
    }

    /// Checks the user claimed by the client: a decimal id, with its digits in hexadecimal. The
    /// client may omit it.
    fn claims(&mut self, claimed: &str) -> Then {
        let own: String = self.uid.to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
        if claimed.is_empty() || claimed == own {
            self.stage = Stage::Authenticated;
            return Then::Say(format!("OK {}", self.guid));
        }
        self.stage = Stage::WaitsForAuth;
        Then::Say("REJECTED EXTERNAL".to_owned())
    }
}

/// Performs the handshake with a client; returns the data that it has already sent after `BEGIN`.
pub(super) async fn introduce(stream: &mut UnixStream, guid: &str, account: &Account) -> io::Result<Vec<u8>> {
    let uid = rustix::process::getuid().as_raw();
    let mut handshake = Handshake { guid, uid, stage: Stage::WaitsForAuth, lines: 0 };
    if stream.read_u8().await? != 0 {
        return Err(io::Error::other(IntroductionError::NoNul));
    }
    let mut heard = Vec::with_capacity(LINE);
    loop {
        account.steps(READ).await;
        let mut chunk = [0; LINE];
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Err(io::Error::other(IntroductionError::Left));
        }
        heard.extend_from_slice(&chunk[..count]);
        let mut replies = String::new();
        // A complete line is removed immediately, so at most one unfinished line is ever searched.
        while let Some(end) = heard.iter().position(|byte| *byte == b'\n') {
            let rest = heard.split_off(end + 1);
            match handshake.hear(&heard[..end]).map_err(io::Error::other)? {
                Then::Say(reply) => replies.extend([&reply, "\r\n"]),
                Then::Begin => {
                    stream.write_all(replies.as_bytes()).await?;
                    return Ok(rest);
                }
            }
            heard = rest;
        }
        if heard.len() > LINE {
            return Err(io::Error::other(IntroductionError::LineTooLong));
        }
        stream.write_all(replies.as_bytes()).await?;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn says(lines: &[&str]) -> Vec<Result<Then, IntroductionError>> {
        let mut handshake = Handshake { guid: "cafe", uid: 1000, stage: Stage::WaitsForAuth, lines: 0 };
        lines.iter().map(|line| handshake.hear(line.as_bytes())).collect()
    }

    fn reply(text: &str) -> Result<Then, IntroductionError> {
        Ok(Then::Say(text.to_owned()))
    }

    #[test]
    fn the_usual_clients_are_let_in() {
        // libdbus, GDBus and zbus; then sd-bus, which omits the id.
        let negotiates = reply("ERROR \"file descriptors are not passed\"");
        let usual = says(&["AUTH EXTERNAL 31303030\r", "NEGOTIATE_UNIX_FD\r", "BEGIN\r"]);
        assert_eq!(usual, [reply("OK cafe"), negotiates, Ok(Then::Begin)]);
        let waits = says(&["AUTH EXTERNAL\r", "DATA\r", "BEGIN\r"]);
        assert_eq!(waits, [reply("DATA"), reply("OK cafe"), Ok(Then::Begin)]);
        let asks = says(&["AUTH\r", "AUTH EXTERNAL 31303030\r", "BEGIN\r"]);
        assert_eq!(asks, [reply("REJECTED EXTERNAL"), reply("OK cafe"), Ok(Then::Begin)]);
    }

    #[test]
    fn another_user_another_mechanism_and_nobody_are_not() {
        let rejected = reply("REJECTED EXTERNAL");
        assert_eq!(says(&["AUTH EXTERNAL 30\r"]), std::slice::from_ref(&rejected));
        assert_eq!(says(&["AUTH ANONYMOUS\r"]), std::slice::from_ref(&rejected));
        assert_eq!(says(&["BEGIN\r"]), [Err(IntroductionError::NotAuthenticated)]);
        let twice = says(&["AUTH EXTERNAL\r", "DATA 30\r", "BEGIN\r"]);
        assert_eq!(twice, [reply("DATA"), rejected, Err(IntroductionError::NotAuthenticated)]);
    }

    #[test]
    fn a_handshake_in_small_pieces_takes_a_step_for_each() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut ours, mut theirs) = UnixStream::pair().unwrap();
            let account = Account::new(crate::front::Shared::default());
            // The client has one step left when it begins.
            assert!(account.steps_within(oncue_wire::limits::STEPS - 1, Duration::ZERO).is_some());
            let pieces = async {
                for piece in [&b"\0"[..], b"AUTH", b" EXTERNAL", b"\r\n", b"DATA\r\n", b"BEGIN\r\n"] {
                    theirs.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                let covered = account.steps_within(READ, Duration::ZERO).is_some();
                theirs.read_u8().await.unwrap();
                covered
            };
            let (introduced, covered) = tokio::join!(introduce(&mut ours, "cafe", &account), pieces);
            assert_eq!(introduced.unwrap(), b"");
            assert!(!covered, "it has taken no steps");
        });
    }

    #[test]
    fn an_empty_line_is_an_unknown_command_and_a_bare_line_feed_is_an_error() {
        assert_eq!(says(&["\r"]), [reply("ERROR \"unknown or unexpected command\"")]);
        assert_eq!(says(&[""]), [Err(IntroductionError::NoCarriageReturn)]);
        let many = says(&["\r"; LINES + 1]);
        assert_eq!(many.last(), Some(&Err(IntroductionError::TooManyLines)));
    }
}
