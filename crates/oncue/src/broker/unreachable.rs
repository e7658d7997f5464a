//! Why the broker could not be reached.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use oncue_wire::PlaceError;
use oncue_wire::names::BROKER_VARIABLE;
use oncue_wire::starting::Failed;

/// Why the broker could not be reached, or why its answer never arrived.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("cannot connect to the broker at {}", socket.display())]
    Connect { socket: PathBuf, source: io::Error },
    #[error("cannot connect to the broker at {}: its file system does not answer", socket.display())]
    Hangs { socket: PathBuf },
    #[error("user {owner} listens at {}, not your broker", socket.display())]
    NotOurs { socket: PathBuf, owner: u32 },
    #[error("no broker is running at {}", socket.display())]
    NotRunning { socket: PathBuf },
    #[error("no broker is running, and none was found to start")]
    NoneToStart,
    #[error("{BROKER_VARIABLE} is `{}`, which is not an executable file", path.display())]
    NotExecutable { path: PathBuf },
    #[error("cannot start `{program}` as the broker")]
    Spawn { program: String, source: io::Error },
    #[error("`{program}` was started as the broker but ended before it was ready: {status}")]
    Ended { program: String, status: ExitStatus },
    /// Somebody else knows why, and what to do.
    #[error("{}", .0.what)]
    Failed(Failed),
    #[error("`{program}` was started as the broker, but is not ready after {seconds} s")]
    NotReady { program: String, seconds: u64 },
    #[error("`{program}` was started as the broker, but nothing listens at {}", socket.display())]
    Silent { program: String, socket: PathBuf },
    #[error("cannot start a thread to talk to the broker")]
    NoThread(#[source] io::Error),
    #[error("the broker did not complete the handshake")]
    Greeting(#[source] io::Error),
    #[error("the broker did not complete the handshake within {seconds} s")]
    GreetingLate { seconds: u64 },
    #[error("the connection to the broker was lost")]
    Broke,
    #[error("the broker did not answer `{question}` within {seconds} s")]
    NoAnswer { question: &'static str, seconds: u64 },
}

impl Unreachable {
    /// What the caller can do about it.
    pub(crate) fn way_out(&self) -> &str {
        match self {
            Self::Place(error) => error.way_out(),
            Self::Connect { .. } => "check who owns that socket and its folder",
            Self::Hangs { .. } => "reconnect that file system, or unmount it (`umount -l`), then try again",
            Self::NotOurs { .. } => {
                "do not connect to it: make its folder private (`chmod 700`) and remove the socket"
            }
            Self::NotRunning { .. } => "start one with `oncue daemon`, or with any program that uses oncue",
            Self::NoneToStart => {
                "install `oncue`, name it in ONCUE_BROKER, or embed the broker with `oncue_broker::embed()`"
            }
            Self::NotExecutable { .. } => "set ONCUE_BROKER to the path of an `oncue`, or unset it",
            Self::Failed(failed) => &failed.way_out,
            Self::Spawn { .. } => "make that program executable, or set ONCUE_BROKER to another `oncue`",
            Self::Ended { .. } | Self::NotReady { .. } | Self::Silent { .. } => {
                "see the end of its log: `broker.log` in ~/.local/state/oncue, in $XDG_STATE_HOME/oncue, or in \
                 the folder `state` of ONCUE_HOME"
            }
            Self::NoThread(_) => "stop some of this user's processes, or raise the user's process limit",
            Self::Greeting(_) | Self::GreetingLate { .. } | Self::NoAnswer { .. } => {
                "see `oncue doctor`, which also shows where the broker's log is"
            }
            Self::Broke => "ask again: a broker is started if none runs",
        }
    }

    /// What Windows returns in the same situation for a remote call.
    pub(crate) fn hresult(&self) -> u32 {
        match self {
            Self::Broke => 0x8007_06be,
            Self::GreetingLate { .. } | Self::NotReady { .. } | Self::NoAnswer { .. } => 0x8007_05b4,
            Self::Place(_)
            | Self::Connect { .. }
            | Self::Hangs { .. }
            | Self::NotOurs { .. }
            | Self::NotRunning { .. }
            | Self::NoneToStart
            | Self::NotExecutable { .. }
            | Self::Spawn { .. }
            | Self::Ended { .. }
            | Self::Failed(_)
            | Self::Silent { .. }
            | Self::NoThread(_)
            | Self::Greeting(_) => 0x8007_06ba,
        }
    }
}
