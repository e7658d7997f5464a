//! The threads that run tasks and tell handlers: parked while idle, because waking one is cheaper
//! than starting one.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};

use crate::lock::lock;

/// The most threads that are kept idle.
const KEPT: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// The idle threads, the one that was busy last on top: its caches are warm.
static IDLE: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());

struct Worker {
    thread: Thread,
    job: Mutex<Option<Job>>,
}

/// Runs `job` on an idle thread, or on a new one. Should the system give no more threads, the job
/// is dropped.
pub(crate) fn run(job: impl FnOnce() + Send + 'static) {
    // Bound first: the lock must not be held while a thread is started.
    let idle = lock(&IDLE).pop();
    match idle {
        Some(worker) => {
            *lock(&worker.job) = Some(Box::new(job));
            worker.thread.unpark();
            // Where processors are few the job goes before what its starter has still to do.
            thread::yield_now();
        }
        None => start(Some(Box::new(job))),
    }
}

/// Makes sure that one idle thread is there, so that the first job need not wait for one.
#[cfg(not(windows))]
pub(crate) fn warm() {
    if lock(&IDLE).is_empty() {
        start(None);
    }
}

fn start(first: Option<Job>) {
    let body = || live(first);
    // Whoever needs the job done learns that it is dropped by what the job holds.
    let _ = thread::Builder::new().name("oncue task".to_owned()).spawn(body);
}

fn live(first: Option<Job>) {
    if let Some(job) = first {
        perform(job);
    }
    let worker = Arc::new(Worker { thread: thread::current(), job: Mutex::new(None) });
    loop {
        {
            let mut idle = lock(&IDLE);
            if idle.len() >= KEPT {
                return;
            }
            idle.push(Arc::clone(&worker));
        }
        let job = loop {
            if let Some(job) = lock(&worker.job).take() {
                break job;
            }
            thread::park();
        };
        perform(job);
    }
}

fn perform(job: Job) {
    // The thread outlives a job that panics; a job that cares has caught its panic itself.
    let _ = catch_unwind(AssertUnwindSafe(job));
}

/// Returns what a panic said.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    match text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)) {
        Some(text) => format!("panicked: {text}"),
        None => "panicked".to_owned(),
    }
}
