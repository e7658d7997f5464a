//! Checks the packages' folders, whose files may have disappeared since the broker read them.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use oncue::tools::PackageInfo;
use oncue_broker::{PackageProblem, load_package};

use super::finding::Finding;
use super::patience;

/// How long to wait for all file systems together. A mount whose server is gone never answers.
const PATIENCE: Duration = Duration::from_secs(3);

/// Finds packages that cannot currently be used.
pub(super) fn look_into(packages: &[PackageInfo]) -> Vec<Finding> {
    let until = Instant::now() + PATIENCE;
    let looks: Vec<_> = packages.iter().map(|package| (package, begin(package))).collect();
    let finding = |(package, look): &(&PackageInfo, Look)| {
        let family = &package.family_name;
        let problem = match look.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(problem) => problem,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Some((
                format!("the file system of {} does not answer", package.location),
                "remount it, or restart its server".to_owned(),
            )),
        };
        let known = || (package.problem.clone(), format!("see `oncue package check {}`", quoted(package)));
        let (what, way_out) = problem.or_else(|| (!package.problem.is_empty()).then(known))?;
        Some(Finding {
            what: format!("package {family} cannot be used: {what}"),
            way_out: format!("{way_out}; or remove the package: `oncue package remove {family}`"),
        })
    };
    looks.iter().filter_map(finding).collect()
}

/// The problem with a folder and its way out, once the check has finished.
type Look = Receiver<Option<(String, String)>>;

/// Checks on a separate thread, which is abandoned if it hangs.
fn begin(package: &PackageInfo) -> Look {
    let (sender, look) = channel();
    let (location, family) = (PathBuf::from(&package.location), package.family_name.clone());
    let unable = {
        let location = location.clone();
        move |error| {
            let Finding { what, way_out } = patience::unable(&location, &error);
            Some((what, way_out))
        }
    };
    let (refused, unable_to_wait) = (sender.clone(), unable.clone());
    let started = patience::start(move || {
        let problem = match patience::answers(&location) {
            Ok(true) => problem(&location, &family),
            Ok(false) => return,
            Err(error) => unable_to_wait(error),
        };
        // The receiver may have given up.
        let _ = sender.send(problem);
    });
    if let Err(error) = started {
        // The receiver is returned below.
        let _ = refused.send(unable(error));
    }
    look
}

/// Returns why the package cannot be used, and the way out.
fn problem(location: &Path, family: &str) -> Option<(String, String)> {
    match load_package(location) {
        Ok(loaded) if loaded.package.family.as_str() == family => None,
        Ok(loaded) => Some((
            format!("{} now holds package {}", location.display(), loaded.package.family),
            "restore the package's own files".to_owned(),
        )),
        // The message does not need to say again what the folder contained when it was added.
        Err(problem @ PackageProblem::NoManifest { .. }) => {
            Some((problem.to_string(), "restore its files".to_owned()))
        }
        Err(problem) => Some((problem.to_string(), problem.way_out())),
    }
}

/// Quotes the folder so that a shell reads it as one word.
fn quoted(package: &PackageInfo) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    match package.location.chars().all(is_plain) {
        true => package.location.clone(),
        false => format!("'{}'", package.location.replace('\'', "'\\''")),
    }
}
