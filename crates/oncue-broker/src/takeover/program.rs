//! Whether the file at the broker's path is another program than the one that runs, and may take over.
//!
//! The version of the broker stands in a section of the program, so that it is known without running a program
//! that may be any app.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use elf::ElfStream;
use elf::endian::AnyEndian;

use crate::package::program_problem;

/// The section of a program that contains the version of its broker.
const SECTION: &str = ".oncue.broker";

/// The size of the section.
const LENGTH: usize = 32;

/// The version of this broker, padded with NUL.
#[used]
#[expect(unsafe_code, reason = "the compiler cannot know that nothing else uses this section")]
// SAFETY: only this text is in the section, which is read-only data like any other constant.
#[unsafe(link_section = ".oncue.broker")]
static OWN: [u8; LENGTH] = padded(env!("CARGO_PKG_VERSION"));

const fn padded(text: &str) -> [u8; LENGTH] {
    let (text, mut padded, mut at) = (text.as_bytes(), [0; LENGTH], 0);
    while at < text.len() {
        padded[at] = text[at];
        at += 1;
    }
    padded
}

/// The file at the path of the program that runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Replacement {
    /// It is that program, or nothing.
    None,
    /// It is a broker of this version, which is not older.
    MayTakeOver(Version),
    /// It is another program that must not take over.
    Unfit(String),
}

/// A version, without what follows its three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u32; 3]);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl Version {
    fn read(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?.trim_end_matches('\0');
        let release = text.split(['-', '+']).next()?;
        let mut numbers = release.split('.').map(|number| number.parse().ok());
        let version = Self([numbers.next()??, numbers.next()??, numbers.next()??]);
        numbers.next().is_none().then_some(version)
    }

    /// Returns the version of the broker in a program.
    fn in_program(path: &Path) -> io::Result<Option<Self>> {
        let mut program =
            ElfStream::<AnyEndian, _>::open_stream(File::open(path)?).map_err(io::Error::other)?;
        let found = program.section_header_by_name(SECTION).map_err(io::Error::other)?.copied();
        let Some(section) = found.filter(|section| section.sh_size <= LENGTH as u64) else { return Ok(None) };
        let (text, _) = program.section_data(&section).map_err(io::Error::other)?;
        Ok(Self::read(text))
    }
}

/// Looks at the file at the path of the program that runs. This reads files, and may take long.
pub(super) fn look(path: &Path) -> io::Result<Replacement> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replacement::None),
        Err(error) => return Err(error),
    };
    let running = fs::metadata("/proc/self/exe")?;
    if (found.dev(), found.ino()) == (running.dev(), running.ino()) {
        return Ok(Replacement::None);
    }
    judge(path)
}

fn judge(path: &Path) -> io::Result<Replacement> {
    if let Some(problem) = program_problem(path)? {
        return Ok(Replacement::Unfit(problem.to_string()));
    }
    // Without the constant, a linker may leave the section out.
    let own = Version::read(std::hint::black_box(&OWN));
    Ok(match Version::in_program(path) {
        Ok(Some(version)) if Some(version) >= own => Replacement::MayTakeOver(version),
        Ok(Some(version)) => Replacement::Unfit(format!("its version {version} is older")),
        Ok(None) => Replacement::Unfit("it does not contain a broker that can take over".into()),
        Err(error) => Replacement::Unfit(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_contains_the_version_of_its_broker() {
        let own = std::env::current_exe().unwrap();
        assert_eq!(Version::in_program(&own).unwrap(), Version::read(env!("CARGO_PKG_VERSION").as_bytes()));
        assert_eq!(look(&own).unwrap(), Replacement::None);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(&folder.path().join("gone")).unwrap(), Replacement::None);
        let copy = folder.path().join("copy");
        fs::copy(&own, &copy).unwrap();
        assert!(matches!(look(&copy).unwrap(), Replacement::MayTakeOver(_)));
        let other = fs::read("/bin/true").unwrap();
        fs::write(&copy, other).unwrap();
        assert!(matches!(look(&copy).unwrap(), Replacement::Unfit(_)), "it contains no broker");
        fs::write(&copy, "#!/bin/sh\n").unwrap();
        assert!(matches!(look(&copy).unwrap(), Replacement::Unfit(_)), "it is a script");
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let version = |text: &str| Version::read(text.as_bytes());
        assert!(version("0.10.0") > version("0.9.9") && version("1.0.0") > version("0.99.0"));
        assert_eq!(version("0.2.0-dev\0\0"), version("0.2.0"));
        for wrong in ["", "1", "1.2", "1.2.3.4", "a.b.c"] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
    }
}
