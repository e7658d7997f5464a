//! Changes a task in the user's editor.

use std::env;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use oncue::tools::{Broker, CommandSpec, TaskInfo};
use tempfile::NamedTempFile;

use super::{change, spec_of};
use crate::commands::export::written;
use crate::declared::{Declared, Mistakes, Values, read};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::screen::Screen;
use crate::signals;

/// The comment at the beginning of the text.
const HEAD: &str = "# Change the task, save, and close the editor. Without a change, nothing happens.\n\
                    # The keys are the flags of `oncue add --help`; docs/commands.md describes them.\n\n";

/// Why a task cannot be changed in an editor.
#[derive(Debug, thiserror::Error)]
enum EditorError {
    #[error("making a file for the editor")]
    Draft(#[source] io::Error),
    #[error("starting the editor `{editor}`")]
    Start { editor: String, source: io::Error },
    #[error("the editor `{editor}` ended with {status}; the task is as before")]
    Ended { editor: String, status: ExitStatus },
    #[error("reading the text {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the text describes {count} tasks instead of one")]
    Count { count: usize },
    #[error("the task is as before; your text is in {}", path.display())]
    GivenUp { path: PathBuf },
}

impl From<EditorError> for Failure {
    fn from(error: EditorError) -> Self {
        match error {
            EditorError::Draft(_) | EditorError::Read { .. } => Self::new(Exit::Failed, error),
            EditorError::Start { .. } | EditorError::Ended { .. } => Self::new(Exit::Failed, error)
                .with_way_out("set VISUAL or EDITOR to your editor, or name what to change with flags"),
            EditorError::Count { .. } => {
                Self::new(Exit::Refused, error).with_way_out("add other tasks with `oncue apply FILE`")
            }
            EditorError::GivenUp { .. } => {
                Self::new(Exit::Refused, error).with_way_out("correct it, and use `oncue apply FILE`")
            }
        }
    }
}

/// Returns whether a person can use an editor.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Lets the user change a task, until it is valid or the user gives up. An edited text is never lost.
pub(super) fn perform(broker: &Broker, task: &TaskInfo) -> Result<Exit, Failure> {
    let former = spec_of(task)?;
    let text = format!("{HEAD}{}", written(task, Values::Hidden)?);
    let draft = draft(&text).map_err(EditorError::Draft)?;
    let asked = Asked::listen().map_err(EditorError::Draft)?;
    loop {
        let opened = open(draft.path());
        let edited = match fs::read_to_string(draft.path()) {
            Ok(edited) => edited,
            Err(source) => return Err(EditorError::Read { path: kept(draft)?, source }.into()),
        };
        let failure = match opened {
            Err(error) if edited == text => return Err(error.into()),
            Err(error) => error.into(),
            Ok(()) if edited == text => {
                writeln!(Screen::open(), "nothing is changed")?;
                return Ok(Exit::Done);
            }
            Ok(()) => match attempt(broker, task, &former, draft.path(), &edited) {
                Ok(exit) => return Ok(exit),
                Err(failure) => failure,
            },
        };
        failure.report();
        if !asked.again()? {
            return Err(EditorError::GivenUp { path: kept(draft)? }.into());
        }
    }
}

/// Writes the text to a file that only the user can read.
fn draft(text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("oncue-task-").suffix(".toml").tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn kept(draft: NamedTempFile) -> Result<PathBuf, Failure> {
    let (_, path) = draft.keep().map_err(|error| EditorError::Draft(error.error))?;
    Ok(path)
}

/// Opens the file in the user's editor, and waits until it is closed.
fn open(path: &Path) -> Result<(), EditorError> {
    let named = |name| env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // The variable may contain arguments.
    let script = format!("{editor} \"$1\"");
    let status = Command::new("/bin/sh").args(["-c", &script, "oncue"]).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(EditorError::Ended { editor, status }),
        Err(source) => Err(EditorError::Start { editor, source }),
    }
}

fn attempt(
    broker: &Broker,
    task: &TaskInfo,
    former: &CommandSpec,
    path: &Path,
    text: &str,
) -> Result<Exit, Failure> {
    let tasks = read(&path.display().to_string(), Path::new("."), text)?;
    let [declared]: [Declared; 1] =
        tasks.try_into().map_err(|tasks: Vec<_>| EditorError::Count { count: tasks.len() })?;
    let spec = declared.spec(Some(former)).map_err(Mistakes::from)?;
    if spec.command != former.command {
        declared.check_start(&spec).map_err(Mistakes::from)?;
    }
    change(broker, task, &spec, false)
}

/// The user's answer while a task is edited.
enum Said {
    Answer(bool),
    /// Ctrl-C, or the loss of the terminal.
    Stop,
}

/// Asks the user whether to edit again.
struct Asked {
    saying: Sender<Said>,
    said: Receiver<Said>,
}

impl Asked {
    /// From now on, Ctrl-C does not end this process.
    fn listen() -> io::Result<Self> {
        let (saying, said) = mpsc::channel();
        let stop = saying.clone();
        // The receiver lives as long as the process needs it.
        signals::hear(move || drop(stop.send(Said::Stop)))?;
        Ok(Self { saying, said })
    }

    /// Returns whether to edit again. Ctrl-C and the end of the input mean no.
    fn again(&self) -> io::Result<bool> {
        // In the editor, Ctrl-C was for the editor.
        self.said.try_iter().for_each(drop);
        let mut shown = anstream::stderr();
        write!(shown, "edit it again? [Y/n] ")?;
        shown.flush()?;
        let saying = self.saying.clone();
        thread::Builder::new().name("answer".into()).spawn(move || {
            let mut answer = String::new();
            let is_end = !matches!(io::stdin().read_line(&mut answer), Ok(1..));
            let yes = !is_end && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes");
            drop(saying.send(Said::Answer(yes)));
        })?;
        Ok(match self.said.recv() {
            Ok(Said::Answer(yes)) => yes,
            Ok(Said::Stop) | Err(_) => false,
        })
    }
}
