//! Tasks of commands as files describe them: the flags of `oncue add`, written as TOML.
//!
//! A file has a table `[task.NAME]` for each task, and its keys are the flags. They are parsed by the same
//! definitions as the command line, so there is only one grammar.

mod difference;
mod gather;
mod place;
mod read;
pub(crate) mod text;
mod write;

use std::collections::BTreeMap;
use std::ffi::OsString;

use oncue::tools::{CommandSpec, Trigger, Word};
use oncue_types::{Command, Policy};

use crate::flags::command::{PATH, check};
use crate::flags::task::TaskFlags;

pub(crate) use difference::{Difference, between};
pub(crate) use gather::{GatherError, gather};
pub(crate) use place::{Mistake, Mistakes, Place};
pub(crate) use read::read;
pub(crate) use write::{Part, Unwritable, Values, parts, table};

/// A task as a file describes it.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) place: Place,
    flags: TaskFlags,
    trigger: Option<Trigger>,
    words: Vec<OsString>,
    variables: BTreeMap<String, Variable>,
    disabled: bool,
}

/// The value of a variable.
#[derive(Debug)]
enum Variable {
    Is(String),
    /// The file does not contain it: the task keeps the value that it has.
    Hidden(Place),
}

impl Declared {
    /// Returns the task. `former` is the present one, whose hidden values are kept.
    pub(crate) fn spec(&self, former: Option<&CommandSpec>) -> Result<CommandSpec, Mistake> {
        let former = former.and_then(|former| former.command.command().ok());
        let variables = self.variables(former.as_ref())?;
        let pairs = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let command = self.flags.command.clone().with_variables(pairs).unchecked(&self.words, None);
        let command = command.map_err(|error| self.mistake(error))?;
        command.check().map_err(|error| self.mistake(error))?;
        let mut spec = self.flags.spec_of(&self.name, &command, self.trigger.clone());
        let mut policy = spec.policy.as_ref().and_then(Word::known).cloned().unwrap_or_default();
        policy.disabled = self.disabled;
        policy.check().map_err(|refusal| self.mistake(refusal))?;
        spec.policy = (policy != Policy::default()).then(|| policy.into());
        spec.spec().map_err(|refused| self.mistake(refused.message))?;
        Ok(spec)
    }

    /// Checks that the command could start now.
    pub(crate) fn check_start(&self, spec: &CommandSpec) -> Result<(), Mistake> {
        let command = spec.command.command().map_err(|refused| self.mistake(refused.message))?;
        check(&command).map_err(|error| self.mistake(format!("{error}; {}", error.way_out())))
    }

    /// Without a `PATH`, a task keeps the one that it has, and a new task gets the caller's.
    fn variables(&self, former: Option<&Command>) -> Result<BTreeMap<String, String>, Mistake> {
        let kept = |name: &str| former.and_then(|former| former.environment.get(name).cloned());
        let mut variables: BTreeMap<String, String> =
            kept(PATH).map(|path| (PATH.to_owned(), path)).into_iter().collect();
        for (name, variable) in &self.variables {
            let value = match variable {
                Variable::Is(value) => value.clone(),
                Variable::Hidden(place) => kept(name).ok_or_else(|| Mistake::at(place.clone(), format!(
                    "the value of variable `{name}` is hidden, and task `{}` has none to keep: write the value",
                    self.name
                )))?,
            };
            variables.insert(name.clone(), value);
        }
        Ok(variables)
    }

    fn mistake(&self, what: impl ToString) -> Mistake {
        Mistake::at(self.place.clone(), format!("task `{}`: {}", self.name, what.to_string()))
    }
}

#[cfg(test)]
mod tests;
