//! Finds a program named in a manifest: as written, then as spelled on this system, but never
//! outside the package.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use oncue_manifest::executable_candidates;

/// Why a program cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExecutableError {
    /// None of the spellings exists.
    #[error("executable {written} does not exist: looked for {}", tried.join(", "))]
    Missing {
        /// As written in the manifest.
        written: String,
        /// The paths that were tried.
        tried: Vec<String>,
    },
    /// It is outside the package.
    #[error("executable {written} is outside the package, at {}", real.display())]
    Outside {
        /// As written in the manifest.
        written: String,
        /// Its real path.
        real: PathBuf,
    },
    /// It is a folder, a socket or something else that cannot be executed.
    #[error("executable {} is not a regular file", real.display())]
    NotAFile {
        /// Its real path.
        real: PathBuf,
    },
    /// It is not executable.
    #[error("executable {} is not executable", real.display())]
    NotExecutable {
        /// Its real path.
        real: PathBuf,
    },
    /// It cannot be read.
    #[error("reading {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl ExecutableError {
    pub(super) fn way_out(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "build it into the package's folder with `oncue package layout`, or correct `Executable`"
            }
            Self::Outside { .. } => "copy the program into the package's folder",
            Self::NotAFile { .. } => "set `Executable` to the program itself",
            Self::NotExecutable { .. } => "make it executable: chmod +x",
            Self::Unreadable { .. } => "check the file's permissions",
        }
    }
}

/// Finds the program; `links` says whether links may lead out of the package.
pub(super) fn find(folder: &Path, written: &str, links: bool) -> Result<PathBuf, ExecutableError> {
    let mut tried = Vec::new();
    for candidate in executable_candidates(written) {
        let path = folder.join(&candidate);
        match path.canonicalize() {
            Ok(real) => return check(folder, written, real, links),
            Err(error) if error.kind() == io::ErrorKind::NotFound => tried.push(path.display().to_string()),
            Err(source) => return Err(ExecutableError::Unreadable { path, source }),
        }
    }
    Err(ExecutableError::Missing { written: written.into(), tried })
}

fn check(folder: &Path, written: &str, real: PathBuf, links: bool) -> Result<PathBuf, ExecutableError> {
    if !real.starts_with(folder) && !links {
        return Err(ExecutableError::Outside { written: written.into(), real });
    }
    let known = std::fs::metadata(&real)
        .map_err(|source| ExecutableError::Unreadable { path: real.clone(), source })?;
    if !known.is_file() {
        return Err(ExecutableError::NotAFile { real });
    }
    if known.permissions().mode() & 0o111 == 0 {
        return Err(ExecutableError::NotExecutable { real });
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn program(folder: &Path, name: &str, mode: u32) {
        fs::write(folder.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_host_spelling_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("bin")).unwrap();
        program(&root.join("bin"), "app", 0o755);
        assert_eq!(find(&root, "bin\\app.exe", false).unwrap(), root.join("bin/app"));
    }

    #[test]
    fn what_cannot_run_is_refused_by_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        program(&root, "plain", 0o644);
        fs::create_dir(root.join("folder")).unwrap();
        symlink("/bin/sh", root.join("out")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        assert!(matches!(find(&root, "missing", false), Err(ExecutableError::Missing { .. })));
        assert!(matches!(find(&root, "dangling", false), Err(ExecutableError::Missing { .. })));
        assert!(matches!(find(&root, "plain", false), Err(ExecutableError::NotExecutable { .. })));
        assert!(matches!(find(&root, "folder", false), Err(ExecutableError::NotAFile { .. })));
        assert!(matches!(find(&root, "out", false), Err(ExecutableError::Outside { .. })));
        assert!(find(&root, "out", true).is_ok());
    }
}
