//! Creates a package's first manifest and images from what cargo knows about a crate.

mod class_id;
mod error;
mod logo;
mod manifest;
mod png;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oncue_manifest::{Manifest, Version};
use oncue_types::Guid;

use crate::check::MANIFEST;
pub(crate) use crate::draft::error::DraftError;
use crate::layout::Crate;

/// What the user specifies about the package; the rest is taken from the crate.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// The publisher, a distinguished name.
    pub(crate) publisher: String,
    /// The identity's name.
    pub(crate) name: Option<String>,
    /// The display name.
    pub(crate) display_name: Option<String>,
    /// Which of the crate's programs serves the class.
    pub(crate) bin: Option<String>,
    /// The program's arguments.
    pub(crate) arguments: String,
    pub(crate) class_id: Option<Guid>,
    /// Whether to overwrite existing files.
    pub(crate) force: bool,
}

/// What was created.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The crate's folder.
    pub(crate) folder: PathBuf,
    pub(crate) family_name: String,
    pub(crate) version: Version,
    /// Whether the crate's version begins with 0, which Windows does not accept.
    pub(crate) version_is_new: bool,
    pub(crate) class_id: Guid,
    /// The program that serves the class, without `.exe`.
    pub(crate) program: String,
    pub(crate) arguments: String,
    /// The files that were written, relative to the folder.
    pub(crate) files: Vec<PathBuf>,
}

/// Writes the manifest and the images beside a crate's `Cargo.toml`.
pub(crate) fn draft(krate: &Crate, wishes: Wishes) -> Result<Draft, DraftError> {
    let program = program(krate, wishes.bin.as_deref())?;
    let class_id = wishes.class_id.map_or_else(class_id::fresh, Ok)?;
    let version = manifest::version(&krate.version)?;
    let text = manifest::text(krate, &wishes, &program, &class_id, version);
    // The manifest must be valid; if it is not, the cause is in the user's or the crate's values.
    let parsed = accepted(&text)?;
    let mut files = vec![(PathBuf::from(MANIFEST), text.into_bytes())];
    files.extend(pictures());
    write(&krate.folder, &files, wishes.force)?;
    Ok(Draft {
        folder: krate.folder.clone(),
        family_name: parsed.identity.family_name(),
        version,
        version_is_new: krate.version.major == 0,
        class_id,
        program,
        arguments: wishes.arguments,
        files: files.into_iter().map(|(path, _)| path).collect(),
    })
}

/// Returns the images that a package must have, with their paths in its folder.
pub(crate) fn pictures() -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    logo::LOGOS.iter().map(|logo| (Path::new("Assets").join(logo.file), logo.picture()))
}

/// Parses the text again, and returns an error for any problem on this system or on Windows.
fn accepted(text: &str) -> Result<Manifest, DraftError> {
    match Manifest::parse(text.as_bytes()) {
        Ok(manifest) if manifest.warnings.is_empty() => Ok(manifest),
        Ok(manifest) => Err(DraftError::Manifest(manifest.warnings)),
        Err(problems) => Err(DraftError::Manifest(problems.into_iter().collect())),
    }
}

fn program(krate: &Crate, wished: Option<&str>) -> Result<String, DraftError> {
    let name = krate.name.clone();
    match (wished, krate.binaries.as_slice()) {
        (_, []) => Err(DraftError::NoBinary { krate: name }),
        (None, [only]) => Ok(only.clone()),
        (None, many) => Err(DraftError::SeveralBinaries { krate: name, binaries: many.to_vec() }),
        (Some(wished), many) if many.iter().any(|binary| binary == wished) => Ok(wished.to_owned()),
        (Some(wished), many) => {
            Err(DraftError::NotABinary { wished: wished.to_owned(), krate: name, binaries: many.to_vec() })
        }
    }
}

/// Writes all files, or none if one of them already exists.
fn write(folder: &Path, files: &[(PathBuf, Vec<u8>)], force: bool) -> Result<(), DraftError> {
    if !force && let Some((path, _)) = files.iter().find(|(path, _)| folder.join(path).exists()) {
        return Err(DraftError::Exists { path: folder.join(path) });
    }
    for (path, bytes) in files {
        let path = folder.join(path);
        put(&path, bytes, force).map_err(|source| {
            let exists = source.kind() == io::ErrorKind::AlreadyExists;
            if exists { DraftError::Exists { path } } else { DraftError::File { path, source } }
        })?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8], force: bool) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = if force {
        File::create(path)?
    } else {
        // A file that was created in the meantime is not overwritten either.
        OpenOptions::new().write(true).create_new(true).open(path)?
    };
    file.write_all(bytes)
}
