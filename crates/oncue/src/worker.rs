//! The threads that run tasks and call handlers. They are parked while idle, because waking a
//! thread is cheaper than starting one.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};

use crate::lock::lock;

/// The maximum number of idle threads.
const KEPT: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// The idle threads, with the most recently used on top, because its caches are warm.
static IDLE: Mutex<Vec<Arc<Worker>>> = Mutex::new(Vec::new());

struct Worker {
    thread: Thread,
    job: Mutex<Option<Job>>,
}

/// Runs `job` on an idle thread, or on a new one. If the system cannot start a thread, the job is
/// dropped.
pub(crate) fn run(job: impl FnOnce() + Send + 'static) {
    // Bound first, because the lock must not be held while a thread is started.
    let idle = lock(&IDLE).pop();
    match idle {
        Some(worker) => {
            *lock(&worker.job) = Some(Box::new(job));
            worker.thread.unpark();
            // On a machine with few processors, the job should run before the caller continues.
            thread::yield_now();
        }
        None => start(Some(Box::new(job))),
    }
}

/// Makes sure that there is an idle thread, so that the first job does not wait for one to start.
#[cfg(not(windows))]
pub(crate) fn warm() {
    if lock(&IDLE).is_empty() {
        start(None);
    }
}

fn start(first: Option<Job>) {
    let body = || live(first);
    // If the thread cannot be started, dropping the job's contents informs its owner.
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
    // The thread survives a job that panics. A job that needs to know catches its own panics.
    let _ = catch_unwind(AssertUnwindSafe(job));
}

/// Returns the message of a panic.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    match text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)) {
        Some(text) => format!("panicked: {text}"),
        None => "panicked".to_owned(),
    }
}
