//! `cargo xtask dist`: the files that people install oncue from.
//!
//! A Debian package, a tarball with an installer that needs no root, and their checksums. The manual pages,
//! completions and units come from the built program itself.

mod checksums;
mod contents;
pub(crate) mod debian;
mod failure;
mod glibc;
pub(crate) mod tarball;
mod tool;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::build;
pub(crate) use failure::Failure;

/// Write a Debian package, a tarball with an installer, and their checksums
///
/// They are for this machine's processor and its libc or a newer one. Needs git, tar, gzip, strip and dpkg-deb.
/// Takes 4 minutes.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The folder for the files
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    out: PathBuf,
}

/// One build of oncue, to be packed.
#[derive(Debug)]
pub(crate) struct Release<'a> {
    /// The program, which is packed without its debug information.
    pub(crate) program: &'a Path,
    /// The workspace, for the licences and the changelog.
    pub(crate) root: &'a Path,
    /// The version.
    pub(crate) version: &'a str,
    /// How much time packing may take.
    pub(crate) effort: Effort,
}

/// How much time packing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// As little as possible, for a test.
    Least,
    /// What makes files small.
    Most,
}

/// Builds and packs oncue.
pub(crate) fn run(options: &Options, root: &Path) -> ExitCode {
    match write(&options.out, root) {
        Ok(files) => {
            files.iter().for_each(|file| println!("{}", file.display()));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("dist: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn write(out: &Path, root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let program = build::release("oncue-cli")?;
    let release =
        Release { program: &program, root, version: env!("CARGO_PKG_VERSION"), effort: Effort::Most };
    fs::create_dir_all(out).map_err(Failure::file(out))?;
    let mut files = vec![debian::package(&release, out)?, tarball::pack(&release, out)?];
    files.push(checksums::write(&files, out)?);
    Ok(files)
}
