//! Translates timers of systemd with their services.

mod command;
mod service;
mod timer;
mod unit;

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use crate::exit::Exit;
use crate::failure::Failure;
use unit::Unit;

/// Why a timer cannot be translated.
#[derive(Debug, thiserror::Error)]
enum SystemdError {
    #[error("there is no unit `{name}`; looked in {}", folders.join(", "))]
    NoUnit { name: String, folders: Vec<String> },
    #[error("reading {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{name}` is not the name of a timer")]
    NotATimer { name: String },
}

impl From<SystemdError> for Failure {
    fn from(error: SystemdError) -> Self {
        match error {
            SystemdError::NoUnit { .. } => {
                Self::new(Exit::NotFound, error).with_way_out("`systemctl --user list-timers` lists yours")
            }
            SystemdError::Unreadable { .. } => Self::new(Exit::Failed, error),
            SystemdError::NotATimer { .. } => {
                Self::new(Exit::Usage, error).with_way_out("name a file or unit that ends in .timer")
            }
        }
    }
}

/// Translates timers.
pub(super) fn import(timers: &[PathBuf]) -> Result<Draft, Failure> {
    let mut draft = Draft::default();
    for timer in timers {
        translate_file(timer, &mut draft)?;
    }
    Ok(draft)
}

fn translate_file(named: &Path, draft: &mut Draft) -> Result<(), SystemdError> {
    let name = named.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".timer").ok_or_else(|| SystemdError::NotATimer { name: name.clone() })?;
    let (timer_path, timer) = load(named)?;
    let service =
        timer.last("Timer", "Unit").map_or_else(|| format!("{stem}.service"), |unit| unit.value.clone());
    // The service is usually beside its timer.
    let beside = timer_path.with_file_name(&service);
    let (_, service) = load(if beside.is_file() { &beside } else { Path::new(&service) })?;
    translate(&command::unescaped(stem), &timer, &service, draft);
    Ok(())
}

/// Adds a task for each trigger of a timer.
fn translate(name: &str, timer: &Unit, service: &Unit, draft: &mut Draft) {
    let timing = timer::translate(timer, draft);
    let Some(parts) = service::translate(service, draft) else { return };
    if timing.triggers.is_empty() {
        draft.loss(timer.file(), 1, "the timer has no trigger that oncue has");
    }
    for trigger in timing.triggers {
        let mut all = parts.clone();
        all.insert(1, trigger);
        all.extend(timing.others.iter().cloned());
        draft.task(name, timer.file(), all);
    }
}

/// Reads a unit: a path, or a name that is looked up.
fn load(named: &Path) -> Result<(PathBuf, Unit), SystemdError> {
    let folders = folders();
    let is_name = named.components().count() == 1 && !named.is_file();
    let path = match is_name {
        false => Some(named.to_owned()),
        true => folders.iter().map(|folder| folder.join(named)).find(|path| path.is_file()),
    };
    let path = path.ok_or_else(|| SystemdError::NoUnit {
        name: named.display().to_string(),
        folders: folders.iter().map(|folder| folder.display().to_string()).collect(),
    })?;
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path.clone(), Unit::parse(&path.display().to_string(), &text))),
        Err(source) => Err(SystemdError::Unreadable { path, source }),
    }
}

/// The folders for user units, as in systemd.unit(5).
fn folders() -> Vec<PathBuf> {
    let home = env::home_dir().unwrap_or_default();
    let of = |variable: &str, fallback: &str| {
        env::var_os(variable).map_or_else(|| home.join(fallback), PathBuf::from)
    };
    vec![
        of("XDG_CONFIG_HOME", ".config").join("systemd/user"),
        "/etc/systemd/user".into(),
        of("XDG_DATA_HOME", ".local/share").join("systemd/user"),
        "/usr/local/lib/systemd/user".into(),
        "/usr/lib/systemd/user".into(),
    ]
}

/// Translates the texts of a timer and its service.
#[cfg(test)]
pub(super) fn translated(name: &str, timer: &str, service: &str) -> Draft {
    let mut draft = Draft::default();
    let (timer, service) = (Unit::parse("job.timer", timer), Unit::parse("job.service", service));
    translate(&command::unescaped(name), &timer, &service, &mut draft);
    draft
}

#[cfg(test)]
mod tests;
