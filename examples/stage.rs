//! A stage for the examples' tests: the package as installed, and a separate broker.
//!
//! The broker is the one embedded in the example. Each test includes this file.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The argument that makes a program with an embedded broker run it.
const BROKER: &str = "--oncue-broker";

/// A package in its own folder, and the broker that serves it.
pub(crate) struct Stage {
    home: TempDir,
    program: PathBuf,
    broker: Child,
}

impl Stage {
    /// Lays the package out, with its manifest if it has one, and starts the broker.
    pub(crate) fn new<'a>(built: &str, manifest: impl Into<Option<&'a str>>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().canonicalize().unwrap().join("package");
        fs::create_dir(&folder).unwrap();
        if let Some(manifest) = manifest.into() {
            fs::write(folder.join("AppxManifest.xml"), manifest).unwrap();
        }
        let program = folder.join(Path::new(built).file_name().unwrap());
        fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(drop)).unwrap();
        let mut broker = command(&program, &home, &[BROKER]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(broker.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { home, program, broker }
    }

    /// Returns a command for the program with arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(&self.program, &self.home, arguments)
    }

    /// Runs the program, which must succeed, and returns its output.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Reads a file in the local folder of the package with this name.
    pub(crate) fn local(&self, name: &str, file: &str) -> String {
        let packages = fs::read_dir(self.home.path().join("data/packages")).unwrap();
        let mut folders = packages.map(|package| package.unwrap());
        let is_it = |folder: &fs::DirEntry| {
            let family = folder.file_name().into_string().unwrap();
            family.split_once('_').is_some_and(|(known, _)| known == name)
        };
        let folder = folders.find(is_it).unwrap();
        fs::read_to_string(folder.path().join("LocalState").join(file)).unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Its task servers notice that it is gone, and end.
        let _ = self.broker.kill();
        let _ = self.broker.wait();
    }
}

fn command(program: &Path, home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("ONCUE_HOME", home.path()).stdin(Stdio::null());
    // Nothing installed on the system.
    command.env("XDG_DATA_DIRS", home.path());
    command
}
