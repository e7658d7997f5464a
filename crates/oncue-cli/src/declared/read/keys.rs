//! The keys of a task that are flags of `oncue add`. The flags' definitions parse their values.

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args as _, Command, FromArgMatches as _};
use toml::de::DeValue;

use crate::flags::task::TaskFlags;

/// The keys that are not flags, or have another form than the flag.
const OTHERS: [&str; 4] = ["command", "shell", "env", "enabled"];
/// The flags that are not keys: two have another form in a file, and the last is not part of a task.
const NOT_KEYS: [&str; 3] = ["env", "shell", "force"];
/// The keys whose values are paths.
const PATHS: [&str; 3] = ["on-change", "cwd", "stdin"];

/// The known keys.
#[derive(Debug)]
pub(super) struct Keys {
    flags: Command,
}

/// A combination of flags that is invalid.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The key that is wrong, if it is known.
    pub(super) key: Option<String>,
    pub(super) what: String,
}

impl Keys {
    /// Returns the keys that this version knows.
    pub(super) fn known() -> Self {
        let command = Command::new("task").no_binary_name(true).disable_help_flag(true);
        Self { flags: TaskFlags::augment_args(command) }
    }

    /// Returns whether a flag has this name.
    pub(super) fn has(&self, key: &str) -> bool {
        self.flags().any(|flag| flag.get_long() == Some(key))
    }

    fn flags(&self) -> impl Iterator<Item = &clap::Arg> {
        let is_key = |flag: &&clap::Arg| flag.get_long().is_some_and(|long| !NOT_KEYS.contains(&long));
        self.flags.get_arguments().filter(is_key)
    }

    /// Returns a key with its value as an argument; `None` if the value switches a flag off.
    pub(super) fn argument(
        &self,
        key: &str,
        value: &DeValue<'_>,
        folder: &Path,
    ) -> Result<Option<OsString>, String> {
        let is_switch = self
            .flags()
            .any(|flag| flag.get_long() == Some(key) && matches!(flag.get_action(), ArgAction::SetTrue));
        if is_switch {
            let on = value.as_bool().ok_or("it must be true or false")?;
            return Ok(on.then(|| format!("--{key}").into()));
        }
        let text = match (value.as_str(), value.as_integer()) {
            (Some(text), _) => text.to_owned(),
            (None, Some(number)) => number.to_string(),
            (None, None) => return Err("it must be a text in quotes".to_owned()),
        };
        let mut argument = OsString::from(format!("--{key}="));
        if PATHS.contains(&key) {
            argument.push(resolved(&text, folder)?);
        } else {
            argument.push(text);
        }
        match self.flags.clone().try_get_matches_from([&argument]) {
            Err(error) if is_about_value(&error) => Err(said(&error)),
            // The flags as a whole are judged later.
            Ok(_) | Err(_) => Ok(Some(argument)),
        }
    }

    /// Parses all flags of a task.
    pub(super) fn parse(&self, arguments: &[&OsString]) -> Result<TaskFlags, Wrong> {
        let matches = self.flags.clone().try_get_matches_from(arguments);
        let flags = matches.and_then(|matches| TaskFlags::from_arg_matches(&matches));
        flags.map_err(|error| {
            let [keys, others] =
                [ContextKind::InvalidArg, ContextKind::PriorArg].map(|kind| named(&error, kind));
            let what = match (error.kind(), &keys[..], &others[..]) {
                (ErrorKind::ArgumentConflict, [key, ..], [other, ..]) => {
                    format!("`{key}` cannot be used with `{other}`")
                }
                (ErrorKind::MissingRequiredArgument, [key, ..], _) => format!("`{key}` is missing"),
                _ => said(&error),
            };
            Wrong { key: keys.into_iter().next(), what }
        })
    }
}

/// Lists the keys.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&OTHERS.join(", "))?;
        self.flags().filter_map(clap::Arg::get_long).try_for_each(|key| write!(f, ", {key}"))
    }
}

/// The folder of a task that names none.
pub(super) fn home_folder() -> OsString {
    let mut argument = OsString::from("--cwd=");
    argument.push(home().as_deref().unwrap_or("/"));
    argument
}

fn home() -> Option<String> {
    std::env::home_dir()?.into_os_string().into_string().ok()
}

/// Returns a path, with `~` at its beginning as the home folder.
fn resolved(text: &str, folder: &Path) -> Result<OsString, String> {
    let path = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home().ok_or("your home folder is unknown")?)
        }
        Some(_) | None => text.to_owned(),
    };
    let path = std::path::absolute(folder.join(path)).map_err(|error| error.to_string())?;
    Ok(path.into_os_string())
}

fn is_about_value(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue)
}

/// Returns what is wrong with a value.
fn said(error: &clap::Error) -> String {
    if let Some(source) = error.source() {
        return source.to_string();
    }
    let known = named(error, ContextKind::ValidValue);
    if known.is_empty() {
        let text = error.to_string();
        return text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    }
    format!("it must be one of {}", known.join(", "))
}

/// Returns the flags or values that an error names, without dashes and placeholders.
fn named(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    let texts = match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.as_str()],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let word =
        |text: &str| text.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default().to_owned();
    texts.into_iter().map(word).collect()
}
