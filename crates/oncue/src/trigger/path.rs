//! Triggers that fire when a file or folder changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oncue_types::{Trigger, Watch};

/// Wakes a task when a file or folder changes. WinRT has no counterpart; refused on Windows.
///
/// For a folder, changes of its direct contents count. The path does not have to exist yet, and may
/// disappear and reappear. Changes close together are one firing; the run receives the paths in its
/// [`TriggerDetails`](crate::TriggerDetails).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTrigger {
    path: PathBuf,
}

/// Wakes a task when anything below a folder changes.
///
/// Microsoft: *StorageLibraryContentChangedTrigger Class (Windows.ApplicationModel.Background)*,
/// which watches one of the user's libraries; here it can be any folder, and the run receives the
/// paths that changed. Not available on Windows for tasks with a class id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageLibraryContentChangedTrigger {
    folder: PathBuf,
}

impl PathTrigger {
    /// Creates a trigger for an absolute path, which is watched exactly as written: a space at its end
    /// is part of the name. A path that is not UTF-8 or has control characters is refused when the
    /// task is registered.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }
}

impl StorageLibraryContentChangedTrigger {
    /// Creates a trigger for everything below an absolute path.
    #[must_use]
    pub fn create(folder: impl AsRef<Path>) -> Self {
        Self { folder: folder.as_ref().to_owned() }
    }
}

super::trigger!(PathTrigger, trigger => watch(&trigger.path, false));
super::trigger!(StorageLibraryContentChangedTrigger, trigger => watch(&trigger.folder, true));

fn watch(path: &Path, deep: bool) -> Trigger {
    Trigger::Watch(Arc::new(Watch::Path { path: path.display().to_string(), deep }))
}
