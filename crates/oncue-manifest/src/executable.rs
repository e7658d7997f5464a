//! Paths inside a package, as written in a manifest and as spelled on this system.

use std::borrow::Cow;

use crate::problem::{Severity, quoted};

/// The maximum number of characters of a path in the manifest schema.
const MAX_PATH: usize = 256;

/// What is wrong with the path of an executable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutableProblem {
    /// The path is empty.
    #[error("`Executable` is empty")]
    Empty,
    /// The path begins with a slash or backslash.
    #[error("executable `{path}` is an absolute path; it must be in the package")]
    Absolute {
        /// The path as written.
        path: String,
    },
    /// The path begins with a drive letter.
    #[error("executable `{path}` has a drive letter; it must be in the package")]
    DriveLetter {
        /// The path as written.
        path: String,
    },
    /// The path contains `..`.
    #[error("executable `{path}` contains `..`; it must be in the package")]
    Parent {
        /// The path as written.
        path: String,
    },
    /// The path is a folder.
    #[error("executable `{path}` is a folder")]
    Folder {
        /// The path as written.
        path: String,
    },
    /// The path does not end with `.exe`.
    #[error("executable `{path}` does not end with `.exe`, as Windows requires")]
    NotExe {
        /// The path as written.
        path: String,
    },
    /// The path contains a character that Windows does not allow.
    #[error("executable `{path}` contains {character:?}, which Windows does not allow")]
    Character {
        /// The path as written.
        path: String,
        /// The character.
        character: char,
    },
    /// The path is too long for Windows.
    #[error("the path of the executable is too long: {length} characters (Windows' limit: {MAX_PATH})")]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
}

impl ExecutableProblem {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::NotExe { .. } | Self::Character { .. } | Self::TooLong { .. } => Severity::WindowsRefuses,
            Self::Empty
            | Self::Absolute { .. }
            | Self::DriveLetter { .. }
            | Self::Parent { .. }
            | Self::Folder { .. } => Severity::Error,
        }
    }

    pub(crate) fn way_out(&self) -> Cow<'static, str> {
        match self {
            Self::NotExe { path } => {
                format!("write `{path}.exe`; on Linux, the file itself does not need the `.exe`").into()
            }
            Self::Character { .. } => "rename the file".into(),
            Self::TooLong { .. } => "move the file to a shorter path".into(),
            Self::Empty
            | Self::Absolute { .. }
            | Self::DriveLetter { .. }
            | Self::Parent { .. }
            | Self::Folder { .. } => {
                r"write the path of a file in the package, from the manifest's folder, as in bin\server.exe"
                    .into()
            }
        }
    }
}

/// Returns everything that is wrong with an executable's path.
pub(crate) fn problems(written: &str) -> Vec<ExecutableProblem> {
    if let Some(escape) = escape(written) {
        return vec![escape];
    }
    let path = quoted(written);
    let length = written.chars().count();
    let mut found = Vec::new();
    if length > MAX_PATH {
        found.push(ExecutableProblem::TooLong { length });
    }
    if let Some(character) = written.chars().find(|c| c.is_control() || "<>:\"|?*".contains(*c)) {
        found.push(ExecutableProblem::Character { path: path.clone(), character });
    }
    if without_exe(written).is_none() {
        found.push(ExecutableProblem::NotExe { path });
    }
    found
}

/// Returns why a path does not name a file in the package.
fn escape(written: &str) -> Option<ExecutableProblem> {
    let path = quoted(written);
    let parts = || written.split(['/', '\\']);
    let drive = written.get(1..2) == Some(":") && written.starts_with(|c: char| c.is_ascii_alphabetic());
    match () {
        () if written.trim().is_empty() => Some(ExecutableProblem::Empty),
        () if written.starts_with(['/', '\\']) => Some(ExecutableProblem::Absolute { path }),
        () if drive => Some(ExecutableProblem::DriveLetter { path }),
        () if parts().any(|part| part == "..") => Some(ExecutableProblem::Parent { path }),
        () if parts().next_back().is_none_or(|last| last.is_empty() || last == ".") => {
            Some(ExecutableProblem::Folder { path })
        }
        () => None,
    }
}

/// Returns a path of the manifest as spelled on this system, relative to the package's folder, with
/// `\` replaced by `/`. `None` if it does not name a file in the package.
///
/// Only the spelling is checked: the targets of symbolic links in the package are not known here.
#[must_use]
pub fn in_package(written: &str) -> Option<String> {
    if escape(written).is_some() { None } else { Some(written.replace('\\', "/")) }
}

/// Returns the possible paths of an executable, relative to the package's folder, best first: as
/// written, with `\` replaced by `/`, and then without `.exe`. Empty if the path is not in the
/// package.
#[must_use]
pub fn executable_candidates(written: &str) -> Vec<String> {
    let Some(here) = in_package(written) else { return Vec::new() };
    let mut candidates = vec![written.to_owned()];
    // `a/...exe` without its `.exe` would be `a/..`.
    let bare = without_exe(&here).filter(|bare| escape(bare).is_none()).map(str::to_owned);
    for candidate in std::iter::once(here).chain(bare) {
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    candidates
}

/// Returns the path without its `.exe`, if it ends with one.
fn without_exe(path: &str) -> Option<&str> {
    let (bare, extension) = path.split_at_checked(path.len().checked_sub(4)?)?;
    extension.eq_ignore_ascii_case(".exe").then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_up_as_written_and_then_as_the_host_spells_it() {
        assert_eq!(executable_candidates(r"App\App.exe"), [r"App\App.exe", "App/App.exe", "App/App"]);
        assert_eq!(executable_candidates("primes.exe"), ["primes.exe", "primes"]);
        assert_eq!(executable_candidates("bin/primes"), ["bin/primes"]);
        assert_eq!(executable_candidates(r"bin\A.EXE"), [r"bin\A.EXE", "bin/A.EXE", "bin/A"]);
        assert_eq!(executable_candidates("bin/.exe"), ["bin/.exe"]);
        assert_eq!(executable_candidates("äöü"), ["äöü"]);
        assert_eq!(executable_candidates("a/...exe"), ["a/...exe"]);
    }

    #[test]
    fn nothing_outside_the_package_is_a_candidate() {
        for written in [
            "",
            " ",
            "/bin/sh",
            r"\\server\share\a.exe",
            r"C:\a.exe",
            "c:a.exe",
            "../a.exe",
            r"a\..\..\b.exe",
            "a/..",
            "a/",
            r"a\",
            ".",
            "a/.",
        ] {
            assert_eq!(executable_candidates(written), [""; 0], "{written}");
            assert_eq!(in_package(written), None, "{written}");
        }
        assert_eq!(in_package("a..b/c...exe").as_deref(), Some("a..b/c...exe"));
    }
}
