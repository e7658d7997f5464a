//! The Rust toolchain that builds for Windows: rustup's, otherwise Debian's.

use std::env;
use std::path::PathBuf;

use tokio::process::Command;

use super::debian::{self, GCC};
use super::failure::Failure;
use super::program::{command, output, status};

/// The target.
pub(super) const TARGET: &str = "x86_64-pc-windows-gnu";

/// Debian's compiler and the source of its library, in the same version. If rustup cannot fetch the
/// target, the library is built from source, and only its own compiler can build it.
const OF_DEBIAN: [debian::Needed; 3] = [
    ("rustc-web", "/usr/bin/rustc"),
    ("cargo-web", "/usr/bin/cargo"),
    ("rust-web-src", "/usr/lib/rustlib/src/rust/library/Cargo.lock"),
];

/// A Rust toolchain that builds for Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rust {
    /// The current toolchain, with the target's library.
    Toolchain,
    /// Debian's, which also builds the library.
    Debian,
}

impl Rust {
    /// Finds a toolchain, or installs it.
    pub(super) async fn for_windows() -> Result<Self, Failure> {
        if has_target().await? {
            return Ok(Self::Toolchain);
        }
        let added = status(command("rustup").args(["target", "add", TARGET])).await;
        if added.is_ok_and(|status| status.success()) && has_target().await? {
            return Ok(Self::Toolchain);
        }
        eprintln!("test-windows: rustup cannot add {TARGET}; Debian's Rust takes its place");
        debian::install(&OF_DEBIAN).await?;
        Ok(Self::Debian)
    }

    /// Creates a cargo command that builds for Windows.
    pub(super) fn cargo(self, verb: &str) -> Command {
        let mut command = match self {
            Self::Toolchain => command(&env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())),
            Self::Debian => of_debian(),
        };
        // A proxy passes interface ids from its tables, at addresses aligned to two bytes but not
        // to four. With debug assertions, the code of `implement` stops there.
        command.args(["--config", "profile.dev.debug-assertions=false"]);
        command.args(["--config", "profile.dev.overflow-checks=true"]);
        command.args([verb, "--target", TARGET, "--locked"]);
        if self == Self::Debian {
            command.arg("-Zbuild-std=std,panic_unwind,test");
        }
        command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", GCC);
        command
    }
}

/// Stable compilers do not offer to build the library; the compiler's own build uses this variable.
fn of_debian() -> Command {
    let mut command = command("/usr/bin/cargo");
    command.env("RUSTC", "/usr/bin/rustc").env("RUSTDOC", "/usr/bin/rustdoc").env("RUSTC_BOOTSTRAP", "1");
    command
}

async fn has_target() -> Result<bool, Failure> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    let folder = output(command(&rustc).args(arguments)).await?;
    Ok(PathBuf::from(String::from_utf8_lossy(&folder).trim_end()).is_dir())
}
