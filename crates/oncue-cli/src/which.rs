//! Finds the task or package that the user means: exactly one, or an error that names the
//! candidates.

use oncue::tools::{Broker, PackageInfo, TaskInfo};
use oncue_types::FamilyName;

use crate::render::words::short_package;

/// Why a name does not lead to exactly one task or package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WhichError {
    /// The broker refused or failed, or cannot be reached.
    #[error(transparent)]
    Broker(#[from] oncue::Error),
    /// No task has that name.
    #[error("no task is called `{named}`, and no task's id begins with that")]
    NoTask {
        /// As given by the user.
        named: String,
    },
    /// No task has this name, and it is too short for the start of an id.
    #[error(
        "no task is called `{named}`, and it is too short for an id: \
         a verb that changes something needs at least the first {least} characters"
    )]
    ShortId {
        /// As given by the user.
        named: String,
        /// The minimum number of characters.
        least: usize,
    },
    /// The name matches several tasks.
    #[error("`{named}` matches {} tasks", candidates.len())]
    AmbiguousTask {
        /// As given by the user.
        named: String,
        /// One line for each.
        candidates: Vec<String>,
    },
    /// No package has that name.
    #[error("no package is called `{named}`")]
    NoPackage {
        /// As given by the user.
        named: String,
    },
    /// The name matches several packages.
    #[error("`{named}` matches {} packages", candidates.len())]
    AmbiguousPackage {
        /// As given by the user.
        named: String,
        /// Their family names.
        candidates: Vec<String>,
    },
}

/// The task belongs to an app.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name} belongs to package {package}, which registered it; only tasks that run commands can be changed"
)]
pub(crate) struct NotACommand {
    name: String,
    package: String,
}

impl NotACommand {
    /// Says so of this task.
    pub(crate) fn of(task: &TaskInfo) -> Self {
        Self { name: task.name.clone(), package: task.package.clone() }
    }
}

impl WhichError {
    /// Returns what the user may have meant, one line each.
    pub(crate) fn candidates(&self) -> &[String] {
        match self {
            Self::AmbiguousTask { candidates, .. } | Self::AmbiguousPackage { candidates, .. } => candidates,
            Self::Broker(_) | Self::NoTask { .. } | Self::ShortId { .. } | Self::NoPackage { .. } => &[],
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> Option<&str> {
        match self {
            Self::Broker(error) => error.way_out(),
            Self::NoTask { .. } => {
                Some("see registered tasks with `oncue list`, and removed ones with `oncue history`")
            }
            Self::ShortId { .. } => Some("list names and ids with `oncue list`"),
            Self::AmbiguousTask { .. } => {
                Some("use package/name, or at least the first 8 characters of its id")
            }
            Self::NoPackage { .. } => Some("see `oncue package list`"),
            Self::AmbiguousPackage { .. } => Some("use its full family name"),
        }
    }
}

/// Finds the task with this name, `package/name` or start of an id.
pub(crate) fn task(broker: &Broker, named: &str) -> Result<TaskInfo, WhichError> {
    only(broker.find(named)?, named)
}

/// The minimum number of characters of an id for a verb that changes something. `list` shows this
/// many, and they are not typed by accident.
pub(crate) const LEAST_OF_ID: usize = 8;

/// Finds the task to change. Like [`task`], but the start of an id must be long enough that it
/// cannot be a mistyped name.
pub(crate) fn task_to_change(broker: &Broker, named: &str) -> Result<TaskInfo, WhichError> {
    let found = broker.find(named)?;
    let too_short = named.chars().count() < LEAST_OF_ID && !found.iter().any(|task| is_called(task, named));
    match found.len() {
        0 => Err(WhichError::NoTask { named: named.to_owned() }),
        _ if too_short => Err(WhichError::ShortId { named: named.to_owned(), least: LEAST_OF_ID }),
        _ => only(found, named),
    }
}

/// Whether `named` is the task's name or `package/name`, not the start of its id.
fn is_called(task: &TaskInfo, named: &str) -> bool {
    named.strip_suffix(task.name.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn only(mut found: Vec<TaskInfo>, named: &str) -> Result<TaskInfo, WhichError> {
    if found.len() > 1 {
        found.sort_by(|a, b| (&a.package, &a.task_id).cmp(&(&b.package, &b.task_id)));
        let line = |task: &TaskInfo| format!("{}  {}/{}", task.task_id, task.package, task.name);
        let candidates = found.iter().map(line).collect();
        return Err(WhichError::AmbiguousTask { named: named.to_owned(), candidates });
    }
    found.pop().ok_or_else(|| WhichError::NoTask { named: named.to_owned() })
}

/// Finds the package with this family name, full name, identity name or display name.
pub(crate) fn package(broker: &Broker, named: &str) -> Result<PackageInfo, WhichError> {
    package_of(broker.packages()?, named)
}

fn package_of(packages: Vec<PackageInfo>, named: &str) -> Result<PackageInfo, WhichError> {
    if named == FamilyName::COMMANDS {
        // The user's commands have a name like a package, but no package.
        return Ok(PackageInfo { family_name: named.to_owned(), ..PackageInfo::default() });
    }
    let exact = |package: &&PackageInfo| package.family_name == named || package.full_name == named;
    if let Some(package) = packages.iter().find(exact) {
        return Ok(package.clone());
    }
    let called = |name: &str| name.eq_ignore_ascii_case(named);
    let mut found: Vec<PackageInfo> = packages
        .into_iter()
        .filter(|package| called(short_package(&package.family_name)) || called(&package.display_name))
        .collect();
    if found.len() > 1 {
        let candidates = found.into_iter().map(|package| package.family_name).collect();
        return Err(WhichError::AmbiguousPackage { named: named.to_owned(), candidates });
    }
    found.pop().ok_or_else(|| WhichError::NoPackage { named: named.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample;

    fn package_called(family_name: &str, display_name: &str) -> PackageInfo {
        PackageInfo {
            family_name: family_name.into(),
            full_name: format!("{family_name}-full"),
            display_name: display_name.into(),
            ..sample::package()
        }
    }

    fn packages() -> Vec<PackageInfo> {
        vec![
            package_called("Mail_a", "Mail"),
            package_called("Mail_b", "Post"),
            package_called("Clock_a", "Time"),
        ]
    }

    #[test]
    fn a_package_is_found_by_any_of_its_names() {
        for (named, family) in
            [("Mail_b", "Mail_b"), ("post", "Mail_b"), ("clock", "Clock_a"), ("Clock_a-full", "Clock_a")]
        {
            assert_eq!(package_of(packages(), named).unwrap().family_name, family, "{named}");
        }
    }

    #[test]
    fn several_packages_are_named() {
        let error = package_of(packages(), "mail").unwrap_err();
        assert!(
            matches!(&error, WhichError::AmbiguousPackage { candidates, .. } if *candidates == ["Mail_a", "Mail_b"])
        );
        assert!(matches!(package_of(packages(), "Ma"), Err(WhichError::NoPackage { .. })));
    }
}
