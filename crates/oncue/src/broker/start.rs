//! Starts a broker if none is running.

use std::env;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use oncue_wire::embedded;
use oncue_wire::names::{BROKER_VARIABLE, EMBEDDED_ARGUMENT, RUN_TOKEN_VARIABLE, TOKEN_VARIABLE};
use oncue_wire::starting::{Failed, Said};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, access};

use crate::broker::unreachable::Unreachable;
use crate::lock::lock;

/// How long a broker may take to be ready.
const READY_SECONDS: u64 = 10;
/// How long a process that has closed its output may take to end.
const EXIT_WITHIN: Duration = Duration::from_millis(500);

/// How many bytes a broker may write before it is ready.
const MOST_SAID: usize = 8_192;

/// The brokers started by this process; kept so that one that ends does not remain a zombie.
static STARTED: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// What happened to the broker that was started.
#[derive(Debug)]
pub(crate) enum Started {
    /// It accepts calls.
    Ready { program: String },
    /// It ended; another broker may have been first.
    Ended { program: String, status: ExitStatus },
}

/// A program that can be the broker, and how to start it.
#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    program: PathBuf,
    arguments: &'static [&'static str],
}

/// Starts a broker and waits until it is ready or has ended.
pub(crate) fn start() -> Result<Started, Unreachable> {
    let Candidate { program, arguments } = candidate()?;
    let name = format!("{} {}", program.display(), arguments.join(" "));
    let mut child = Command::new(&program)
        .args(arguments)
        .env_remove(TOKEN_VARIABLE)
        // Or it would be ended with the command that has started it.
        .env_remove(RUN_TOKEN_VARIABLE)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Ctrl-C on the terminal is for this program, not for the broker.
        .process_group(0)
        .spawn()
        .map_err(|source| Unreachable::Spawn { program: name.clone(), source })?;
    let said = child.stdout.take().map_or(Ok(Heard::Closed), |stdout| listen(stdout, READY_SECONDS));
    match said {
        Ok(Heard::Ready) => {
            keep(child);
            Ok(Started::Ready { program: name })
        }
        Ok(Heard::Failed(failed)) => {
            // It is about to end, and this collects its status.
            if exit_status(&mut child).is_none() {
                keep(child);
            }
            Err(Unreachable::Failed(Failed {
                what: format!("the broker cannot start: {}", failed.what),
                way_out: failed.way_out,
            }))
        }
        Ok(Heard::Closed) => match exit_status(&mut child) {
            Some(status) => Ok(Started::Ended { program: name, status }),
            None => {
                keep(child);
                Ok(Started::Ready { program: name })
            }
        },
        Ok(Heard::Nothing) => {
            keep(child);
            Err(Unreachable::NotReady { program: name, seconds: READY_SECONDS })
        }
        Err(source) => Err(Unreachable::Spawn { program: name, source }),
    }
}

/// Finds the program to start: the one in `ONCUE_BROKER`, the `oncue` beside this executable, one
/// in `PATH`, or this executable if it embeds the broker.
fn candidate() -> Result<Candidate, Unreachable> {
    const DAEMON: &[&str] = &["daemon", "--from-client"];
    if let Some(path) = env::var_os(BROKER_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from) {
        return if is_executable(&path) {
            Ok(Candidate { program: path, arguments: DAEMON })
        } else {
            Err(Unreachable::NotExecutable { path })
        };
    }
    let own = env::current_exe().ok();
    let beside = own.iter().filter_map(|own| own.parent()).map(Path::to_owned);
    let search = env::var_os("PATH").unwrap_or_default();
    let folders = beside.chain(env::split_paths(&search).filter(|folder| folder.is_absolute()));
    if let Some(program) = folders.map(|folder| folder.join("oncue")).find(|path| is_executable(path)) {
        return Ok(Candidate { program, arguments: DAEMON });
    }
    match own.filter(|_| embedded::is_announced()) {
        Some(program) => Ok(Candidate { program, arguments: &[EMBEDDED_ARGUMENT] }),
        None => Err(Unreachable::NoneToStart),
    }
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// The outcome of starting a program as the broker.
enum Heard {
    Ready,
    Failed(Failed),
    /// It closed its output without reporting that it is ready or has failed.
    Closed,
    /// It wrote nothing in time.
    Nothing,
}

/// Reads until the broker reports that it is ready or why it cannot start, up to a timeout.
fn listen(mut stdout: ChildStdout, seconds: u64) -> io::Result<Heard> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut text = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&left)) {
            Ok(0) => return Ok(Heard::Nothing),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let mut piece = [0; 256];
        let count = stdout.read(&mut piece)?;
        text.extend_from_slice(&piece[..count]);
        let over = count == 0 || text.len() > MOST_SAID;
        match Said::read(&String::from_utf8_lossy(&text)) {
            Said::Ready => return Ok(Heard::Ready),
            Said::Failed(failed) if over => return Ok(Heard::Failed(failed)),
            Said::Nothing if over => return Ok(Heard::Closed),
            Said::Failed(_) => {}
            // Other output of a program that embeds the broker is not kept.
            Said::Nothing => {
                if let Some(end) = text.iter().rposition(|byte| *byte == b'\n') {
                    text.drain(..=end);
                }
            }
        }
    }
}

fn exit_status(child: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + EXIT_WITHIN;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => sleep(Duration::from_millis(1)),
            Ok(None) | Err(_) => return None,
        }
    }
}

fn keep(child: Child) {
    let mut started = lock(&STARTED);
    started.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    started.push(child);
}
