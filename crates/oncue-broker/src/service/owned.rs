//! Files that oncue has written, and only it may replace or remove.
//!
//! The first line says so. A file without it belongs to somebody else.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::ServiceError;
use crate::regular;

/// Who requested the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installer {
    /// A person: it stays until it is removed.
    User,
    /// The broker, because tasks are registered: it goes with the last task.
    Broker,
}

/// The largest file that is read; oncue's own are much smaller.
const MOST: usize = 64 << 10;

impl Installer {
    /// The first line of a file.
    fn mark(self) -> &'static str {
        match self {
            Self::User => "# Written by `oncue service install`; `oncue service uninstall` removes it.",
            Self::Broker => {
                "# Written by oncue because tasks are registered; it is removed with the last one."
            }
        }
    }
}

/// A file that oncue writes.
#[derive(Debug)]
pub(super) struct Owned(PathBuf);

/// Whose file it is.
enum Found {
    Nothing,
    Ours(Installer),
    Theirs,
}

impl Owned {
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn into_path(self) -> PathBuf {
        self.0
    }

    /// Returns whether it exists and is oncue's.
    pub(super) fn is_there(&self) -> bool {
        self.installer().is_some()
    }

    /// Returns who wanted it, if it exists and is oncue's.
    pub(super) fn installer(&self) -> Option<Installer> {
        match self.found() {
            Ok(Found::Ours(by)) => Some(by),
            Ok(Found::Nothing | Found::Theirs) | Err(_) => None,
        }
    }

    /// Returns whether it exists and belongs to somebody else.
    pub(super) fn is_theirs(&self) -> bool {
        matches!(self.found(), Ok(Found::Theirs))
    }

    fn found(&self) -> Result<Found, ServiceError> {
        let text = match regular::read(&self.0, MOST) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(source) => return Err(fault("reading", &self.0)(source)),
        };
        let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let ours = [Installer::User, Installer::Broker].into_iter().find(|by| by.mark().as_bytes() == first);
        Ok(ours.map_or(Found::Theirs, Found::Ours))
    }

    /// Removes it if it is oncue's; returns its path if so.
    pub(super) fn remove(&self) -> Result<Option<PathBuf>, ServiceError> {
        match self.found()? {
            Found::Nothing | Found::Theirs => Ok(None),
            Found::Ours(_) => {
                fs::remove_file(&self.0).map_err(fault("removing", &self.0))?;
                Ok(Some(self.0.clone()))
            }
        }
    }

    /// Writes it as a whole, so that nobody reads half of it.
    fn write(&self, text: &str, by: Installer) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        let name = self.0.file_name().unwrap_or_default().to_string_lossy();
        let new = folder.join(format!(".{name}.{}.new", std::process::id()));
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(format!("{}\n{text}", by.mark()).as_bytes())?;
            file.sync_all()
        });
        let written = written.and_then(|()| fs::rename(&new, &self.0));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }
}

/// Writes files, or none of them if one belongs to somebody else.
pub(super) fn write_all<'a>(
    files: impl IntoIterator<Item = (&'a Owned, String)>,
    by: Installer,
) -> Result<(), ServiceError> {
    let files: Vec<(&Owned, String)> = files.into_iter().collect();
    for (file, _) in &files {
        if let Found::Theirs = file.found()? {
            return Err(ServiceError::NotOurs { file: file.0.clone() });
        }
    }
    for (file, text) in &files {
        file.write(text, by).map_err(fault("writing", &file.0))?;
    }
    Ok(())
}

/// Writes a note of oncue's own.
pub(super) fn note(file: &Path, text: &str) -> Result<(), ServiceError> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.map_err(fault("writing", file))
}

/// Removes a note of oncue's own, if it is there.
pub(super) fn remove(file: &Path) -> Result<(), ServiceError> {
    match fs::remove_file(file) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(fault("removing", file)(source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a symbolic link to a file, as `systemctl enable` does.
pub(super) fn link(link: &Path, file: &Owned) -> Result<(), ServiceError> {
    if points_to(link, file) {
        return Ok(());
    }
    let make = || {
        fs::create_dir_all(link.parent().unwrap_or(Path::new("/")))?;
        std::os::unix::fs::symlink(&file.0, link)
    };
    make().map_err(fault("making the link", link))
}

/// Removes a link to a file; returns its path if there was one. A folder that it leaves empty goes as well.
pub(super) fn unlink(link: &Path, file: &Owned) -> Result<Option<PathBuf>, ServiceError> {
    if !points_to(link, file) || !file.is_there() {
        return Ok(None);
    }
    fs::remove_file(link).map_err(fault("removing", link))?;
    if let Some(folder) = link.parent() {
        // It stays if it has other links.
        let _ = fs::remove_dir(folder);
    }
    Ok(Some(link.to_owned()))
}

fn points_to(link: &Path, file: &Owned) -> bool {
    let folder = link.parent().unwrap_or(Path::new("/"));
    fs::read_link(link).is_ok_and(|to| {
        let to = folder.join(to);
        to == file.0 || matches!((to.canonicalize(), file.0.canonicalize()), (Ok(a), Ok(b)) if a == b)
    })
}

fn fault(what: &'static str, file: &Path) -> impl FnOnce(io::Error) -> ServiceError {
    let file = file.to_owned();
    move |source| ServiceError::File { what, file, source }
}
