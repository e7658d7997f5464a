//! The possible operations, as values that can shrink: every number selects from what exists at that time.

use std::sync::Arc;

use oncue_core::{Action, Command, Policy, RegisterMode, TaskSpec, Trigger};
use proptest::collection::vec;
use proptest::prelude::*;

/// The names of the commands.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// The texts of policies.
const POLICIES: [&str; 10] = [
    "",
    "",
    "queue=disk",
    "queue=disk",
    "queue=net",
    "disabled",
    "queue=disk disabled",
    "retry=linear:20s:2",
    "queue=disk retry=exponential:1m:2 notify=failure",
    "time-limit=30s grace=1s notify=always",
];

/// An operation.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Add {
        spec: Proposed,
        mode: RegisterMode,
    },
    /// A task gets another specification, and perhaps another name.
    Change {
        task: u8,
        spec: Proposed,
    },
    Remove {
        task: u8,
        cancel: bool,
    },
    Fire {
        task: u8,
        force: bool,
    },
    Cancel {
        task: u8,
    },
    Pause {
        task: Option<u8>,
    },
    Resume {
        task: Option<u8>,
    },
    /// The process of a command exists.
    Started {
        server: u8,
    },
    CannotStart {
        server: u8,
    },
    Exit {
        server: u8,
        status: u8,
    },
    /// Time passes, and everything that becomes due is handled.
    Wait {
        seconds: u16,
    },
    /// The broker is killed, and another one starts.
    Crash,
}

/// The specification of a command.
#[derive(Clone, Debug)]
pub(crate) struct Proposed {
    name: u8,
    /// Which command it follows, if it follows one, and by which end.
    after: Option<(u8, u8)>,
    policy: u8,
}

impl Proposed {
    pub(crate) fn spec(&self) -> TaskSpec {
        let name = |number: u8| NAMES[usize::from(number) % NAMES.len()];
        let trigger: Trigger = match self.after {
            None => Trigger::Application,
            Some((task, end)) => {
                let end = ["completed", "failed", "any"][usize::from(end) % 3];
                format!("after {end} {}", name(task)).parse().expect("a trigger")
            }
        };
        let policy: Policy = POLICIES[usize::from(self.policy) % POLICIES.len()].parse().expect("a policy");
        TaskSpec {
            name: name(self.name).into(),
            group: None,
            action: Action::Command(Arc::new(Command::new("true", "/"))),
            trigger,
            condition: None,
            policy: (policy != Policy::default()).then(|| Box::new(policy)),
        }
    }
}

/// Generates histories of limited length.
pub(crate) fn chain_history() -> impl Strategy<Value = Vec<Op>> {
    vec(op(), 1..80)
}

fn op() -> impl Strategy<Value = Op> {
    let (task, server) = (any::<u8>(), any::<u8>());
    let mode = prop_oneof![4 => Just(RegisterMode::New), 1 => Just(RegisterMode::Keep), 2 => Just(RegisterMode::Replace)];
    prop_oneof![
        8 => (proposed(), mode).prop_map(|(spec, mode)| Op::Add { spec, mode }),
        4 => (task, proposed()).prop_map(|(task, spec)| Op::Change { task, spec }),
        1 => (task, any::<bool>()).prop_map(|(task, cancel)| Op::Remove { task, cancel }),
        9 => (task, any::<bool>()).prop_map(|(task, force)| Op::Fire { task, force }),
        1 => task.prop_map(|task| Op::Cancel { task }),
        1 => proptest::option::of(task).prop_map(|task| Op::Pause { task }),
        2 => proptest::option::of(task).prop_map(|task| Op::Resume { task }),
        12 => server.prop_map(|server| Op::Started { server }),
        1 => server.prop_map(|server| Op::CannotStart { server }),
        12 => (server, 0_u8..2).prop_map(|(server, status)| Op::Exit { server, status }),
        2 => (0_u16..90).prop_map(|seconds| Op::Wait { seconds }),
        2 => Just(Op::Crash),
    ]
}

fn proposed() -> impl Strategy<Value = Proposed> {
    let after = proptest::option::weighted(0.6, (any::<u8>(), any::<u8>()));
    (any::<u8>(), after, any::<u8>()).prop_map(|(name, after, policy)| Proposed { name, after, policy })
}
