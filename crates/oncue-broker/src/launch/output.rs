//! The output of a process on standard output and standard error: read as it arrives, and kept with the runs
//! that it belongs to. Of standard error, the end is also kept here, with a mark for every run.

use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oncue_core::{InstanceId, LedgerEntry};
use tokio::net::unix::pipe;

use super::last_lines::{Mark, Tail};
use crate::output::{Outputs, Run, Stream};

/// How much is read at once.
const AT_ONCE: usize = 16 * 1_024;

/// How much a mark reads of each stream before it takes the rest for what comes after it.
const BEFORE_MARK: usize = 64 * 1_024;

/// The output of a process.
#[derive(Debug)]
pub(super) struct Output {
    /// `None` if it cannot be read.
    out: Option<pipe::Receiver>,
    err: Option<pipe::Receiver>,
    told: Told,
    state: Mutex<State>,
    outputs: Outputs,
}

#[derive(Debug, Default)]
struct State {
    /// The end of standard error.
    err: Tail,
    /// The end of standard output, if it may be told.
    out: Tail,
    /// The runs to which what is written now belongs.
    runs: Vec<Listener>,
}

/// A run, and whether anything was written during it.
#[derive(Debug)]
struct Listener {
    run: Run,
    is_written: bool,
}

/// Which part of the output is reported when a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The end of standard error.
    StandardError,
    /// The same, or the end of standard output if nothing was written to standard error.
    Either,
}

impl Output {
    /// The output of a process, which belongs to these runs.
    pub(super) fn of(
        child: &mut Child,
        told: Told,
        outputs: Outputs,
        runs: impl Iterator<Item = Run>,
    ) -> Self {
        let out = child.stdout.take().map(OwnedFd::from);
        let err = child.stderr.take().map(OwnedFd::from);
        let receiver = |pipe: Option<OwnedFd>| pipe.and_then(|pipe| pipe::Receiver::from_owned_fd(pipe).ok());
        let runs = runs.map(|run| Listener { run, is_written: false }).collect();
        let state = Mutex::new(State { err: Tail::default(), out: Tail::default(), runs });
        Self { out: receiver(out), err: receiver(err), told, state, outputs }
    }

    /// Reads until every process that has the streams open for writing has closed them.
    pub(super) async fn read_all(&self) {
        tokio::join!(self.read(Stream::Out), self.read(Stream::Err));
    }

    async fn read(&self, stream: Stream) {
        let Some(pipe) = self.pipe(stream) else { return };
        let mut bytes = vec![0_u8; AT_ONCE];
        while pipe.readable().await.is_ok() {
            match pipe.try_read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => self.take_in(stream, &bytes[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(_) => return,
            }
            // A process that writes without end must not keep the loop from its other work.
            tokio::task::yield_now().await;
        }
    }

    /// From now on, what is written belongs to this run, too.
    pub(super) fn listen(&self, run: Run) {
        self.catch_up();
        self.state().runs.push(Listener { run, is_written: false });
    }

    /// From now on, output no longer belongs to this run.
    pub(super) fn stop_listening(&self, instance: InstanceId) {
        self.catch_up();
        self.state().runs.retain(|listener| listener.run.instance != instance);
    }

    /// A run has ended: what is written from now on does not belong to it.
    pub(super) fn run_ended(&self, entry: &LedgerEntry) {
        self.catch_up();
        let mut state = self.state();
        let of = |listener: &Listener| listener.run.instance == entry.instance;
        if let Some(at) = state.runs.iter().position(of) {
            let Listener { run, is_written } = state.runs.swap_remove(at);
            if is_written {
                self.outputs.end(&run, entry);
            }
        }
    }

    /// Marks the position in standard error after everything that has been written so far.
    pub(super) fn mark(&self) -> Mark {
        self.catch_up();
        self.state().err.mark()
    }

    /// Reads what is already in the pipes, because the reading task may be behind.
    fn catch_up(&self) {
        let mut bytes = [0_u8; AT_ONCE];
        for stream in [Stream::Out, Stream::Err] {
            let mut left = BEFORE_MARK;
            while let Some(pipe) = self.pipe(stream)
                && let Ok(count @ 1..) = rustix::io::read(pipe, &mut bytes)
            {
                self.take_in(stream, &bytes[..count]);
                left = left.saturating_sub(count);
                if left == 0 {
                    break;
                }
            }
        }
    }

    /// Returns the last lines.
    pub(super) fn text(&self) -> String {
        self.since(Mark::default())
    }

    /// Returns the last lines after a mark.
    pub(super) fn since(&self, mark: Mark) -> String {
        let state = self.state();
        let text = state.err.since(mark);
        if text.is_empty() { state.out.text() } else { text }
    }

    fn take_in(&self, stream: Stream, bytes: &[u8]) {
        let mut state = self.state();
        match (stream, self.told) {
            (Stream::Err, _) => {
                tracing::debug!("task server: {}", String::from_utf8_lossy(bytes).trim_end());
                state.err.push(bytes);
            }
            (Stream::Out, Told::Either) => state.out.push(bytes),
            (Stream::Out, Told::StandardError) => {}
        }
        if state.runs.is_empty() {
            return;
        }
        let bytes: Arc<[u8]> = bytes.into();
        for listener in &mut state.runs {
            listener.is_written = true;
            self.outputs.write(&listener.run, stream, &bytes);
        }
    }

    fn pipe(&self, stream: Stream) -> Option<&pipe::Receiver> {
        match stream {
            Stream::Out => self.out.as_ref(),
            Stream::Err => self.err.as_ref(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    use rustix::event::{PollFd, PollFlags, poll};

    #[tokio::test]
    async fn what_nobody_has_read_yet_lies_before_the_mark() {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "echo before >&2; read go; echo after >&2"]);
        let mut child =
            shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        poll(&mut [PollFd::new(child.stderr.as_ref().unwrap(), PollFlags::IN)], None).unwrap();
        let output = Output::of(&mut child, Told::StandardError, Outputs::none(), std::iter::empty());
        let mark = output.mark();
        io::Write::write_all(&mut child.stdin.take().unwrap(), b"go\n").unwrap();
        child.wait().unwrap();
        output.read_all().await;
        assert_eq!((output.text().as_str(), output.since(mark).as_str()), ("before\nafter", "after"));
    }
}
