//! Converts commands between the vocabulary and messages.

use std::collections::BTreeMap;

use oncue_types::{Action, Command, RegisterMode, Statuses, TaskSpec};

use crate::convert::{check_rule, mode, optional, understood};
use crate::{Code, CommandInfo, CommandSpec, Refused, Word};

impl CommandInfo {
    /// Describes a command.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        Self {
            program: command.program.clone(),
            arguments: command.arguments.clone(),
            folder: command.folder.clone(),
            environment: command.environment.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            input: command.input.clone(),
            success: Some(command.success.clone())
                .filter(|success| *success != Statuses::default())
                .map(Word::Known),
        }
    }

    /// Reads the command.
    ///
    /// # Errors
    /// Returns an error if a part of it is not valid.
    pub fn command(&self) -> Result<Command, Refused> {
        let variable = |entry: &String| match entry.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => {
                let message = format!("variable `{}` has no value", crate::convert::short(entry));
                Err(Refused::new(Code::InvalidArgument, message, "write NAME=VALUE"))
            }
        };
        Ok(Command {
            program: self.program.clone(),
            arguments: self.arguments.clone(),
            folder: self.folder.clone(),
            environment: self.environment.iter().map(variable).collect::<Result<BTreeMap<_, _>, _>>()?,
            input: self.input.clone(),
            success: optional("success", self.success.as_ref())?.map(|success| *success).unwrap_or_default(),
        })
    }
}

impl CommandSpec {
    /// Writes what to register; [`CommandSpec::spec`] reads it. A class is not a command, and yields `None`.
    #[must_use]
    pub fn of(spec: &TaskSpec, mode: RegisterMode) -> Option<Self> {
        Some(Self {
            name: spec.name.as_ref().into(),
            command: CommandInfo::of(spec.action.command()?),
            trigger: spec.trigger.clone().into(),
            condition: spec.condition.as_deref().cloned().map(Word::Known),
            policy: spec.policy.as_deref().cloned().map(Word::Known),
            mode: mode.into(),
        })
    }

    /// Reads what to register.
    ///
    /// # Errors
    /// Returns an error if a part of it is not valid.
    pub fn spec(&self) -> Result<(TaskSpec, RegisterMode), Refused> {
        let mode = mode(&self.mode, RegisterMode::New)?;
        let trigger = understood("trigger", &self.trigger)?;
        check_rule(&trigger)?;
        let spec = TaskSpec {
            name: self.name.as_str().into(),
            group: None,
            action: Action::Command(self.command.command()?.into()),
            trigger,
            condition: optional("condition", self.condition.as_ref())?,
            policy: optional("policy", self.policy.as_ref())?,
        };
        Ok((spec, mode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let mut command = Command::new("restic", "/home/me");
        command.arguments = vec!["backup".into(), "a b".into()];
        command.environment = [("A".to_owned(), "x=y".to_owned()), ("B".to_owned(), String::new())].into();
        command.input = Some("/dev/null".into());
        command.success = "0,3".parse().unwrap();
        let spec = TaskSpec {
            name: "backup".into(),
            group: None,
            action: Action::Command(command.into()),
            trigger: "every 60m".parse().unwrap(),
            condition: Some(Box::new("internet".parse().unwrap())),
            policy: None,
        };
        let written = CommandSpec::of(&spec, RegisterMode::Replace).unwrap();
        assert_eq!(written.spec().unwrap(), (spec, RegisterMode::Replace));
    }

    #[test]
    fn a_variable_without_a_value_is_refused() {
        let info = CommandInfo { environment: vec!["HOME".into()], ..CommandInfo::default() };
        assert_eq!(info.command().unwrap_err().message, "variable `HOME` has no value");
    }
}
