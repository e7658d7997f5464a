//! On whose behalf a thread acts: that of this process, or of one in a test.

#[cfg(feature = "testing")]
mod runtime;

use std::sync::Arc;

use crate::broker::client::Client;

/// The process that a thread acts for. Threads that it starts act for the same process.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    #[cfg(feature = "testing")]
    client: Option<Arc<Client>>,
}

#[cfg(not(feature = "testing"))]
impl Scope {
    /// Returns the scope of this thread.
    pub(crate) fn here() -> Self {
        Self {}
    }

    /// Returns the client of a process in a test.
    pub(crate) fn client(self) -> Option<Arc<Client>> {
        None
    }

    /// Calls a function in this scope.
    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        act()
    }
}

#[cfg(feature = "testing")]
mod played {
    use std::cell::RefCell;
    use std::mem::replace;

    use super::{Arc, Client, Scope, runtime};

    thread_local! {
        static HERE: RefCell<Scope> = RefCell::default();
    }

    impl Scope {
        /// The scope of the process with this client.
        pub(crate) fn of(client: Arc<Client>) -> Self {
            Self { client: Some(client) }
        }

        /// Returns the scope of this thread, or of the tokio runtime that the thread belongs to.
        pub(crate) fn here() -> Self {
            let here = Self::of_thread();
            match &here.client {
                Some(client) => {
                    runtime::remember(client);
                    here
                }
                None => Self { client: runtime::client() },
            }
        }

        fn of_thread() -> Self {
            HERE.try_with(|here| here.borrow().clone()).unwrap_or_default()
        }

        /// Returns the client of a process in a test. Once there are tests, a thread that does not
        /// belong to any of them cannot reach the user's own broker.
        pub(crate) fn client(self) -> Option<Arc<Client>> {
            self.client.or_else(crate::testing::stranger)
        }

        /// Returns whether this thread already has a test.
        pub(crate) fn is_taken() -> bool {
            Self::of_thread().client.is_some()
        }

        /// Makes this the scope of this thread, and returns the previous one.
        pub(crate) fn enter(self) -> Self {
            if let Some(client) = &self.client {
                runtime::remember(client);
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
}
