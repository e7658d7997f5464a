//! The ids of tasks, runs, servers and requests, which are never reused.

use core::fmt;
use core::str::FromStr;

use crate::guid::{Guid, GuidError};

/// Identifies one registration; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TaskId(pub Guid);

/// Identifies one run; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct InstanceId(pub Guid);

/// Identifies a task server as long as the broker lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerId {
    /// A process that the broker started.
    Launched(u64),
    /// A process that the broker did not start, such as an app in the foreground; the number is its peer's.
    Joined(u64),
}

/// Identifies a client's request, so that its answer can be returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, GuidError> {
        text.parse().map(Self)
    }
}

impl FromStr for InstanceId {
    type Err = GuidError;

    fn from_str(text: &str) -> Result<Self, GuidError> {
        text.parse().map(Self)
    }
}
