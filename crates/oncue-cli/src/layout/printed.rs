//! The manifest of a crate that has none: its program prints it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use oncue_manifest::MAX_BYTES;
use oncue_wire::names::MANIFEST_ARGUMENT;
use tempfile::TempDir;

use crate::check::MANIFEST;
use crate::draft;
use crate::layout::error::LayoutError;
use crate::layout::{Crate, Order, cargo};

/// How long a program has to print; one that does not know the argument may never end.
const PRINTS_WITHIN: Duration = Duration::from_secs(10);

/// Has the crate's only program print its manifest, and writes it to a folder, together with images.
/// Returns nothing for a crate whose program cannot know how.
pub(super) fn print(krate: &Crate, order: &Order) -> Result<Option<TempDir>, LayoutError> {
    let [binary] = krate.binaries.as_slice() else { return Ok(None) };
    if !krate.uses_sdk {
        return Ok(None);
    }
    let built = cargo::build(krate, &BTreeSet::from([binary.as_str()]), order)?;
    let program = built.get(binary).ok_or_else(|| LayoutError::NotBuilt { program: binary.clone() })?;
    let text =
        printed(program).map_err(|source| LayoutError::Printing { program: program.clone(), source })?;
    let not_printed =
        || LayoutError::NotPrinted { path: krate.folder.join(MANIFEST), program: binary.clone() };
    let text = text.ok_or_else(not_printed)?;
    let folder = laid(&text).map_err(|source| LayoutError::File { path: MANIFEST.into(), source })?;
    Ok(Some(folder))
}

/// Returns what the program prints, if it is a manifest and the program ends well.
fn printed(program: &Path) -> io::Result<Option<String>> {
    let mut command = Command::new(program);
    command.arg(MANIFEST_ARGUMENT).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let text = child.stdout.take().map(|stdout| {
        let (sender, text) = channel();
        let read = move || {
            let mut text = String::new();
            let read = stdout.take(MAX_BYTES as u64 + 1).read_to_string(&mut text);
            // The receiver may have given up.
            let _ = sender.send(read.map(|_| text));
        };
        thread::Builder::new().name("printed".into()).spawn(read).map(|_| text)
    });
    let text = text.transpose().inspect_err(|_| {
        // It would wait for its output to be read. The error of the thread is reported.
        let _ = child.kill().and_then(|()| child.wait());
    })?;
    let text = text.and_then(|text| text.recv_timeout(PRINTS_WITHIN).ok()).and_then(Result::ok);
    // A program that has closed its output is about to end; any other is not waited for.
    if text.is_none() {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok(text.filter(|text| status.success() && text.starts_with("<?xml")))
}

fn laid(text: &str) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(MANIFEST), text)?;
    for (path, picture) in draft::pictures() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, picture)?;
    }
    Ok(folder)
}
