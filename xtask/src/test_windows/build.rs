//! Builds the sample, the stand-in and all tests for Windows, with a single call of cargo.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::{Artifact, Message};

use super::failure::Failure;
use super::program::output;
use super::rust::Rust;

/// The crates that are built.
const CRATES: [&str; 5] = [ONCUE, "oncue-cli", SAMPLE, SUITE, STAND_IN];
const ONCUE: &str = "oncue";
const SAMPLE: &str = "primes";
const SUITE: &str = "windows-suite";
const STAND_IN: &str = "windows-stand-in";

/// The results.
#[derive(Debug)]
pub(super) struct Built {
    /// The sample's program.
    pub(super) sample: PathBuf,
    /// The program `oncue`.
    pub(super) oncue: PathBuf,
    /// The stand-in for Windows' runtime classes.
    pub(super) stand_in: PathBuf,
    pub(super) tests: Vec<Test>,
}

/// A program with tests.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    /// Whether it belongs to the suite, whose tests share one stage and run one after the other.
    pub(super) is_of_suite: bool,
    /// Its name, as in cargo's output.
    pub(super) name: String,
    pub(super) program: PathBuf,
}

/// Builds everything. cargo writes to standard error.
pub(super) async fn build(rust: &Rust, root: &Path) -> Result<Built, Failure> {
    let mut cargo = rust.cargo("build");
    cargo.args(["--all-targets", "--message-format=json-render-diagnostics"]);
    cargo.args(CRATES.iter().flat_map(|name| ["--package", name]));
    let said = output(cargo.current_dir(root).stderr(Stdio::inherit())).await?;
    let artifacts = Message::parse_stream(said.as_slice()).flatten().filter_map(|message| {
        if let Message::CompilerArtifact(artifact) = message { Some(artifact) } else { None }
    });
    gather(root, artifacts)
}

fn gather(root: &Path, artifacts: impl Iterator<Item = Artifact>) -> Result<Built, Failure> {
    let (mut sample, mut oncue, mut stand_in, mut tests) = (None, None, None, Vec::new());
    for artifact in artifacts {
        let program = artifact.executable.clone().map(PathBuf::from);
        match (artifact.target.name.as_str(), program) {
            // Some crates have no tests of their own, but cargo builds a test program for them
            // anyway.
            (_, Some(_)) if artifact.profile.test && !artifact.target.test => {}
            (_, Some(program)) if artifact.profile.test => tests.push(test(root, &artifact, program)),
            (SAMPLE, Some(program)) => sample = Some(program),
            (ONCUE, Some(program)) => oncue = Some(program),
            ("windows_stand_in", None) if !artifact.profile.test => {
                let library = artifact.filenames.iter().find(|file| file.extension() == Some("dll"));
                stand_in = library.map(|file| file.clone().into_std_path_buf());
            }
            _ => {}
        }
    }
    tests.sort();
    Ok(Built {
        sample: sample.ok_or(Failure::NotBuilt("the sample"))?,
        oncue: oncue.ok_or(Failure::NotBuilt("the program oncue"))?,
        stand_in: stand_in.ok_or(Failure::NotBuilt("the stand-in"))?,
        tests,
    })
}

fn test(root: &Path, artifact: &Artifact, program: PathBuf) -> Test {
    let source = artifact.target.src_path.as_std_path();
    let name = source.strip_prefix(root).unwrap_or(source).display().to_string();
    Test { is_of_suite: artifact.target.src_path.as_str().contains("/windows/suite/"), name, program }
}
