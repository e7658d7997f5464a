//! Prepares the process of a command: finds its program, and tells it about its run.
//!
//! All of this accesses files, so none of it may be called on the loop's thread.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use oncue_core::{Activation, Command, InstanceId, Priority};
use oncue_wire::names;
use serde::Serialize;

use super::unstarted;
use crate::regular;
use crate::variables::Variables;

/// The folder of the cards, below the runtime folder.
const FOLDER: &str = "runs";

/// The run of a command.
#[derive(Clone, Debug)]
pub(crate) struct CommandRun {
    pub(crate) command: Arc<Command>,
    pub(crate) activation: Activation,
    pub(super) priority: Priority,
    /// The file that describes the run to the command.
    pub(super) card: Card,
}

/// The file that describes a run to its command, as JSON. It exists as long as the run.
#[derive(Clone, Debug)]
pub(super) struct Card(PathBuf);

/// The contents of a card.
#[derive(Debug, Serialize)]
struct Contents<'a> {
    task: &'a str,
    task_id: String,
    instance_id: String,
    trigger: Option<String>,
    fired_at: String,
    firings: u32,
    details: &'a [String],
    details_left_out: u32,
}

impl CommandRun {
    /// A run that is described to its command in this runtime folder.
    pub(super) fn new(
        command: Arc<Command>,
        activation: Activation,
        priority: Priority,
        runtime: &Path,
    ) -> Self {
        let card = Card::of(runtime, activation.instance);
        Self { command, activation, priority, card }
    }

    /// Returns a path that has to answer before the command can start.
    pub(super) fn place(&self) -> &Path {
        let program = Path::new(&self.command.program);
        if program.is_absolute() { program } else { Path::new(&self.command.folder) }
    }

    /// Returns the process to be started, given the variables of the user's session.
    ///
    /// # Errors
    /// Returns an error if a file is missing, or cannot be opened.
    pub(super) fn prepare(&self, session: Variables) -> io::Result<std::process::Command> {
        let Command { arguments, folder, environment, input, .. } = &*self.command;
        let mut variables = session;
        variables.extend(environment.iter().map(|(name, value)| (name.into(), value.into())));
        let program = self.find(variables.get(OsStr::new("PATH")))?;
        let input = match input {
            Some(path) => Stdio::from(readable(path)?),
            None => Stdio::null(),
        };
        self.card.write(&self.activation)?;
        let mut command = std::process::Command::new(program);
        command
            .arg0(&self.command.program)
            .args(arguments)
            .env_clear()
            .envs(variables)
            .envs(self.told())
            .current_dir(folder)
            .stdin(input);
        Ok(command)
    }

    /// Returns the variables that tell the command about its run.
    fn told(&self) -> impl Iterator<Item = (&'static str, OsString)> {
        let Activation { instance, task, name, trigger, firing, .. } = &self.activation;
        let trigger = trigger.as_ref().map(ToString::to_string).unwrap_or_default();
        let oncue = std::env::current_exe().unwrap_or_default();
        [
            (names::TASK_VARIABLE, OsString::from(&**name)),
            (names::TASK_ID_VARIABLE, task.to_string().into()),
            (names::INSTANCE_VARIABLE, instance.to_string().into()),
            (names::TRIGGER_VARIABLE, trigger.into()),
            (names::FIRINGS_VARIABLE, firing.count.to_string().into()),
            (names::CARD_VARIABLE, self.card.0.clone().into()),
            (names::PROGRAM_VARIABLE, oncue.into()),
        ]
        .into_iter()
    }

    /// Finds the program as a shell does: a name without a slash is looked up in the path.
    fn find(&self, path: Option<&OsString>) -> io::Result<PathBuf> {
        let program = &self.command.program;
        if program.contains('/') {
            return Ok(Path::new(&self.command.folder).join(program));
        }
        let path = path.map_or_else(|| OsStr::new("/usr/local/bin:/usr/bin:/bin"), OsString::as_os_str);
        let folders = std::env::split_paths(path).map(|folder| Path::new(&self.command.folder).join(folder));
        folders.map(|folder| folder.join(program)).find(|candidate| is_executable(candidate)).ok_or_else(
            || {
                let why = format!("`{program}` is not in any folder of its PATH, {}", path.display());
                io::Error::new(io::ErrorKind::NotFound, why)
            },
        )
    }

    /// Says why the command could not be started.
    pub(super) fn why_not(&self, error: &io::Error) -> String {
        let Command { program, folder, input, .. } = &*self.command;
        let change = "change it: `oncue edit NAME`";
        if !Path::new(folder).is_dir() {
            return format!("its folder {folder} does not exist; create it, or {change}");
        }
        if let Some(input) = input
            && let Err(error) = readable(input)
        {
            return format!("its input {input} cannot be read: {error}; {change}");
        }
        if !program.contains('/') {
            return format!("cannot start `{}`: {error}; install the program, or {change}", self.command);
        }
        unstarted::why_program(&Path::new(folder).join(program), error)
            .unwrap_or_else(|| format!("{program} does not exist; restore it, or {change}"))
    }
}

fn readable(path: &str) -> io::Result<File> {
    regular::open(Path::new(path), OpenOptions::new().read(true))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o111 != 0)
}

impl Card {
    /// The card of a run, in this runtime folder.
    pub(super) fn of(runtime: &Path, instance: InstanceId) -> Self {
        Self(runtime.join(FOLDER).join(format!("{instance}.json")))
    }

    fn write(&self, activation: &Activation) -> io::Result<()> {
        let Activation { instance, task, name, trigger, firing, .. } = activation;
        let (details, left_out) = match &firing.details {
            Some(details) => (&details.items[..], details.left_out),
            None => (&[][..], 0),
        };
        let contents = Contents {
            task: name,
            task_id: task.to_string(),
            instance_id: instance.to_string(),
            trigger: trigger.as_ref().map(ToString::to_string),
            fired_at: jiff::Timestamp::from_microsecond(firing.at.0).unwrap_or_default().to_string(),
            firings: firing.count,
            details,
            details_left_out: left_out,
        };
        let text = serde_json::to_vec(&contents).map_err(io::Error::other)?;
        let mut file = self.create()?;
        file.write_all(&text)?;
        file.write_all(b"\n")
    }

    fn create(&self) -> io::Result<File> {
        // A broker that was killed may have left one: the run has the same id when it is started again.
        let create = || OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&self.0);
        match (create(), self.0.parent()) {
            (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
                create()
            }
            (created, _) => created,
        }
    }

    /// Removes the cards that an earlier broker left in this runtime folder.
    pub(super) fn remove_all(runtime: &Path) {
        for card in fs::read_dir(runtime.join(FOLDER)).into_iter().flatten().flatten() {
            Self(card.path()).remove();
        }
    }

    /// Removes the card.
    pub(super) fn remove(&self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("removing {}: {error}", self.0.display());
        }
    }
}
