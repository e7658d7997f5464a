//! How long this process remains a task server: COM's count of its objects, and when it may leave.
#![expect(unsafe_code, reason = "COM")]

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use windows::Win32::System::Com::{CoAddRefServerProcess, CoReleaseServerProcess};

use crate::idle::IdlePolicy;
use crate::idle::Leave;
use crate::lock::lock;

/// After COM has refused, when to ask again at the latest.
const ASK_AGAIN: Duration = Duration::from_secs(1);

static PROCESS: Process = Process { state: Mutex::new(State::NEW), changed: Condvar::new() };

struct Process {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The existing task objects and runs.
    alive: usize,
    /// The runs that have ended.
    ended: u64,
    idle_since: Option<Instant>,
    /// Whether this process counts itself, so that COM's count does not reach zero.
    stays: bool,
    /// Whether COM's count has reached zero, so that COM has suspended the class objects and
    /// nothing arrives.
    suspended: bool,
}

impl State {
    const NEW: Self = Self { alive: 0, ended: 0, idle_since: None, stays: false, suspended: false };
}

/// An object in this process, counted by COM. While one exists, COM starts no second server, and
/// this one does not leave.
#[derive(Debug)]
pub(crate) struct Presence(());

impl Presence {
    pub(crate) fn new() -> Self {
        count_up();
        lock(&PROCESS.state).alive += 1;
        Self(())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let left = count_down();
        let mut state = lock(&PROCESS.state);
        state.alive = state.alive.saturating_sub(1);
        state.suspended |= left == 0;
        state.idle_since = Some(Instant::now());
        PROCESS.changed.notify_all();
    }
}

/// Counts a client's calls of `LockServer`.
pub(crate) fn lock_server(locks: bool) {
    if locks {
        count_up();
    } else if count_down() == 0 {
        lock(&PROCESS.state).suspended = true;
        PROCESS.changed.notify_all();
    }
}

/// Records that a run has ended.
pub(crate) fn run_ended() {
    lock(&PROCESS.state).ended += 1;
    PROCESS.changed.notify_all();
}

/// Counts this process itself until it leaves. Called before a class object is registered.
pub(crate) fn stay() {
    let mut state = lock(&PROCESS.state);
    state.suspended = false;
    state.idle_since.get_or_insert_with(Instant::now);
    if !std::mem::replace(&mut state.stays, true) {
        drop(state);
        count_up();
    }
}

/// Waits until the policy permits the server to leave and COM has no activation for it. From then
/// on, COM sends activations to another process.
pub(crate) fn leave(until: IdlePolicy) {
    let mut stay_until = None;
    loop {
        let suspended = wait(until, stay_until);
        if count_down() == 0 || suspended {
            break;
        }
        // An activation is on its way, or a client holds an object: count this process again.
        count_up();
        stay_until = Some(Instant::now() + ASK_AGAIN);
    }
    lock(&PROCESS.state).stays = false;
}

/// Waits until no object exists any more. An activation that COM accepted before the end is still
/// served.
pub(crate) fn drain() {
    let mut state = lock(&PROCESS.state);
    while state.alive > 0 {
        state = sleep(state, None);
    }
}

/// Waits until the policy permits the server to leave; returns true if COM has already suspended
/// it.
fn wait(until: IdlePolicy, stay_until: Option<Instant>) -> bool {
    let mut state = lock(&PROCESS.state);
    loop {
        if state.suspended {
            return true;
        }
        let leave = match state.alive {
            0 => until.leave(state.ended, state.idle_since, Instant::now()),
            _ => Leave::Never,
        };
        let due = match leave {
            Leave::Never => None,
            Leave::At(due) => Some(due),
            Leave::Now => Some(Instant::now()),
        };
        match due.max(due.and(stay_until)) {
            Some(due) if due <= Instant::now() => return false,
            due => state = sleep(state, due),
        }
    }
}

fn sleep(state: MutexGuard<'_, State>, due: Option<Instant>) -> MutexGuard<'_, State> {
    match due {
        Some(due) => {
            let left = due.saturating_duration_since(Instant::now());
            PROCESS.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
        }
        None => PROCESS.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
    }
}

// No lock of this crate is held during these two, because COM holds its own lock, also while it
// calls this crate.

fn count_up() {
    // SAFETY: it takes no argument and can be called from any thread.
    unsafe { CoAddRefServerProcess() };
}

/// Returns the remaining count. At zero, COM suspends the class objects in the same step.
fn count_down() -> u32 {
    // SAFETY: it takes no argument, and each call follows one of `count_up`.
    unsafe { CoReleaseServerProcess() }
}
