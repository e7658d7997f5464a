//! The Debian package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::contents::{self, Places, copy, set_mode, write_file};
use super::failure::Failure;
use super::glibc;
use super::tool::run;
use super::{Effort, Release};

/// Debian has folders of its own for the completions of packages.
const PLACES: Places = Places { zsh: "share/zsh/vendor-completions/_oncue", ..contents::USUAL };

/// Debian's names of processors.
const PROCESSORS: [(&str, &str); 4] =
    [("x86_64", "amd64"), ("aarch64", "arm64"), ("riscv64", "riscv64"), ("x86", "i386")];

/// Ends the services of users who are logged in, before the program goes. Units that their own files describe
/// are skipped from then on.
const BEFORE_REMOVAL: &str = "#!/bin/sh\nset -e\n\
    if [ \"$1\" = remove ] && [ -d /run/systemd/system ] && command -v deb-systemd-invoke >/dev/null; then\n\
    \tdeb-systemd-invoke --user stop oncue.socket oncue.service >/dev/null 2>&1 || true\n\
    fi\n";

/// Packs a Debian package into a folder, and returns its path.
pub(crate) fn package(release: &Release<'_>, out: &Path) -> Result<PathBuf, Failure> {
    let processor = std::env::consts::ARCH;
    let named = PROCESSORS.into_iter().find(|(name, _)| *name == processor);
    let (_, architecture) = named.ok_or(Failure::Processor(processor))?;
    let room = tempfile::tempdir().map_err(Failure::file(out))?;
    let (root, usr) = (room.path().join("root"), room.path().join("root/usr"));
    contents::write(release, &usr, &PLACES)?;
    let mut service = Command::new(usr.join("bin/oncue"));
    service.args(["service", "files", "--program", "/usr/bin/oncue", "--out"]);
    run(service.arg(&usr), "oncue")?;
    documents(release, &usr)?;
    for page in contents::files_below(&usr.join("share/man"))? {
        compress(&page)?;
    }
    control(&root, release.version, architecture)?;
    for file in contents::files_below(&root)? {
        let is_program = file.ends_with("bin/oncue") || file.ends_with("DEBIAN/prerm");
        set_mode(&file, if is_program { 0o755 } else { 0o644 })?;
    }
    let package = out.join(format!("oncue_{}_{architecture}.deb", release.version));
    let mut build = Command::new("dpkg-deb");
    build.env("SOURCE_DATE_EPOCH", super::tarball::date(release)?);
    build.args(match release.effort {
        Effort::Least => ["-Zgzip", "-z1"],
        Effort::Most => ["-Zxz", "-z6"],
    });
    run(build.args(["--root-owner-group", "--build"]).args([&root, &package]), "dpkg")?;
    Ok(package)
}

fn documents(release: &Release<'_>, usr: &Path) -> Result<(), Failure> {
    let folder = usr.join("share/doc/oncue");
    let apache = fs::read_to_string(release.root.join("LICENSE-APACHE"));
    apache.map_err(Failure::file(&release.root.join("LICENSE-APACHE")))?;
    let mit = release.root.join("LICENSE-MIT");
    let mit = fs::read_to_string(&mit).map_err(Failure::file(&mit))?;
    let copyright = format!(
        "oncue {}\n\nLicensed under either of the MIT licence, below, or the Apache License, Version 2.0, \
         of which Debian\nsystems have the text in /usr/share/common-licenses/Apache-2.0.\n\n{mit}",
        release.version
    );
    write_file(&folder.join("copyright"), copyright.as_bytes())?;
    let changelog = folder.join("changelog");
    copy(&release.root.join("CHANGELOG.md"), &changelog)?;
    compress(&changelog)
}

fn compress(file: &Path) -> Result<(), Failure> {
    run(Command::new("gzip").args(["-9", "--no-name"]).arg(file), "gzip").map(drop)
}

fn control(root: &Path, version: &str, architecture: &str) -> Result<(), Failure> {
    let libc = glibc::version(&root.join("usr/bin/oncue"))?;
    let sizes = contents::files_below(&root.join("usr"))?;
    let sizes = sizes.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len().div_ceil(1024));
    let size: u64 = sizes.sum();
    let text = format!(
        "Package: oncue\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: The oncue developers <developers@oncue.invalid>\n\
         Installed-Size: {size}\n\
         Depends: libc6 (>= {libc}), libgcc-s1\n\
         Section: utils\n\
         Priority: optional\n\
         Description: background tasks that run on cue\n \
          Runs commands and the tasks of apps by time, calendar, network, power, files,\n \
          devices and other cues, when their conditions hold, and explains what ran, what\n \
          did not, and why. Each user has a broker, which starts at log-in once the user\n \
          has tasks.\n"
    );
    write_file(&root.join("DEBIAN/control"), text.as_bytes())?;
    write_file(&root.join("DEBIAN/prerm"), BEFORE_REMOVAL.as_bytes())
}
