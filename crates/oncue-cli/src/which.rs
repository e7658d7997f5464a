//! Finds the task or package that the user means: exactly one, or an error that names the
//! candidates.

use oncue::tools::{Broker, PackageInfo, TaskInfo, Watched};
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
        /// The names that resemble it.
        similar: Vec<String>,
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
        /// The names that resemble it.
        similar: Vec<String>,
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
    /// Returns the tasks or packages that the name matches, one line each.
    pub(crate) fn candidates(&self) -> &[String] {
        match self {
            Self::AmbiguousTask { candidates, .. } | Self::AmbiguousPackage { candidates, .. } => candidates,
            Self::Broker(_) | Self::NoTask { .. } | Self::ShortId { .. } | Self::NoPackage { .. } => &[],
        }
    }

    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> Option<String> {
        let text = match self {
            Self::Broker(error) => return error.way_out().map(str::to_owned),
            Self::NoTask { similar, .. } if similar.is_empty() => {
                "see registered tasks with `oncue list`, and removed ones with `oncue history`"
            }
            Self::NoPackage { similar, .. } if similar.is_empty() => "see `oncue package list`",
            Self::NoTask { similar, .. } => return Some(or_one_of(similar, "oncue list")),
            Self::NoPackage { similar, .. } => return Some(or_one_of(similar, "oncue package list")),
            Self::ShortId { .. } => "list names and ids with `oncue list`",
            Self::AmbiguousTask { .. } => "use package/name, or at least the first 8 characters of its id",
            Self::AmbiguousPackage { .. } => "use its full family name",
        };
        Some(text.to_owned())
    }
}

fn or_one_of(similar: &[String], verb: &str) -> String {
    let names: Vec<String> = similar.iter().map(|name| format!("`{name}`")).collect();
    format!("{}, or see all with `{verb}`", names.join(" or "))
}

/// How much a name resembles another one at least, from 0 to 1.
const ALIKE: f64 = 0.8;
/// The most names that are suggested.
const MOST_SIMILAR: usize = 3;

/// Returns the names that resemble one, the most similar first.
fn similar<'a>(names: impl Iterator<Item = &'a str>, named: &str) -> Vec<String> {
    let named = named.to_lowercase();
    let rated = names.map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &named), name));
    let mut alike: Vec<(f64, &str)> = rated.filter(|(rate, _)| *rate >= ALIKE).collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    alike.dedup_by(|a, b| a.1 == b.1);
    alike.into_iter().take(MOST_SIMILAR).map(|(_, name)| name.to_owned()).collect()
}

/// Returns the error for a name that none of these tasks has.
pub(crate) fn no_task<'a>(tasks: impl Iterator<Item = &'a str>, named: &str) -> WhichError {
    WhichError::NoTask { named: named.to_owned(), similar: similar(tasks, named) }
}

fn not_registered(broker: &Broker, named: &str) -> WhichError {
    // The name is unknown, even if the others cannot be read.
    let tasks = broker.tasks(Watched::All).unwrap_or_default();
    no_task(tasks.iter().map(|task| task.name.as_str()), named)
}

/// Finds the task with this name, `package/name` or start of an id.
pub(crate) fn task(broker: &Broker, named: &str) -> Result<TaskInfo, WhichError> {
    only(broker, broker.find(named)?, named)
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
        0 => Err(not_registered(broker, named)),
        _ if too_short => Err(WhichError::ShortId { named: named.to_owned(), least: LEAST_OF_ID }),
        _ => only(broker, found, named),
    }
}

/// Whether `named` is the task's name or `package/name`, not the start of its id.
fn is_called(task: &TaskInfo, named: &str) -> bool {
    named.strip_suffix(task.name.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn only(broker: &Broker, mut found: Vec<TaskInfo>, named: &str) -> Result<TaskInfo, WhichError> {
    if found.len() > 1 {
        found.sort_by(|a, b| (&a.package, &a.task_id).cmp(&(&b.package, &b.task_id)));
        let line = |task: &TaskInfo| format!("{}  {}/{}", task.task_id, task.package, task.name);
        let candidates = found.iter().map(line).collect();
        return Err(WhichError::AmbiguousTask { named: named.to_owned(), candidates });
    }
    found.pop().ok_or_else(|| not_registered(broker, named))
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
    let known: Vec<String> =
        packages.iter().map(|package| short_package(&package.family_name).to_owned()).collect();
    let mut found: Vec<PackageInfo> = packages
        .into_iter()
        .filter(|package| called(short_package(&package.family_name)) || called(&package.display_name))
        .collect();
    if found.len() > 1 {
        let candidates = found.into_iter().map(|package| package.family_name).collect();
        return Err(WhichError::AmbiguousPackage { named: named.to_owned(), candidates });
    }
    found.pop().ok_or_else(|| WhichError::NoPackage {
        named: named.to_owned(),
        similar: similar(known.iter().map(String::as_str), named),
    })
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

    #[test]
    fn similar_names_are_suggested() {
        let names = ["backup", "Backups", "bake", "mail", "sync photos"];
        let suggested = |named: &str| similar(names.into_iter(), named);
        assert_eq!(suggested("bakup"), ["backup", "Backups", "bake"]);
        assert_eq!(suggested("MAIL"), ["mail"]);
        assert_eq!(suggested("syncphotos"), ["sync photos"]);
        assert!(suggested("zebra").is_empty());
        let way_out = no_task(names.into_iter(), "mial").way_out();
        assert_eq!(way_out.as_deref(), Some("`mail`, or see all with `oncue list`"));
    }
}
