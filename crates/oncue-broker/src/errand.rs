//! Errands: work that may never finish, each on its own thread, so that the loop never waits.
//!
//! A file system that does not answer, such as a dead network mount, blocks every thread that touches
//! it, and such a thread cannot be cancelled. It is left behind: the caller is told that there was no
//! answer, and a late answer goes to a closure provided for that. The runtime's own blocking threads
//! are not used, because their number is not bounded per place.
//!
//! While a place does not answer, further errands to it are refused at once. So only few threads hang,
//! and their number is limited.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// The maximum number of pending errands.
const MOST: usize = 64;

/// What the user can do about a file system that does not answer.
pub(crate) const HANGS: &str = "reconnect the file system, or unmount it (`umount -l`), then try again";

/// Sends errands, and knows which of them are pending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errands(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    next: u64,
    under_way: BTreeMap<u64, Errand>,
}

#[derive(Debug)]
struct Errand {
    place: PathBuf,
    /// No one waits for it any more.
    hangs: bool,
}

/// Why an errand has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The file system does not answer.
    #[error("{} does not answer: its file system is unreachable", place.display())]
    Hangs {
        /// Where the errand went.
        place: PathBuf,
    },
    /// Too many errands are pending.
    #[error("too many file system calls are pending (limit: {MOST})")]
    TooMany,
    /// No thread could be started for the call.
    #[error("cannot start a thread to read files: {0}")]
    NoThread(#[from] io::Error),
    /// The work panicked.
    #[error("reading {} failed inside the broker", place.display())]
    Panicked {
        /// Where the errand went.
        place: PathBuf,
    },
}

impl Unanswered {
    /// Returns what the user can do about it.
    pub(crate) fn way_out(&self) -> &'static str {
        match self {
            Self::Hangs { .. } | Self::TooMany => HANGS,
            Self::NoThread(_) => "stop some of this user's processes, or raise the user's process limit",
            Self::Panicked { .. } => "see the broker's log",
        }
    }
}

impl Errands {
    /// Runs `work`, which accesses `place`, and returns its result if it finishes within `patience`; a
    /// later result goes to `late`.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        place: &Path,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
        late: impl FnOnce(T) + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (number, mut result) = self.start(place, work, late, ())?;
        match timeout(patience, &mut result).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(Unanswered::Panicked { place: place.to_owned() }),
            Err(_) => self.give_up(number, place, result),
        }
    }

    /// Like [`run`](Self::run), but drops a late result.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        place: &Path,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        self.run(place, patience, work, drop).await
    }

    /// Like [`run`](Self::run), but blocks the calling thread. This is for questions of the core during a
    /// decision: `patience` must be short enough to go unnoticed, and is needed only once while the place
    /// hangs.
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        place: &Path,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
        late: impl FnOnce(T) + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (ended, end) = sync_channel::<()>(0);
        let (number, mut result) = self.start(place, work, late, ended)?;
        match end.recv_timeout(patience) {
            Err(RecvTimeoutError::Timeout) => self.give_up(number, place, result),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                result.try_recv().map_err(|_| Unanswered::Panicked { place: place.to_owned() })
            }
        }
    }

    /// Starts the thread of an errand, which drops `ended` when it has sent the result.
    fn start<T: Send + 'static>(
        &self,
        place: &Path,
        work: impl FnOnce() -> T + Send + 'static,
        late: impl FnOnce(T) + Send + 'static,
        ended: impl Send + 'static,
    ) -> Result<(u64, oneshot::Receiver<T>), Unanswered> {
        let under_way = self.enter(place)?;
        let number = under_way.number;
        let (sender, result) = oneshot::channel();
        let errand = move || {
            let (_under_way, _ended) = (under_way, ended);
            if let Err(result) = sender.send(work()) {
                late(result);
            }
        };
        thread::Builder::new().name("errand".into()).spawn(errand)?;
        Ok((number, result))
    }

    fn enter(&self, place: &Path) -> Result<UnderWay, Unanswered> {
        let mut book = self.book();
        if book.under_way.values().any(|errand| errand.hangs && errand.place == place) {
            return Err(Unanswered::Hangs { place: place.to_owned() });
        }
        if book.under_way.len() >= MOST {
            return Err(Unanswered::TooMany);
        }
        book.next += 1;
        let number = book.next;
        book.under_way.insert(number, Errand { place: place.to_owned(), hangs: false });
        Ok(UnderWay { errands: self.clone(), number })
    }

    /// Stops waiting, unless the result has arrived at this very moment.
    fn give_up<T>(
        &self,
        number: u64,
        place: &Path,
        mut result: oneshot::Receiver<T>,
    ) -> Result<T, Unanswered> {
        // Under the lock, because the thread may end in the meantime: it removes its errand from the book
        // after it has sent the result.
        let mut book = self.book();
        result.close();
        result.try_recv().map_err(|_| {
            if let Some(errand) = book.under_way.get_mut(&number) {
                errand.hangs = true;
            }
            Unanswered::Hangs { place: place.to_owned() }
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pending errand; dropped when it ends in any way.
struct UnderWay {
    errands: Errands,
    number: u64,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.errands.book().under_way.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const PATIENT: Duration = Duration::from_secs(60);

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn a_place_that_does_not_answer_takes_one_thread_until_it_answers_late() {
        let (errands, place) = (Errands::default(), Path::new("/dead"));
        let (answer, dead) = mpsc::channel::<u32>();
        let (sender, late) = mpsc::channel();
        block_on(async {
            let hung = errands.run(place, SOON, move || dead.recv(), move |got| sender.send(got).unwrap());
            assert!(matches!(hung.await, Err(Unanswered::Hangs { .. })));
            let again = errands.ask(place, PATIENT, || unreachable!("the place is known to hang"));
            assert!(matches!(again.await, Err(Unanswered::Hangs { .. })));
            assert_eq!(errands.ask(Path::new("/alive"), PATIENT, || 7).await.unwrap(), 7);
        });
        answer.send(5).unwrap();
        assert_eq!(late.recv().unwrap(), Ok(5));
        // The thread removes its errand from the book right after that.
        while !errands.book().under_way.is_empty() {
            thread::yield_now();
        }
        assert_eq!(block_on(errands.ask(place, PATIENT, || 6)).unwrap(), 6);
    }

    #[test]
    fn one_that_blocks_is_left_behind_too() {
        let (errands, place) = (Errands::default(), Path::new("/dead"));
        let (answer, dead) = mpsc::channel::<u32>();
        let (sender, late) = mpsc::channel();
        let hung =
            errands.run_blocking(place, SOON, move || dead.recv(), move |got| sender.send(got).unwrap());
        assert!(matches!(hung, Err(Unanswered::Hangs { .. })));
        let again = errands.run_blocking(place, PATIENT, || unreachable!("the place is known to hang"), drop);
        assert!(matches!(again, Err(Unanswered::Hangs { .. })));
        answer.send(5).unwrap();
        assert_eq!(late.recv().unwrap(), Ok(5));
        assert_eq!(errands.run_blocking(Path::new("/alive"), PATIENT, || 7, drop).unwrap(), 7);
        let panicked = errands.run_blocking::<()>(Path::new("/x"), PATIENT, || panic!("a test"), drop);
        assert!(matches!(panicked, Err(Unanswered::Panicked { .. })));
    }

    #[test]
    fn errands_that_hang_have_a_limit() {
        let errands = Errands::default();
        let mut hold = Vec::new();
        block_on(async {
            for number in 0..MOST {
                let (sender, dead) = mpsc::channel::<()>();
                hold.push(sender);
                let place = PathBuf::from(format!("/dead/{number}"));
                let hung = errands.ask(&place, SOON, move || dead.recv()).await;
                assert!(matches!(hung, Err(Unanswered::Hangs { .. })));
            }
            let refused = errands.ask(Path::new("/alive"), PATIENT, || ()).await;
            assert!(matches!(refused, Err(Unanswered::TooMany)), "{refused:?}");
        });
    }

    #[test]
    fn work_that_panics_leaves_nothing_behind() {
        let errands = Errands::default();
        let panicked = block_on(errands.ask::<()>(Path::new("/x"), PATIENT, || panic!("a test wants it")));
        assert!(matches!(panicked, Err(Unanswered::Panicked { .. })));
        while !errands.book().under_way.is_empty() {
            thread::yield_now();
        }
    }
}
