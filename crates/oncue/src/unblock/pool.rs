//! The threads that make calls for futures: a bounded number, and the jobs that wait for one.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::Mutex;

use crate::lock::lock;
use crate::worker;

/// The maximum number of threads. Most calls only wait for the broker.
const THREADS: usize = 16;

pub(super) type Job = Box<dyn FnOnce() + Send>;

static POOL: Mutex<Pool> = Mutex::new(Pool { busy: 0, waiting: VecDeque::new() });

struct Pool {
    /// The number of threads that perform jobs.
    busy: usize,
    waiting: VecDeque<Job>,
}

/// Performs a job on another thread. If the system cannot start any thread, the job is dropped.
pub(super) fn run(job: Job) {
    {
        let mut pool = lock(&POOL);
        if pool.busy >= THREADS {
            pool.waiting.push_back(job);
            return;
        }
        pool.busy += 1;
    }
    let seat = Seat { first: Some(job), is_left: false };
    worker::run(move || seat.perform());
}

/// A place in the pool, for as long as there are jobs.
struct Seat {
    first: Option<Job>,
    is_left: bool,
}

impl Seat {
    fn perform(mut self) {
        // A job catches the panics of the app's code.
        while let Some(job) = self.first.take().or_else(|| self.next()) {
            job();
        }
    }

    /// Takes the next job, or leaves the pool in the same step.
    fn next(&mut self) -> Option<Job> {
        let mut pool = lock(&POOL);
        let job = pool.waiting.pop_front();
        if job.is_none() {
            pool.busy -= 1;
            self.is_left = true;
        }
        job
    }
}

/// If the system could not start the thread, the seat is dropped before it was left.
impl Drop for Seat {
    fn drop(&mut self) {
        if self.is_left {
            return;
        }
        let mut pool = lock(&POOL);
        pool.busy -= 1;
        // With the last seat, nobody is left to perform the jobs that wait.
        let unperformed = if pool.busy == 0 { take(&mut pool.waiting) } else { VecDeque::new() };
        drop(pool);
        drop(unperformed);
    }
}
