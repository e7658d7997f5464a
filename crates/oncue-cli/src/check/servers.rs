//! Checks whether this system can start the programs that serve the classes.

use std::path::Path;

use oncue_manifest::Manifest;

use crate::check::CheckError;

/// Returns facts and way out for every program that the broker could not start.
#[cfg(not(windows))]
pub(super) fn problems(folder: &Path, _: &Manifest) -> Result<Vec<(String, String)>, CheckError> {
    use oncue_broker::{PackageProblem, load_package};
    match load_package(folder) {
        Ok(loaded) => {
            let mut programs: Vec<&Path> =
                loaded.programs().iter().map(|program| program.executable.as_path()).collect();
            programs.sort();
            programs.dedup();
            Ok(programs.into_iter().filter_map(cannot_start).collect())
        }
        Err(problem @ PackageProblem::Executable { .. }) => {
            Ok(vec![(problem.to_string(), problem.way_out())])
        }
        Err(problem) => Err(CheckError::Package(problem)),
    }
}

#[cfg(not(windows))]
fn cannot_start(program: &Path) -> Option<(String, String)> {
    use oncue_broker::{missing_library, program_problem};
    let path = program.display();
    match program_problem(program) {
        Ok(found) => found
            .or_else(|| missing_library(program))
            .map(|problem| (format!("cannot start {path}: {problem}"), problem.way_out().to_owned())),
        Err(error) => Some((format!("cannot read {path}: {error}"), "check the file's permissions".into())),
    }
}

/// Returns facts and way out for every program that does not exist.
#[cfg(windows)]
pub(super) fn problems(folder: &Path, manifest: &Manifest) -> Result<Vec<(String, String)>, CheckError> {
    let servers = manifest.applications.iter().flat_map(|application| &application.servers);
    let missing = servers.filter(|server| !folder.join(&server.executable).is_file());
    Ok(missing
        .map(|server| {
            let what = format!("executable {} does not exist", server.executable);
            let way_out =
                "build it into the package's folder with `oncue package layout`, or correct `Executable`";
            (what, way_out.to_owned())
        })
        .collect())
}
