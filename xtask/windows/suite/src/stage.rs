//! What `cargo xtask test-windows` has prepared for the tests: the sample, and the stand-in's
//! records.

use std::path::PathBuf;
use std::{env, fs, io};

/// The sample's program, in its package's folder.
///
/// # Panics
/// Panics if the tests were not started by `cargo xtask test-windows`.
#[must_use]
pub fn sample() -> PathBuf {
    setting("ONCUE_SAMPLE")
}

/// A path that the suite was started with.
///
/// # Panics
/// Panics if the tests were not started by `cargo xtask test-windows`.
#[must_use]
pub fn setting(name: &str) -> PathBuf {
    match env::var_os(name) {
        Some(value) => value.into(),
        None => panic!("{name} is not set: start the tests with `cargo xtask test-windows`"),
    }
}

/// The package's local folder, as named by the stand-in.
///
/// # Panics
/// Panics if the tests were not started by `cargo xtask test-windows`.
#[must_use]
pub fn local_folder() -> PathBuf {
    setting("ONCUE_STAND_IN").join("LocalState")
}

/// Makes the stand-in behave as for a process without package identity, until it is cleared.
///
/// # Errors
/// Returns an error if its folder cannot be written.
pub fn without_identity() -> io::Result<()> {
    fs::write(setting("ONCUE_STAND_IN").join("no-identity"), "")
}

/// Makes the stand-in's `Register` fail with an HRESULT, until it is cleared.
///
/// # Errors
/// Returns an error if its folder cannot be written.
pub fn refuse(hresult: u32) -> io::Result<()> {
    fs::write(setting("ONCUE_STAND_IN").join("refusal.txt"), format!("{hresult:#010x}"))
}

/// Returns the calls to the stand-in since it was cleared, one per line.
///
/// # Errors
/// Returns an error if its records cannot be read.
pub fn calls() -> io::Result<Vec<String>> {
    let notes = setting("ONCUE_STAND_IN").join("calls.txt");
    match fs::read_to_string(notes) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Makes the stand-in forget every call and registration.
///
/// # Errors
/// Returns an error if its folder cannot be emptied.
pub fn clear() -> io::Result<()> {
    let folder = setting("ONCUE_STAND_IN");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(folder)
}
