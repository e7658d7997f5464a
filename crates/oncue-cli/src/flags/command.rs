//! The words of a command, and the flags for what surrounds it: folder, variables, input.
//!
//! A mistake is found when the task is added, not when it first fires: the program must exist and be
//! executable.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use oncue_broker::{ProgramProblem, program_problem};
use oncue_types::{Command, Statuses};

use crate::exit::Exit;
use crate::failure::Failure;

/// What surrounds the command.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Environment")]
pub(crate) struct CommandFlags {
    /// The working folder, instead of the current one
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<PathBuf>,
    /// An additional environment variable; without a value, the current one is used
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,
    /// The file to use as standard input
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// The exit statuses that mean success, such as 0,2
    #[arg(long, value_name = "LIST", value_parser = success)]
    success: Option<Statuses>,
    /// Run a single string with /bin/sh, so that it can contain pipes and redirections
    #[arg(long)]
    shell: bool,
    /// Add it even if its program cannot be found or started now
    #[arg(long)]
    force: bool,
}

/// Why the words are not a command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFlagError {
    /// A word is not UTF-8.
    #[error("`{}` is not UTF-8", text.display())]
    NotUtf8 {
        /// The word.
        text: OsString,
    },
    /// `--shell` takes one string.
    #[error("`--shell` takes one string, but there are {count} words")]
    ManyWords {
        /// How many there are.
        count: usize,
    },
    /// A variable has no value.
    #[error("`--env {name}` takes the value from your environment, which has no variable {name}")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// The current folder is unknown.
    #[error("finding the current folder")]
    Here(#[source] io::Error),
    /// The folder does not exist.
    #[error("the folder {} does not exist", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The input cannot be read.
    #[error("the input {} cannot be read", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The program is in no folder of the path.
    #[error("there is no program `{program}` in PATH: {path}")]
    NotInPath {
        /// The program.
        program: String,
        /// The path that was searched.
        path: String,
    },
    /// The program does not exist.
    #[error("there is no program {}", path.display())]
    NoProgram {
        /// The path.
        path: PathBuf,
    },
    /// The program cannot be started.
    #[error("{} cannot be started: {problem}", path.display())]
    Problem {
        /// The path.
        path: PathBuf,
        /// The reason.
        problem: ProgramProblem,
    },
}

impl CommandFlagError {
    /// Returns what to do about it.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::NotUtf8 { .. } => "rename the file, or put the command into a script".into(),
            Self::ManyWords { .. } => "quote the whole command: `--shell -- 'a | b > c'`".into(),
            Self::NoVariable { name } => format!("set it, or write `--env {name}=VALUE`"),
            Self::Here(_) => "change to a folder that exists, or use `--cwd`".into(),
            Self::NoFolder { .. } | Self::Input { .. } => "create it, or choose another one".into(),
            Self::NotInPath { .. } | Self::NoProgram { .. } => {
                "install it, write its path, or add the task anyway with `--force`".into()
            }
            Self::Problem { problem, .. } => {
                format!("{}; or add the task anyway with `--force`", problem.way_out())
            }
        }
    }
}

impl From<CommandFlagError> for Failure {
    fn from(error: CommandFlagError) -> Self {
        let way_out = error.way_out();
        let exit = match error {
            CommandFlagError::NotUtf8 { .. } | CommandFlagError::ManyWords { .. } => Exit::Usage,
            CommandFlagError::Here(_) => Exit::Failed,
            CommandFlagError::NoVariable { .. }
            | CommandFlagError::NoFolder { .. }
            | CommandFlagError::Input { .. }
            | CommandFlagError::NotInPath { .. }
            | CommandFlagError::NoProgram { .. }
            | CommandFlagError::Problem { .. } => Exit::Refused,
        };
        Self::new(exit, error).with_way_out(way_out)
    }
}

/// The variable by which programs are found.
pub(crate) const PATH: &str = "PATH";

impl CommandFlags {
    /// Adds variables to those that the flags name.
    pub(crate) fn with_variables<'a>(
        mut self,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let entry = |(name, value): (&str, &str)| OsString::from(format!("{name}={value}"));
        self.env.extend(variables.into_iter().map(entry));
        self
    }

    /// Like [`unchecked`](Self::unchecked), but refuses a command that could not start now, unless it is
    /// forced.
    pub(crate) fn command(
        &self,
        words: &[OsString],
        former: Option<&Command>,
    ) -> Result<Command, CommandFlagError> {
        let command = self.unchecked(words, former)?;
        if !self.force && !command.program.is_empty() {
            check(&command)?;
        }
        Ok(command)
    }

    /// Returns the command with these words and flags. `former` is what the task ran before, if it is
    /// changed; what the flags do not name stays.
    pub(crate) fn unchecked(
        &self,
        words: &[OsString],
        former: Option<&Command>,
    ) -> Result<Command, CommandFlagError> {
        let (program, arguments) = match (self.words(words)?, former) {
            (Some(words), _) => words,
            (None, Some(former)) => (former.program.clone(), former.arguments.clone()),
            (None, None) => (String::new(), Vec::new()),
        };
        let folder = match (&self.cwd, former) {
            (Some(folder), _) => absolute(folder)?,
            (None, Some(former)) => former.folder.clone(),
            (None, None) => absolute(Path::new("."))?,
        };
        let input = match &self.stdin {
            // The input is empty anyway.
            Some(path) if path == Path::new("/dev/null") => None,
            Some(path) => Some(absolute(path)?),
            None => former.and_then(|former| former.input.clone()),
        };
        let success = self.success.clone().or_else(|| former.map(|former| former.success.clone()));
        let mut environment = match former {
            Some(former) => former.environment.clone(),
            None => own_path()?.into_iter().collect(),
        };
        environment.extend(self.variables()?);
        let success = success.unwrap_or_default();
        Ok(Command { program, arguments, folder, environment, input, success })
    }

    /// Returns the program and its arguments, unless there are no words.
    fn words(&self, words: &[OsString]) -> Result<Option<(String, Vec<String>)>, CommandFlagError> {
        let mut words = words.iter().map(|word| utf8(word)).collect::<Result<Vec<_>, _>>()?;
        if self.shell && words.len() > 1 {
            return Err(CommandFlagError::ManyWords { count: words.len() });
        }
        if self.shell && !words.is_empty() {
            words.splice(0..0, ["/bin/sh".to_owned(), "-c".to_owned()]);
        }
        let mut words = words.into_iter();
        Ok(words.next().map(|program| (program, words.collect())))
    }

    fn variables(&self) -> Result<BTreeMap<String, String>, CommandFlagError> {
        let variable = |text: &OsString| {
            let text = utf8(text)?;
            if let Some((name, value)) = text.split_once('=') {
                return Ok((name.to_owned(), value.to_owned()));
            }
            match env::var_os(&text) {
                Some(value) => Ok((text, utf8(&value)?)),
                None => Err(CommandFlagError::NoVariable { name: text }),
            }
        };
        self.env.iter().map(variable).collect()
    }
}

fn success(text: &str) -> Result<Statuses, String> {
    text.parse().map_err(|error: oncue_types::StatusesError| error.to_string())
}

fn utf8(text: &OsStr) -> Result<String, CommandFlagError> {
    text.to_str().map(str::to_owned).ok_or_else(|| CommandFlagError::NotUtf8 { text: text.to_owned() })
}

fn absolute(path: &Path) -> Result<String, CommandFlagError> {
    let path = std::path::absolute(path).map_err(CommandFlagError::Here)?;
    // `absolute` keeps a dot at the end.
    utf8(path.components().as_path().as_os_str())
}

/// The path of this process, so that the same programs are found as in the user's shell.
fn own_path() -> Result<Option<(String, String)>, CommandFlagError> {
    env::var_os(PATH).map(|path| Ok((PATH.to_owned(), utf8(&path)?))).transpose()
}

/// Checks that the command could start now.
pub(crate) fn check(command: &Command) -> Result<(), CommandFlagError> {
    let folder = Path::new(&command.folder);
    if !folder.is_dir() {
        return Err(CommandFlagError::NoFolder { folder: folder.to_owned() });
    }
    if let Some(input) = &command.input {
        let path = PathBuf::from(input);
        oncue_broker::check_input(&path)
            .map_err(|source| CommandFlagError::Input { path: path.clone(), source })?;
    }
    let path = find(command, folder)?;
    match program_problem(&path) {
        Ok(None) => Ok(()),
        Ok(Some(problem)) => Err(CommandFlagError::Problem { path, problem }),
        Err(_) => Err(CommandFlagError::NoProgram { path }),
    }
}

/// Finds the program as the broker will.
fn find(command: &Command, folder: &Path) -> Result<PathBuf, CommandFlagError> {
    let program = &command.program;
    if program.contains('/') {
        return Ok(folder.join(program));
    }
    let path = command.environment.get(PATH).map_or("/usr/local/bin:/usr/bin:/bin", String::as_str);
    let candidates = env::split_paths(path).map(|place| folder.join(place).join(program));
    let existing: Vec<PathBuf> = candidates.filter(|candidate| candidate.is_file()).collect();
    let found = existing.iter().find(|candidate| is_executable(candidate)).or(existing.first());
    let none = || CommandFlagError::NotInPath { program: program.clone(), path: path.to_owned() };
    found.cloned().ok_or_else(none)
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| known.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(flags: &CommandFlags, words: &[&str]) -> Result<Command, String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        flags.command(&words, None).map_err(|error| error.to_string())
    }

    #[test]
    fn the_callers_folder_and_path_are_kept() {
        let command = of(&CommandFlags::default(), &["true", "a b"]).unwrap();
        assert_eq!((command.program.as_str(), &command.arguments[..]), ("true", &["a b".to_owned()][..]));
        assert_eq!(command.folder, env::current_dir().unwrap().to_str().unwrap());
        assert_eq!(command.environment.get(PATH).cloned(), env::var(PATH).ok());
    }

    #[test]
    fn a_string_is_run_by_a_shell_on_request() {
        let shell = CommandFlags { shell: true, ..CommandFlags::default() };
        assert_eq!(of(&shell, &["true | false"]).unwrap().to_string(), "/bin/sh -c 'true | false'");
        assert_eq!(of(&shell, &["a", "b"]).unwrap_err(), "`--shell` takes one string, but there are 2 words");
    }

    #[test]
    fn a_command_that_could_not_start_is_refused_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        let plain = CommandFlags { env: vec!["PATH=/usr/bin:/bin".into()], ..CommandFlags::default() };
        let text = text.to_str().unwrap();
        for (program, said) in [
            ("no-such-program", "there is no program `no-such-program` in PATH: /usr/bin:/bin"),
            ("/no/such/program", "there is no program /no/such/program"),
            (text, "it is not executable"),
            (folder.path().to_str().unwrap(), "it is not a regular file"),
        ] {
            let why = of(&plain, &[program]).unwrap_err();
            assert!(why.contains(said), "{program}: {why}");
            assert!(of(&CommandFlags { force: true, ..plain.clone() }, &[program]).is_ok());
        }
        let elsewhere = CommandFlags { cwd: Some("/no/such/folder".into()), ..CommandFlags::default() };
        assert_eq!(of(&elsewhere, &["true"]).unwrap_err(), "the folder /no/such/folder does not exist");
        let unset = CommandFlags { env: vec!["NO_SUCH_VARIABLE".into()], ..CommandFlags::default() };
        assert!(of(&unset, &["true"]).unwrap_err().contains("which has no variable NO_SUCH_VARIABLE"));
    }

    #[test]
    fn a_change_keeps_what_no_flag_names() {
        let former = of(&CommandFlags::default(), &["true", "a"]).unwrap();
        let flags = CommandFlags { env: vec!["A=b".into()], ..CommandFlags::default() };
        let changed = flags.command(&[], Some(&former)).unwrap();
        assert_eq!((&changed.program, &changed.arguments), (&former.program, &former.arguments));
        assert_eq!(changed.environment.get("A").map(String::as_str), Some("b"));
    }
}
