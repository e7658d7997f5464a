//! A task server's standard error: read as it arrives, with its end kept and a mark for every run.

use std::io;
use std::os::fd::OwnedFd;
use std::process::ChildStderr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::net::unix::pipe;

use super::last_lines::{Mark, Tail};

/// How much is read at once.
const AT_ONCE: usize = 64 * 1_024;

/// A task server's standard error.
#[derive(Debug)]
pub(super) struct Output {
    /// `None` if it cannot be read.
    pipe: Option<pipe::Receiver>,
    tail: Mutex<Tail>,
}

impl Output {
    pub(super) fn of(stderr: Option<ChildStderr>) -> Self {
        let pipe = stderr.and_then(|stderr| pipe::Receiver::from_owned_fd(OwnedFd::from(stderr)).ok());
        Self { pipe, tail: Mutex::default() }
    }

    /// Reads until every process that has it open for writing has closed it.
    pub(super) async fn read_all(&self) {
        let Some(pipe) = &self.pipe else { return };
        let mut bytes = [0_u8; 4_096];
        while pipe.readable().await.is_ok() {
            match pipe.try_read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => self.take_in(&bytes[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            // A process that writes without end must not keep the loop from its other work.
            tokio::task::consume_budget().await;
        }
    }

    /// Marks the position after everything that has been written so far.
    ///
    /// Data that is already in the pipe is read first, because the reading task may be behind.
    pub(super) fn mark(&self) -> Mark {
        let mut bytes = [0_u8; 4_096];
        let mut left = AT_ONCE;
        while let Some(pipe) = &self.pipe
            && let Ok(count @ 1..) = rustix::io::read(pipe, &mut bytes)
        {
            self.take_in(&bytes[..count]);
            left = left.saturating_sub(count);
            if left == 0 {
                break;
            }
        }
        self.tail().mark()
    }

    /// Returns the last lines.
    pub(super) fn text(&self) -> String {
        self.tail().text()
    }

    /// Returns the last lines after a mark.
    pub(super) fn since(&self, mark: Mark) -> String {
        self.tail().since(mark)
    }

    fn take_in(&self, bytes: &[u8]) {
        tracing::debug!("task server: {}", String::from_utf8_lossy(bytes).trim_end());
        self.tail().push(bytes);
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[tokio::test]
    async fn what_nobody_has_read_yet_lies_before_the_mark() {
        let write = |text: &str| format!("echo {text} >&2; ");
        let script = write("before") + "echo go; read go; " + &write("after");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let output = Output::of(child.stderr.take());
        let mut line = String::new();
        let mut said = io::BufReader::new(child.stdout.take().unwrap());
        io::BufRead::read_line(&mut said, &mut line).unwrap();
        let mark = output.mark();
        io::Write::write_all(&mut child.stdin.take().unwrap(), b"go\n").unwrap();
        child.wait().unwrap();
        output.read_all().await;
        assert_eq!((output.text().as_str(), output.since(mark).as_str()), ("before\nafter", "after"));
    }
}
