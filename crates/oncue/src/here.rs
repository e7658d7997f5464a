//! The host of this platform, and on whose behalf a thread calls it.

/// The host of this platform.
#[cfg(not(windows))]
pub(crate) type Here = crate::broker::Broker;
/// The host of this platform.
#[cfg(windows)]
pub(crate) type Here = crate::windows::Windows;

/// On whose behalf a thread acts.
#[cfg(not(windows))]
pub(crate) use crate::broker::scope::Scope;

/// On whose behalf a thread acts: always this process, because Windows has no test kit.
#[cfg(windows)]
pub(crate) struct Scope;

#[cfg(windows)]
impl Scope {
    pub(crate) fn here() -> Self {
        Self
    }

    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        act()
    }
}
