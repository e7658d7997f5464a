//! The location of a package: a folder that contains `AppxManifest.xml`, or the manifest of one program.
//!
//! The SDK writes `PROGRAM.AppxManifest.xml` beside a program that has no manifest. Several such programs may
//! share a folder, such as `target/debug`, so these packages are located by their manifests.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use oncue_wire::names::PROGRAM_MANIFEST_SUFFIX;

use super::MANIFEST;

/// The parts of a path to a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) folder: &'a Path,
    /// The file name of the manifest.
    pub(super) manifest: &'a OsStr,
}

/// Splits a path to a folder or to a manifest.
pub(super) fn named(path: &Path) -> Named<'_> {
    let parent = path.parent().unwrap_or(path);
    match path.file_name() {
        Some(name) if name == MANIFEST || is_of_one_program(path) => Named { folder: parent, manifest: name },
        Some(_) | None => Named { folder: path, manifest: OsStr::new(MANIFEST) },
    }
}

/// Returns whether a location is the manifest of one program.
pub(super) fn is_of_one_program(location: &Path) -> bool {
    let program = location
        .file_name()
        .and_then(|name| name.as_encoded_bytes().strip_suffix(PROGRAM_MANIFEST_SUFFIX.as_bytes()));
    program.is_some_and(|program| !program.is_empty())
}

/// Returns the folder of a package's location.
pub(crate) fn folder_of(location: &Path) -> &Path {
    match location.parent() {
        Some(folder) if is_of_one_program(location) => folder,
        Some(_) | None => location,
    }
}

/// Returns the path of a program's own manifest.
pub(super) fn of_program(executable: &Path) -> Option<PathBuf> {
    let mut name = executable.file_name()?.to_owned();
    name.push(PROGRAM_MANIFEST_SUFFIX);
    Some(executable.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_told_from_a_folder_by_its_name() {
        let own = Named { folder: Path::new("/apps/a"), manifest: OsStr::new(MANIFEST) };
        assert_eq!(named(Path::new("/apps/a")), own);
        assert_eq!(named(Path::new("/apps/a/AppxManifest.xml")), own);
        let of_one = of_program(Path::new("/apps/a/hello")).unwrap();
        assert_eq!(of_one, Path::new("/apps/a/hello.AppxManifest.xml"));
        let manifest = OsStr::new("hello.AppxManifest.xml");
        assert_eq!(named(&of_one), Named { folder: Path::new("/apps/a"), manifest });
        assert_eq!(folder_of(&of_one), Path::new("/apps/a"));
        assert_eq!(folder_of(Path::new("/apps/a")), Path::new("/apps/a"));
        assert!(!is_of_one_program(Path::new("/apps/.AppxManifest.xml")));
    }
}
