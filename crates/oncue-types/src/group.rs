//! A group: what sets some of a package's tasks apart from the others.

use alloc::sync::Arc;

/// The group that a task is registered in.
///
/// Groups are name spaces: a task of the same name in another group, or in none, is another task. A
/// group is there for as long as it has tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What tells it apart within its package.
    pub id: Arc<str>,
    /// Its name for people; may be empty.
    pub name: Arc<str>,
}
