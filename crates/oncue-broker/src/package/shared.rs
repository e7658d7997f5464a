//! Packages that the system installed: manifests below `oncue/packages` in `XDG_DATA_DIRS`.

use std::env;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Returns the folders that may hold packages, first the most important.
pub(crate) fn folders() -> Vec<PathBuf> {
    let given = env::var("XDG_DATA_DIRS").ok().filter(|dirs| !dirs.is_empty());
    let dirs = given.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let mut packages = Vec::new();
    for dir in dirs.split(':').map(Path::new).filter(|dir| dir.is_absolute()) {
        let Ok(entries) = std::fs::read_dir(dir.join("oncue/packages")) else { continue };
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        found.retain(|folder| folder.join("AppxManifest.xml").is_file());
        found.sort();
        packages.extend(found);
    }
    packages
}

/// Returns whether a folder lies where the system installs packages.
pub(crate) fn is_shared(folder: &Path) -> bool {
    let dirs = env::var("XDG_DATA_DIRS").ok().filter(|dirs| !dirs.is_empty());
    let dirs = dirs.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    dirs.split(':')
        .map(|dir| Path::new(dir).join("oncue/packages"))
        .filter_map(|dir| dir.canonicalize().ok())
        .any(|dir| folder.parent() == Some(&dir))
}

/// Returns whether a package's programs may be links that lead out of its folder: only where the
/// system installs packages, and only when the folder is root's, so that root made the links.
pub(super) fn may_link_out(folder: &Path) -> bool {
    is_shared(folder)
        && std::fs::metadata(folder).is_ok_and(|known| known.uid() == 0 && known.mode() & 0o022 == 0)
}
