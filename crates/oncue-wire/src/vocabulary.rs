//! The vocabulary's types that a [`Word`](crate::Word) in a message can hold, as they are published.

use std::fmt::Display;
use std::str::FromStr;

use oncue_types::{
    Access, Blocker, CancellationReason, Condition, Exit, FactKind, Guid, Outcome, Policy, Reading,
    RegisterMode, Statuses, TaskState, Trigger,
};

use crate::word::{How, Origin, RunState, StartedBy};

/// A type with a text form that messages contain.
pub trait Words: Display + FromStr + PartialEq {
    /// An example of the text.
    const SAMPLE: &'static str;

    /// Returns all words of an enumeration; empty for a type with any number of texts.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }
}

/// Implements [`Words`] for enumerations.
macro_rules! enumerations {
    ($($type:ty = $sample:literal,)+) => {$(
        impl Words for $type {
            const SAMPLE: &'static str = $sample;

            fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.name()).collect()
            }
        }
    )+};
}

/// Implements [`Words`] for types with any number of texts.
macro_rules! texts {
    ($($type:ty = $sample:literal,)+) => {$(
        impl Words for $type {
            const SAMPLE: &'static str = $sample;
        }
    )+};
}

enumerations! {
    Access = "denied",
    CancellationReason = "EnergySaver",
    FactKind = "energy-saver",
    How = "replaced",
    Origin = "installed",
    Outcome = "coalesced",
    RegisterMode = "replace",
    RunState = "after_this",
    StartedBy = "service",
    TaskState = "quarantined",
}

texts! {
    Condition = "internet and not free-network",
    Exit = "exit 3",
    Guid = "14c5882b-35d3-41be-86b2-5106269b97e6",
    Policy = "missed=skip slack=30s",
    Reading = "80%",
    Statuses = "0,2",
    Trigger = "every 15m",
}

impl Words for Blocker {
    const SAMPLE: &'static str = "shortage: open files";

    fn words() -> Vec<&'static str> {
        Self::NAMES.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known<T: Words>() -> bool {
        T::SAMPLE.parse::<T>().is_ok_and(|value| value.to_string() == T::SAMPLE)
    }

    #[test]
    fn every_sample_is_known_and_shown_as_it_is_read() {
        assert!(is_known::<Condition>() && is_known::<Exit>() && is_known::<Guid>() && is_known::<Policy>());
        assert!(is_known::<Reading>() && is_known::<Trigger>() && is_known::<Blocker>());
        assert!(is_known::<Statuses>());
    }

    #[test]
    fn every_word_of_an_enumeration_is_known() {
        fn all_known<T: Words>() -> bool {
            T::words().iter().all(|word| word.parse::<T>().is_ok_and(|value| value.to_string() == *word))
        }
        assert!(all_known::<Access>() && all_known::<CancellationReason>() && all_known::<FactKind>());
        assert!(all_known::<How>() && all_known::<Origin>() && all_known::<Outcome>());
        assert!(all_known::<RegisterMode>() && all_known::<RunState>() && all_known::<TaskState>());
    }
}
