//! Packages installed on the system: manifests below `oncue/packages` in `XDG_DATA_DIRS`.
//!
//! Except for [`places`] and [`was_shared`], the functions access file systems, so call them in an
//! errand.

use std::env;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::MANIFEST;

/// Returns the folders below which packages are installed, most important first.
pub(crate) fn places() -> Vec<PathBuf> {
    let dirs = env::var("XDG_DATA_DIRS").ok().filter(|dirs| !dirs.is_empty());
    let dirs = dirs.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let dirs = dirs.split(':').map(Path::new).filter(|dir| dir.is_absolute());
    dirs.map(|dir| dir.join("oncue/packages")).collect()
}

/// Returns the folders in one of the [`places`] that contain a manifest.
pub(super) fn list(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Returns whether a folder is where packages are installed on the system.
pub(super) fn is_shared(folder: &Path) -> bool {
    let places = places().into_iter().filter_map(|place| place.canonicalize().ok());
    places.into_iter().any(|place| folder.parent() == Some(&place))
}

/// Returns whether a folder, which may no longer exist, was where packages are installed on the
/// system.
pub(super) fn was_shared(location: &Path) -> bool {
    location.parent().is_some_and(|parent| parent.ends_with("oncue/packages"))
}

/// Returns whether a folder no longer contains a manifest; false if it cannot be read.
pub(super) fn is_gone(folder: &Path) -> bool {
    folder.join(MANIFEST).try_exists().is_ok_and(|there| !there)
}

/// Returns whether a package's programs may be links that lead out of its folder. This is permitted
/// only where packages are installed on the system, and only if the folder belongs to root, so that
/// root created the links.
pub(super) fn may_link_out(folder: &Path) -> bool {
    is_shared(folder)
        && std::fs::metadata(folder).is_ok_and(|known| known.uid() == 0 && known.mode() & 0o022 == 0)
}
