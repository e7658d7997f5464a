//! On whose behalf a thread acts: that of this process, or of a program that a test plays.

use std::cell::RefCell;
use std::mem::replace;
use std::sync::{Arc, OnceLock};

use crate::broker::client::Client;

thread_local! {
    static HERE: RefCell<Scope> = RefCell::default();
}

/// The program that a thread acts for; none is this process. Threads that this crate starts act for the
/// same program.
#[derive(Clone, Default)]
pub(crate) struct Scope(pub(crate) Option<Arc<Client>>);

/// What is asked about threads once several programs are played in this process. Set once, by the first
/// test.
pub(crate) static PLAYED: OnceLock<Played> = OnceLock::new();

/// Decides for threads that this crate did not start.
pub(crate) struct Played {
    /// Called when a thread acts for a program.
    pub(crate) acts: fn(&Arc<Client>),
    /// Returns the program of a thread that is in no scope.
    pub(crate) program: fn() -> Option<Arc<Client>>,
    /// Returns the client of a thread that acts for no program.
    pub(crate) stranger: fn() -> Arc<Client>,
}

impl Scope {
    /// Returns the scope of this thread.
    pub(crate) fn here() -> Self {
        let here = Self::of_thread();
        match (PLAYED.get(), &here.0) {
            (None, _) => here,
            (Some(played), Some(client)) => {
                (played.acts)(client);
                here
            }
            (Some(played), None) => Self((played.program)()),
        }
    }

    /// Returns the scope that this thread was given.
    pub(crate) fn of_thread() -> Self {
        HERE.try_with(|here| here.borrow().clone()).unwrap_or_default()
    }

    /// Returns the client of the program; none is this process's own.
    pub(crate) fn client(self) -> Option<Arc<Client>> {
        self.0.or_else(|| PLAYED.get().map(|played| (played.stranger)()))
    }

    /// Makes this the scope of this thread, and returns the previous one.
    pub(crate) fn enter(self) -> Self {
        if let (Some(played), Some(client)) = (PLAYED.get(), &self.0) {
            (played.acts)(client);
        }
        // A thread that is about to end does not ask anything any more.
        HERE.try_with(|here| replace(&mut *here.borrow_mut(), self)).unwrap_or_default()
    }

    /// Calls a function in this scope.
    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        struct Back(Option<Scope>);
        impl Drop for Back {
            fn drop(&mut self) {
                if let Some(before) = self.0.take() {
                    before.enter();
                }
            }
        }
        let _back = Back(Some(self.clone().enter()));
        act()
    }
}
