//! Groups, which separate some of a package's tasks from the others.

use alloc::sync::Arc;

/// The group in which a task is registered.
///
/// Groups are namespaces: a task of the same name in another group, or in none, is a different
/// task. A group exists as long as it has tasks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Its id, unique within its package.
    pub id: Arc<str>,
    /// Its display name; may be empty.
    pub name: Arc<str>,
}
