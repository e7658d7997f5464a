//! What changed when a registration was replaced.

use core::fmt;

use crate::spec::TaskSpec;

/// Which parts of a registration differ from those of the one it replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Its name.
    pub name: bool,
    /// The name of its group; in another group, it would be another task.
    pub group: bool,
    /// Its class.
    pub class: bool,
    /// Its command.
    pub command: bool,
    /// Its trigger.
    pub trigger: bool,
    /// Its condition.
    pub condition: bool,
    /// Its policy.
    pub policy: bool,
}

impl Changes {
    /// Returns what differs between two registrations.
    #[doc(hidden)]
    #[must_use]
    pub fn between(former: &TaskSpec, now: &TaskSpec) -> Self {
        Self {
            name: former.name != now.name,
            group: former.group != now.group,
            class: former.action.class() != now.action.class(),
            command: former.action.command() != now.action.command(),
            trigger: former.trigger != now.trigger,
            condition: former.condition != now.condition,
            policy: former.policy != now.policy,
        }
    }

    /// Returns a value in which every part differs.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            name: true,
            group: true,
            class: true,
            command: true,
            trigger: true,
            condition: true,
            policy: true,
        }
    }

    /// Returns the parts with these names; unknown names are ignored.
    #[doc(hidden)]
    pub fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut changes = Self::default();
        for name in names {
            match name {
                "name" => changes.name = true,
                "group" => changes.group = true,
                "class" => changes.class = true,
                "command" => changes.command = true,
                "trigger" => changes.trigger = true,
                "condition" => changes.condition = true,
                "policy" => changes.policy = true,
                _ => {}
            }
        }
        changes
    }

    /// Returns the names of the parts that differ.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.name, "name"),
            (self.group, "group"),
            (self.class, "class"),
            (self.command, "command"),
            (self.trigger, "trigger"),
            (self.condition, "condition"),
            (self.policy, "policy"),
        ];
        all.into_iter().filter(|(differs, _)| *differs).map(|(_, word)| word)
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words().enumerate() {
            write!(f, "{}{word}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
