//! The manifest beside the executable of a program that belongs to no package.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;

use oncue_wire::names::PROGRAM_MANIFEST_SUFFIX;

use super::manifest::COMMENT;
use crate::broker::client::Client;
use crate::error::Error;

/// Calls the broker with this program's manifest in place: an outdated one is rewritten, and one is written
/// if the program has no identity.
pub(super) fn within<T>(manifest: &str, call: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    refresh(manifest);
    match call() {
        Err(error) if error.is_no_identity() && write(manifest) => call(),
        answer => answer,
    }
}

/// Rewrites the manifest that an earlier start of this program wrote, if it would be written differently now.
fn refresh(manifest: &str) {
    let Some(path) = own() else { return };
    let is_stale = |text: &String| text.contains(COMMENT) && text != manifest;
    if fs::read_to_string(&path).is_ok_and(|text| is_stale(&text)) && replace(&path, manifest).is_ok() {
        Client::get().connection.hang_up();
    }
}

/// Writes the manifest unless one is there; returns whether it did.
///
/// A failure is no error of its own: the broker's refusal says what to do.
fn write(manifest: &str) -> bool {
    let Some(path) = own() else { return false };
    let has_own = path.with_file_name("AppxManifest.xml").exists();
    let is_written = !has_own && create(&path, manifest).is_ok();
    if is_written {
        Client::get().connection.hang_up();
    }
    is_written
}

/// Returns where this program's manifest is; nowhere for a program whose file is gone.
fn own() -> Option<PathBuf> {
    let executable = env::current_exe().ok().filter(|executable| executable.is_file())?;
    let mut name = executable.file_name()?.to_owned();
    name.push(PROGRAM_MANIFEST_SUFFIX);
    Some(executable.with_file_name(name))
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// Replaces a file in one step: a broker may be reading it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", process::id()));
    let made = path.with_file_name(name);
    let replaced = create(&made, text).and_then(|()| fs::rename(&made, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&made);
    }
    replaced
}
