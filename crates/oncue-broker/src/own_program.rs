//! The path of this process's program.

use std::env;
use std::io;
use std::path::PathBuf;

/// Returns the path of this process's executable. A program that was replaced while it runs has its old path, at
/// which the new file is.
pub(crate) fn path() -> io::Result<PathBuf> {
    const DELETED: &str = " (deleted)";
    let path = env::current_exe()?;
    let former = path.to_str().and_then(|text| text.strip_suffix(DELETED)).map(PathBuf::from);
    Ok(former.filter(|_| !path.exists()).unwrap_or(path))
}
