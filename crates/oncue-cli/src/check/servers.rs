//! The programs that serve the classes: whether this host can start them.

use std::path::Path;

use oncue_manifest::Manifest;

use crate::failure::Failure;

/// Facts and way out of every program that cannot be started, as the broker sees it.
#[cfg(not(windows))]
pub(super) fn problems(folder: &Path, _: &Manifest) -> Result<Vec<(String, String)>, Failure> {
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
        Err(problem) => Err(Failure::Package(problem)),
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
        Err(error) => {
            Some((format!("cannot look at {path}: {error}"), "check the file's permissions".into()))
        }
    }
}

/// Facts and way out of every program that is not there.
#[cfg(windows)]
pub(super) fn problems(folder: &Path, manifest: &Manifest) -> Result<Vec<(String, String)>, Failure> {
    let servers = manifest.applications.iter().flat_map(|application| &application.servers);
    let missing = servers.filter(|server| !folder.join(&server.executable).is_file());
    Ok(missing
        .map(|server| {
            let what = format!("executable {} is not there", server.executable);
            let way_out =
                "build it into the package's folder (`oncue package layout` does), or correct `Executable`";
            (what, way_out.to_owned())
        })
        .collect())
}
