//! Installs dbus-daemon if it is missing and the user is root.

use std::io;
use std::process::{Command, Stdio};

use super::unmeasured::Unmeasured;

/// Installs the package `dbus`. Its output goes to stderr, because stdout is for the results.
pub(super) fn install() -> Result<(), Unmeasured> {
    if !rustix::process::geteuid().is_root() {
        return Err(Unmeasured::NotRoot);
    }
    eprintln!("bench: dbus-daemon is missing, apt-get install -y dbus");
    let status = Command::new("apt-get")
        .args(["install", "-y", "dbus"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .status()
        .map_err(Unmeasured::io("it is not installed, and apt-get"))?;
    if status.success() {
        return Ok(());
    }
    Err(Unmeasured::Ended { what: "it is not installed, and apt-get install -y dbus", status })
}
