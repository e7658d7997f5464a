//! The priority of a run, compared with what the user does.

use crate::unknown::named;

/// The priority with which the processes of a run get the processor, the disk and the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Priority {
    /// After everything that the user works with.
    #[default]
    Background,
    /// As the programs that the user starts.
    Normal,
}

impl Priority {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Background, Self::Normal];

    /// Returns its name in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Normal => "normal",
        }
    }
}

named!(Priority);
