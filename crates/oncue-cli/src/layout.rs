//! A package's folder, made out of a crate: manifest, programs, and the folders of its pictures.

mod cargo;
mod error;
mod place;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oncue_manifest::{Manifest, executable_candidates, in_package};

use crate::check::{self, MANIFEST};
pub(crate) use crate::layout::cargo::{Crate, find as find_crate};
pub(crate) use crate::layout::error::LayoutError;
use crate::layout::place::Piece;

/// What is to be laid out.
#[derive(Debug)]
pub(crate) struct Order {
    /// The crate's `Cargo.toml`; else that of the current folder or one above.
    pub(crate) manifest_path: Option<PathBuf>,
    /// Whether to build with optimisations.
    pub(crate) release: bool,
    /// Whether to build without default features, and with the dependencies as this program has
    /// them: what is compiled for it already is not compiled again. For crates of its workspace.
    pub(crate) lean: bool,
    /// Where to; else `oncue/CRATE` in the crate's target folder.
    pub(crate) folder: Option<PathBuf>,
}

/// Lays a package out and returns its folder.
///
/// A layout that is there already is replaced in one step; programs that run from it go on with
/// the files they have.
pub(crate) fn lay_out(order: &Order) -> Result<PathBuf, LayoutError> {
    let krate = cargo::find(order.manifest_path.as_deref())?;
    let path = krate.folder.join(MANIFEST);
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
    pieces.extend(pictures(&krate, &manifest));
    let folder = order.folder.clone().unwrap_or_else(|| krate.target.join("oncue").join(&krate.name));
    place::place(&folder, &pieces)?;
    Ok(folder)
}

fn read(path: &Path) -> Result<Manifest, LayoutError> {
    let bytes = check::read(path).map_err(|_| LayoutError::NoManifest { path: path.to_owned() })?;
    Manifest::parse(&bytes).map_err(|problems| LayoutError::Manifest { path: path.to_owned(), problems })
}

/// A program that the manifest names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Program {
    /// Where it goes, as this host spells it.
    path: String,
    /// The crate's binary that it is; else the file itself is in the crate's folder.
    binary: Option<String>,
}

fn programs(krate: &Crate, manifest: &Manifest) -> Result<BTreeSet<Program>, LayoutError> {
    let written = manifest.applications.iter().flat_map(|application| {
        let servers = application.servers.iter().map(|server| server.executable.as_str());
        application.executable.as_deref().into_iter().chain(servers)
    });
    let mut programs = BTreeSet::new();
    for written in written {
        // A path out of the package is not spelled at all, and the manifest would not have been taken.
        let Some(path) = spelled(written) else { continue };
        programs.insert(program(krate, path)?);
    }
    Ok(programs)
}

/// A program's path as this host spells it: the last candidate; on Windows, with its `.exe`.
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

/// Variants of a picture lie beside it, and other things that only the program knows: the whole
/// folder of a picture belongs to the package, unless that is the crate's own folder.
fn pictures(krate: &Crate, manifest: &Manifest) -> Vec<Piece> {
    let mut pieces = BTreeSet::new();
    for picture in check::pictures(manifest) {
        let piece = match picture.split_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None => picture,
        };
        if krate.folder.join(&piece).exists() {
            pieces.insert(piece);
        }
    }
    pieces.into_iter().map(|piece| Piece { from: krate.folder.join(&piece), to: piece.into() }).collect()
}
