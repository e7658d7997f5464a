//! A command as a task: a program that the broker starts itself. The process is the run.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A command that runs as a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program: a path, or a name that is looked up in the command's `PATH`.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder in which it starts, an absolute path.
    pub folder: String,
    /// The variables that it gets in addition to those of the user's session, which they override.
    pub environment: BTreeMap<String, String>,
    /// The file that is its standard input; without one, the input is empty.
    pub input: Option<String>,
    /// The exit statuses that mean success.
    pub success: Statuses,
}

/// The exit statuses that mean success; text form `0,2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(BTreeSet<u8>);

/// What is wrong with a command.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no program.
    #[error("it has no program")]
    NoProgram,
    /// A part contains a NUL character, which the system cannot pass to a program.
    #[error("a NUL character is in its {part}")]
    Nul {
        /// The part: `program`, `arguments`, …
        part: &'static str,
    },
    /// The folder or the input is not an absolute path.
    #[error("its {part} `{path}` is not an absolute path")]
    Relative {
        /// The part: `folder` or `input`.
        part: &'static str,
        /// The path.
        path: String,
    },
    /// A variable has a name that no variable can have.
    #[error("`{name}` cannot be the name of a variable")]
    Name {
        /// The name.
        name: String,
    },
    /// A variable has a name that the broker uses itself.
    #[error("variable `{name}` is set by oncue itself")]
    Reserved {
        /// The name.
        name: String,
    },
    /// The program, its arguments and its variables are too long.
    #[error("its program, arguments and variables take {bytes} bytes (limit: {limit})")]
    TooLong {
        /// Their length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// The text is not a valid list of exit statuses.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a list of exit statuses: write numbers from 0 to 255, as in `0,2`")]
pub struct StatusesError {
    text: String,
}

impl Command {
    /// The maximum length of the program, its arguments and its variables together, in bytes.
    pub const LONGEST: usize = 128 * 1_024;
    /// What the names of the variables begin with that the broker sets itself.
    pub const RESERVED: &'static str = "ONCUE_";

    /// Creates a command without arguments or variables.
    #[must_use]
    pub fn new(program: impl Into<String>, folder: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: folder.into(),
            environment: BTreeMap::new(),
            input: None,
            success: Statuses::default(),
        }
    }

    /// Checks that the system can start such a command. Whether the program exists is not checked.
    ///
    /// # Errors
    /// Returns an error if it never could.
    pub fn check(&self) -> Result<(), CommandError> {
        if self.program.is_empty() {
            return Err(CommandError::NoProgram);
        }
        let texts = self.texts();
        if let Some((part, _)) = texts.clone().find(|(_, text)| text.contains('\0')) {
            return Err(CommandError::Nul { part });
        }
        for (part, path) in [("folder", Some(&self.folder)), ("input", self.input.as_ref())] {
            if let Some(path) = path.filter(|path| !path.starts_with('/')) {
                return Err(CommandError::Relative { part, path: path.clone() });
            }
        }
        for name in self.environment.keys() {
            if name.is_empty() || name.contains('=') {
                return Err(CommandError::Name { name: name.clone() });
            }
            if name.starts_with(Self::RESERVED) || name == "ONCUE" {
                return Err(CommandError::Reserved { name: name.clone() });
            }
        }
        // The system counts the NUL character that ends each text.
        let bytes = texts.map(|(_, text)| text.len() + 1).sum();
        let limit = Self::LONGEST;
        if bytes > limit { Err(CommandError::TooLong { bytes, limit }) } else { Ok(()) }
    }

    /// Returns its texts, each with the part that it belongs to.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> + Clone {
        let variables = self.environment.iter().flat_map(|(name, value)| [name, value]);
        [("program", &*self.program), ("folder", &*self.folder)]
            .into_iter()
            .chain(self.input.as_deref().map(|input| ("input", input)))
            .chain(self.arguments.iter().map(|argument| ("arguments", &**argument)))
            .chain(variables.map(|text| ("variables", &**text)))
    }
}

impl Statuses {
    /// Returns whether a process with this exit status has succeeded.
    #[must_use]
    pub fn contain(&self, status: i32) -> bool {
        u8::try_from(status).is_ok_and(|status| self.0.contains(&status))
    }

    /// Returns the statuses in order.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}

impl Default for Statuses {
    fn default() -> Self {
        Self([0].into())
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, status) in self.0.iter().enumerate() {
            write!(f, "{}{status}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Statuses {
    type Err = StatusesError;

    fn from_str(text: &str) -> Result<Self, StatusesError> {
        let statuses = text.split(',').map(|status| status.trim().parse());
        statuses.collect::<Result<_, _>>().map(Self).map_err(|_| StatusesError { text: text.to_string() })
    }
}

/// Shows the command line as a shell would read it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.program))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// Quotes a word for a shell, if that is necessary.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:,+@%=~".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('~') {
        return word.into();
    }
    alloc::format!("'{}'", word.replace('\'', r"'\''"))
}

impl fmt::Debug for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for StatusesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_shown_as_a_shell_reads_it() {
        let arguments = ["backup", "~", "/home/me", "it's", "a b", ""].map(Into::into).into();
        let command = Command { arguments, ..Command::new("restic", "/") };
        assert_eq!(command.to_string(), r"restic backup '~' /home/me 'it'\''s' 'a b' ''");
    }

    #[test]
    fn statuses_show_what_they_read() {
        assert_eq!("2, 0,2".parse::<Statuses>().unwrap().to_string(), "0,2");
        assert!(Statuses::default().contain(0) && !Statuses::default().contain(256));
        for text in ["", "0,", "256", "-1", "ok"] {
            assert!(text.parse::<Statuses>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_system_could_start_what_passes_the_check() {
        let command = Command::new("true", "/");
        assert_eq!(command.check(), Ok(()));
        let with = |change: fn(&mut Command)| {
            let mut changed = command.clone();
            change(&mut changed);
            changed.check().unwrap_err().to_string()
        };
        for (error, expected) in [
            (with(|command| command.program.clear()), "it has no program"),
            (with(|command| command.arguments.push("\0".into())), "a NUL character is in its arguments"),
            (with(|command| command.folder = "here".into()), "its folder `here` is not an absolute path"),
            (with(|command| command.input = Some("in".into())), "its input `in` is not an absolute path"),
            (
                with(|command| drop(command.environment.insert("A=B".into(), "".into()))),
                "`A=B` cannot be the name of a variable",
            ),
            (
                with(|command| drop(command.environment.insert("ONCUE_TASK".into(), "".into()))),
                "variable `ONCUE_TASK` is set by oncue itself",
            ),
            (
                with(|command| command.arguments.push("x".repeat(Command::LONGEST))),
                "its program, arguments and variables take 131080 bytes (limit: 131072)",
            ),
        ] {
            assert_eq!(error, expected);
        }
    }
}
