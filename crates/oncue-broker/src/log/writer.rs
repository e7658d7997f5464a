//! Writes the log on a thread of its own: a file, a terminal or a pipe may take any time to accept a line.
//!
//! Lines wait in a queue of limited length. While it is full, further lines are dropped, and the log says
//! how many once it can be written again.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How many lines may wait.
const WAITING: usize = 512;

/// How long the end of the broker waits for the lines that are left.
const PATIENCE: Duration = Duration::from_secs(1);

/// The writing end of the log.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    orders: SyncSender<Order>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Order {
    Write(Vec<u8>),
    /// Everything that waited before has been written when this is dropped.
    Flush(#[expect(dead_code, reason = "dropping it is the answer")] SyncSender<()>),
}

impl Lines {
    /// Starts the thread; it ends with the last clone of what is returned.
    pub(super) fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (orders, received) = sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        thread::Builder::new().name("log".into()).spawn(move || write_all(out, &received, &lost))?;
        Ok(Self { orders, dropped })
    }

    /// Waits until the lines so far are written, but not for a log that does not accept them.
    pub(crate) fn flush(&self) {
        let (written, wait) = sync_channel(0);
        if self.orders.try_send(Order::Flush(written)).is_ok() {
            // It never sends anything: the wait ends when the thread drops its end.
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}

impl Write for Lines {
    /// Accepts a whole line at once, as the subscriber writes it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.orders.try_send(Order::Write(line.to_owned())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut out: impl Write, orders: &Receiver<Order>, dropped: &AtomicU64) {
    for order in orders {
        // A log that cannot be written has nowhere to say so.
        match order {
            Order::Write(line) => drop(out.write_all(&line)),
            Order::Flush(_) => drop(out.flush()),
        }
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            lost => drop(writeln!(out, "{lost} lines of this log were dropped: writing them took too long")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

    use super::*;

    /// Accepts a line only when the test lets it.
    struct Slow {
        lets: Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.lets.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_that_accepts_nothing_keeps_nobody_waiting_and_says_what_it_lost() {
        let (lets_write, lets) = channel();
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let mut lines = Lines::to(Slow { lets, written: Arc::clone(&written) }).unwrap();
        for number in 0..2 * WAITING {
            lines.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        // From now on it accepts everything.
        drop(lets_write);
        while lines.dropped.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        Lines::flush(&lines);
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert!(written.starts_with("line 0\n"), "{written}");
        let said = written.lines().find(|line| line.contains("were dropped")).unwrap();
        let lost: usize = said.split(' ').next().unwrap().parse().unwrap();
        assert!((WAITING - 1..=WAITING).contains(&lost), "{said}");
    }
}
