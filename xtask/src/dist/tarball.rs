//! The tarball with its installer.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::contents::{self, USUAL, copy, set_mode, write_file};
use super::failure::Failure;
use super::tool::run;
use super::{Effort, Release};

/// The script that installs for one user.
const INSTALLER: &str = include_str!("install.sh");

/// Packs the tarball into a folder, and returns its path.
pub(crate) fn pack(release: &Release<'_>, out: &Path) -> Result<PathBuf, Failure> {
    let name = format!("oncue-{}-{}-linux", release.version, std::env::consts::ARCH);
    let room = tempfile::tempdir().map_err(Failure::file(out))?;
    let root = room.path().join(&name);
    contents::write(release, &root.join("tree"), &USUAL)?;
    for document in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&release.root.join(document), &root.join("tree/share/doc/oncue").join(document))?;
    }
    let installer = root.join("install.sh");
    write_file(&installer, INSTALLER.as_bytes())?;
    set_mode(&installer, 0o755)?;
    let tarball = out.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    let compressor = match release.effort {
        Effort::Least => "gzip --no-name -1",
        Effort::Most => "gzip --no-name -9",
    };
    tar.args(["--create", "--use-compress-program", compressor, "--sort=name", "--owner=0", "--group=0"]);
    tar.args(["--numeric-owner", &format!("--mtime=@{}", date(release)?)]);
    tar.arg("--directory").arg(room.path()).arg("--file").arg(absolute(&tarball)?).arg(&name);
    run(&mut tar, "tar")?;
    Ok(tarball)
}

/// Returns the date of the packed files, in seconds since 1970: that of the commit, so that the same source
/// gives the same files.
pub(super) fn date(release: &Release<'_>) -> Result<String, Failure> {
    let mut log = Command::new("git");
    log.current_dir(release.root).args(["log", "--max-count=1", "--format=%ct"]);
    Ok(String::from_utf8_lossy(&run(&mut log, "git")?).trim().to_owned())
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(Failure::file(path))
}
