//! What people download: the tested program as a Debian package, in two versions, and as a tarball.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::failure::Failure;
use crate::dist::{Effort, Release, debian, tarball};

/// The versions, the older one first.
pub(super) const VERSIONS: [&str; 2] = ["0.0.1", "0.0.2"];

/// The folder of the files in the guest.
pub(super) const FOLDER: &str = "/srv/downloads";

/// Packs the program. The files are called `VERSION.deb` and `oncue.tar.gz`.
pub(super) fn make(program: &Path) -> Result<TempDir, Failure> {
    eprintln!("test-system: packing");
    let folder = tempfile::Builder::new().prefix("oncue-system-tests-").tempdir();
    let folder = folder.map_err(Failure::system("a folder for the packages"))?;
    let root = crate::workspace_root();
    let renamed = |from: &Path, to: &str| {
        fs::rename(from, folder.path().join(to)).map_err(Failure::system(format!("renaming to {to}")))
    };
    for version in VERSIONS {
        let release = Release { program, root: &root, version, effort: Effort::Least };
        renamed(&debian::package(&release, folder.path())?, &format!("{version}.deb"))?;
    }
    let release = Release { program, root: &root, version: VERSIONS[0], effort: Effort::Least };
    renamed(&tarball::pack(&release, folder.path())?, "oncue.tar.gz")?;
    Ok(folder)
}
