//! Opens only regular files: opening a FIFO waits for its other end, a device may do anything, and
//! either may never end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// Checks that the path is a regular file, or does not exist.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(known) => must_be_regular(&known),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Opens a regular file; refuses anything else and names its kind.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Checked before it is opened, because opening a device can already have an effect.
    check(path)?;
    // It may be replaced in between, so open it without waiting, and check again.
    let file = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    must_be_regular(&file.metadata()?)?;
    Ok(file)
}

/// Checks that a file can be the standard input of a command: a regular file that can be read.
///
/// # Errors
/// Returns an error if it is not, or cannot be opened.
pub fn check_input(path: &Path) -> io::Result<()> {
    open(path, OpenOptions::new().read(true)).map(drop)
}

/// Reads a regular file; of a larger one, `most` bytes and one more.
pub(crate) fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    open(path, OpenOptions::new().read(true))?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn must_be_regular(known: &fs::Metadata) -> io::Result<()> {
    let kind = known.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a regular file")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, mknodat};

    #[test]
    fn what_is_not_a_regular_file_is_refused_by_its_kind_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, 0o600.into(), 0).unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let cases = [
            (fifo.as_path(), "a FIFO"),
            (&socket, "a socket"),
            (folder.path(), "a folder"),
            (Path::new("/dev/zero"), "a device"),
        ];
        for (path, what) in cases {
            let refused = read(path, 10).unwrap_err().to_string();
            assert!(refused.contains(what), "{refused}");
        }
    }

    #[test]
    fn of_a_large_file_no_more_is_read_than_shows_that_it_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let sparse = folder.path().join("sparse");
        File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read(&sparse, 100).unwrap().len(), 101);
    }
}
