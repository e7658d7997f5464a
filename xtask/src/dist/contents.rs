//! The files that are installed below a prefix such as `/usr`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Release;
use super::failure::Failure;
use super::tool::run;

/// The places of completions below the prefix, for each shell.
pub(super) struct Places {
    pub(super) bash: &'static str,
    pub(super) zsh: &'static str,
    pub(super) fish: &'static str,
}

/// The places in which the shells look without configuration.
pub(super) const USUAL: Places = Places {
    bash: "share/bash-completion/completions/oncue",
    zsh: "share/zsh/site-functions/_oncue",
    fish: "share/fish/vendor_completions.d/oncue.fish",
};

/// Writes the program, its manual pages and completions below a prefix.
pub(super) fn write(release: &Release<'_>, prefix: &Path, places: &Places) -> Result<(), Failure> {
    let program = prefix.join("bin/oncue");
    create_for(&program)?;
    let mut strip = Command::new("strip");
    run(strip.arg("-o").args([&program, release.program]), "binutils")?;
    set_mode(&program, 0o755)?;
    run(Command::new(&program).args(["man", "--out"]).arg(prefix.join("share/man")), "oncue")?;
    for (shell, place) in [("bash", places.bash), ("zsh", places.zsh), ("fish", places.fish)] {
        let script = run(Command::new(&program).args(["completions", shell]), "oncue")?;
        write_file(&prefix.join(place), &script)?;
    }
    Ok(())
}

/// Writes a file that everybody may read, and the folders above it.
pub(super) fn write_file(path: &Path, text: &[u8]) -> Result<(), Failure> {
    create_for(path)?;
    fs::write(path, text).map_err(Failure::file(path))?;
    set_mode(path, 0o644)
}

/// Copies a file that everybody may read.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let text = fs::read(from).map_err(Failure::file(from))?;
    write_file(to, &text)
}

/// Sets the permissions of a file or folder.
pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Failure::file(path))
}

fn create_for(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Failure::file(folder))
}

/// Returns all files below a folder, sorted.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::file(&folder))? {
            let path = entry.map_err(Failure::file(&folder))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
