//! Finds the sample's source in the current checkout, or in the one that this program was built
//! from.

use std::env;
use std::path::{Path, PathBuf};

use crate::check::MANIFEST;
use crate::commands::demo::error::DemoError;

/// Returns the sample's `Cargo.toml`.
pub(crate) fn find() -> Result<PathBuf, DemoError> {
    let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let checkouts = here.ancestors().chain([built_from.as_path()]);
    let is_sample = |sample: &PathBuf| sample.join(MANIFEST).is_file() && sample.join("Cargo.toml").is_file();
    let sample = checkouts.map(|checkout| checkout.join("examples/primes")).find(is_sample);
    sample.map(|sample| sample.join("Cargo.toml")).ok_or_else(|| DemoError::NoSource { from: here.clone() })
}
