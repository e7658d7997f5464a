//! Lays out a crate's package: a folder with the manifest, the programs, and the folders with
//! images.

mod cargo;
mod error;
mod place;
mod printed;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oncue_manifest::{Manifest, executable_candidates, in_package};

use crate::check::{self, CheckError, MANIFEST};
pub(crate) use crate::layout::cargo::{Crate, find as find_crate};
pub(crate) use crate::layout::error::LayoutError;
use crate::layout::place::Piece;

/// What to lay out.
#[derive(Debug)]
pub(crate) struct Order {
    /// The crate's `Cargo.toml`; if `None`, that of the current folder or of one above.
    pub(crate) manifest_path: Option<PathBuf>,
    /// Whether to build with optimisations.
    pub(crate) release: bool,
    /// Whether to build without default features, and with the same features of the dependencies as
    /// this program, so that nothing is compiled again. Only for crates in its workspace.
    pub(crate) lean: bool,
    /// The target folder; if `None`, `oncue/CRATE` in the crate's target folder.
    pub(crate) folder: Option<PathBuf>,
}

/// Lays out a package and returns its folder.
///
/// An existing layout is replaced in one step. Programs that are running from it continue with
/// their open files.
pub(crate) fn lay_out(order: &Order) -> Result<PathBuf, LayoutError> {
    let krate = cargo::find(order.manifest_path.as_deref())?;
    let printed = if krate.folder.join(MANIFEST).exists() { None } else { printed::print(&krate, order)? };
    let source = printed.as_ref().map_or(krate.folder.as_path(), |printed| printed.path());
    let path = source.join(MANIFEST);
    let manifest = read(&path)?;
    let programs = programs(&krate, &manifest)?;
    let wanted: BTreeSet<&str> = programs.iter().filter_map(|program| program.binary.as_deref()).collect();
    let built = cargo::build(&krate, &wanted, order)?;
    let mut pieces = vec![Piece::file(path, MANIFEST)];
    for Program { path, binary } in &programs {
        let from = match binary {
            Some(binary) => built.get(binary.as_str()).cloned(),
            None => Some(krate.folder.join(path)),
        };
        let not_built = || LayoutError::NotBuilt { program: path.clone() };
        pieces.push(Piece::file(from.ok_or_else(not_built)?, path));
    }
    let drawn = if krate.folder.join("Assets").exists() { &krate.folder } else { source };
    pieces.extend(pictures(drawn, &manifest));
    let folder = order.folder.clone().unwrap_or_else(|| krate.target.join("oncue").join(&krate.name));
    place::place(&folder, &pieces)?;
    Ok(folder)
}

fn read(path: &Path) -> Result<Manifest, LayoutError> {
    let bytes = check::read(path).map_err(|error| match error {
        CheckError::NoManifest { .. } => LayoutError::NoManifest { path: path.to_owned() },
        #[cfg(not(windows))]
        CheckError::Package(_) => LayoutError::Unreadable(error),
        CheckError::Unreadable { .. } => LayoutError::Unreadable(error),
    })?;
    Manifest::parse(&bytes).map_err(|problems| LayoutError::Manifest { path: path.to_owned(), problems })
}

/// A program named in the manifest.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Program {
    /// Its target path, as spelled on this system.
    path: String,
    /// The binary of the crate; if `None`, the file itself is in the crate's folder.
    binary: Option<String>,
}

fn programs(krate: &Crate, manifest: &Manifest) -> Result<BTreeSet<Program>, LayoutError> {
    let written = manifest.applications.iter().flat_map(|application| {
        let servers = application.servers.iter().map(|server| server.executable.as_str());
        application.executable.as_deref().into_iter().chain(servers)
    });
    let mut programs = BTreeSet::new();
    for written in written {
        // A path that leads out of the package has no spelling; such a manifest is refused earlier.
        let Some(path) = spelled(written) else { continue };
        programs.insert(program(krate, path)?);
    }
    Ok(programs)
}

/// Returns a program's path as spelled on this system: the last candidate; on Windows, with `.exe`.
fn spelled(written: &str) -> Option<String> {
    if cfg!(windows) { in_package(written) } else { executable_candidates(written).pop() }
}

fn program(krate: &Crate, path: String) -> Result<Program, LayoutError> {
    let name = path.rsplit('/').next().unwrap_or(&path);
    let name = name.strip_suffix(".exe").filter(|_| cfg!(windows)).unwrap_or(name);
    let exact = krate.binaries.iter().find(|binary| *binary == name);
    let binary = exact.or_else(|| krate.binaries.iter().find(|binary| binary.eq_ignore_ascii_case(name)));
    if binary.is_none() && !krate.folder.join(&path).is_file() {
        let binaries = krate.binaries.clone();
        return Err(LayoutError::NoBinary { program: path, krate: krate.name.clone(), binaries });
    }
    Ok(Program { binary: binary.cloned(), path })
}

/// An image's variants and other files that only the program knows are in the same folder. The
/// whole folder belongs to the package, unless it is the crate's own folder.
fn pictures(source: &Path, manifest: &Manifest) -> Vec<Piece> {
    let mut pieces = BTreeSet::new();
    for picture in check::pictures(manifest) {
        let piece = match picture.split_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None => picture,
        };
        if source.join(&piece).exists() {
            pieces.insert(piece);
        }
    }
    pieces.into_iter().map(|piece| Piece { from: source.join(&piece), to: piece.into() }).collect()
}
