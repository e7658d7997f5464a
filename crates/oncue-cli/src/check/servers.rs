//! The programs that serve the classes: whether this host can start them.

use std::path::Path;

use oncue_manifest::Manifest;

use crate::failure::Failure;

/// Facts and way out of the first program that cannot be started, as the broker sees it.
#[cfg(not(windows))]
pub(super) fn problem(folder: &Path, _: &Manifest) -> Result<Option<(String, String)>, Failure> {
    use oncue_broker::{PackageProblem, load_package};
    match load_package(folder) {
        Ok(_) => Ok(None),
        Err(problem @ PackageProblem::Executable { .. }) => {
            Ok(Some((problem.to_string(), problem.way_out())))
        }
        Err(problem) => Err(Failure::Package(problem)),
    }
}

/// Facts and way out of the first program that is not there.
#[cfg(windows)]
pub(super) fn problem(folder: &Path, manifest: &Manifest) -> Result<Option<(String, String)>, Failure> {
    let mut servers = manifest.applications.iter().flat_map(|application| &application.servers);
    let missing = servers.find(|server| !folder.join(&server.executable).is_file());
    Ok(missing.map(|server| {
        let what = format!("executable {} is not there", server.executable);
        let way_out =
            "build it into the package's folder (`oncue package layout` does), or mend `Executable`";
        (what, way_out.to_owned())
    }))
}
