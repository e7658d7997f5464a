//! `SHA256SUMS`, for `sha256sum --check`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::contents::write_file;
use super::failure::Failure;

/// Writes the checksums of files beside them, and returns the path.
pub(super) fn write(files: &[PathBuf], out: &Path) -> Result<PathBuf, Failure> {
    let mut text = String::new();
    for file in files {
        let bytes = fs::read(file).map_err(Failure::file(file))?;
        for byte in Sha256::digest(&bytes) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(text, "  {name}");
    }
    let path = out.join("SHA256SUMS");
    write_file(&path, text.as_bytes())?;
    Ok(path)
}
