//! The Debian packages that the suite needs, installed if missing.

use std::path::Path;

use rustix::process::geteuid;
use tokio::process::Command;

use super::failure::Failure;
use super::program::{command, succeed};

/// A package, and a file that it contains.
pub(super) type Needed = (&'static str, &'static str);

/// The cross-compiler's linker.
pub(super) const GCC: &str = "/usr/bin/x86_64-w64-mingw32-gcc-posix";
/// The compiler of interface definitions.
pub(super) const WIDL: &str = "/usr/bin/x86_64-w64-mingw32-widl";
/// Wine's loader of 64-bit programs.
pub(super) const WINE: &str = "/usr/lib/wine/wine64";
/// The folder of Wine's interface definitions: mingw-w64 has none.
pub(super) const INTERFACES: &str = "/usr/include/wine/wine/windows";

/// What the suite always needs.
pub(super) const NEEDED: [Needed; 4] = [
    ("gcc-mingw-w64-x86-64-posix", GCC),
    ("mingw-w64-tools", WIDL),
    ("wine64", WINE),
    ("libwine-dev", "/usr/include/wine/wine/windows/unknwn.idl"),
];

/// Installs the packages whose file is missing.
pub(super) async fn install(needed: &[Needed]) -> Result<(), Failure> {
    let is_missing = |(_, file): &&Needed| !Path::new(file).exists();
    let missing: Vec<&str> = needed.iter().filter(is_missing).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    succeed(apt_get().arg("update")).await?;
    succeed(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(missing)).await?;
    match needed.iter().find(is_missing) {
        None => Ok(()),
        Some(&(package, file)) => Err(Failure::NotBrought { package, file: file.into() }),
    }
}

/// A user other than root may be permitted to use sudo; a password prompt would wait forever.
fn apt_get() -> Command {
    let mut command = if geteuid().is_root() {
        command("apt-get")
    } else {
        let mut sudo = command("sudo");
        sudo.args(["--non-interactive", "apt-get"]);
        sudo
    };
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
