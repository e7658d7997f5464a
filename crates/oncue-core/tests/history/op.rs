//! The possible operations, as values that can shrink: every number selects from what exists at that time.

use oncue_core::{Access, CancellationReason, RegisterMode};
use proptest::collection::vec;
use proptest::prelude::*;

/// The texts of conditions that histories use.
pub(crate) const CONDITIONS: [&str; 8] =
    ["", "", "", "", "internet", "no-internet", "free-network", "internet or not free-network"];

/// The texts of policies that histories use.
pub(crate) const POLICIES: [&str; 15] = [
    "",
    "missed=skip",
    "missed=skip slack=0s",
    "cancel-on-loss",
    "drop-after=10m",
    "cancel-on-loss run-after=10m",
    "time-limit=30s",
    "time-limit=1s grace=0s",
    "grace=1m",
    "drop-after=0s slack=20m",
    "retry=linear:20s:2",
    "retry=linear:7m:9",
    "retry=exponential:1s:12",
    "retry=exponential:4m:3 run-after=10m",
    "retry=exponential:1h:9 time-limit=30s",
];

/// An operation.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Register(Registration),
    /// A registration that the store cannot write.
    RegisterUnwritable(Registration),
    StoreWorks,
    Unregister {
        task: u8,
        cancel: bool,
    },
    Fire {
        task: u8,
        force: bool,
    },
    Cancel {
        task: u8,
        reason: CancellationReason,
    },
    /// A run, possibly of a task that is no longer registered, is cancelled.
    CancelRun {
        run: u8,
    },
    Release {
        task: u8,
    },
    /// A task or all tasks are paused, perhaps for some seconds.
    Pause {
        task: Option<u8>,
        seconds: Option<u16>,
        by_clock: bool,
        cancel: bool,
    },
    Resume {
        task: Option<u8>,
    },
    SetAccess {
        package: u8,
        access: Access,
    },
    AddPackage {
        package: u8,
        layout: u8,
        newer: bool,
    },
    RemovePackage {
        package: u8,
    },
    Fact {
        kind: u8,
        value: Option<bool>,
    },
    /// A process of a package joins by itself.
    Join {
        package: u8,
    },
    RegisterClass {
        server: u8,
        class: u8,
        single: bool,
        suspended: bool,
    },
    ResumeClasses {
        server: u8,
    },
    RevokeClass {
        server: u8,
        object: u8,
    },
    Enter {
        run: u8,
    },
    Progress {
        run: u8,
        value: u8,
    },
    Complete {
        run: u8,
        well: bool,
    },
    CannotStart {
        server: u8,
    },
    /// The broker is short of something, and cannot start a server or hear one.
    Short {
        server: Option<u8>,
    },
    Exit {
        server: u8,
        status: u8,
    },
    Disconnect {
        server: u8,
    },
    Leave {
        server: u8,
    },
    /// A message about something that has ended, or that does not belong to its sender.
    Stale {
        what: u8,
        which: u8,
    },
    /// Time passes, and everything that becomes due is handled.
    Wait {
        seconds: u16,
    },
    /// Time passes while the machine sleeps.
    Sleep {
        minutes: u16,
        /// Whether the broker is told how long it was, as it is when the shell notices it.
        told: bool,
    },
    GoToSleep,
    NoSleep,
    EndSession {
        reason: CancellationReason,
        within: Option<u8>,
    },
    GoOn,
    ShortOfMemory,
    Crash,
    PowerLoss {
        minutes: u16,
    },
    /// The broker dies in the next step, after its immediate effects.
    DieSoon,
    Stop {
        reason: CancellationReason,
        within: Option<u8>,
    },
}

/// A registration.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) package: u8,
    pub(crate) class: u8,
    pub(crate) name: u8,
    pub(crate) minutes: u32,
    pub(crate) one_shot: bool,
    pub(crate) condition: u8,
    pub(crate) policy: u8,
    pub(crate) mode: RegisterMode,
}

impl Registration {
    /// Returns a recurring task of the first package and class, without a condition.
    pub(crate) fn plain(name: u8) -> Self {
        let (package, class, condition, policy) = (0, 0, 0, 0);
        let mode = RegisterMode::Always;
        Self { package, class, name, minutes: 15, one_shot: false, condition, policy, mode }
    }
}

/// Generates histories of limited length.
pub(crate) fn history() -> impl Strategy<Value = Vec<Op>> {
    vec(op(), 1..90)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        30 => common(),
        24 => serving(),
        3 => rare(),
    ]
}

fn common() -> impl Strategy<Value = Op> {
    let task = any::<u8>();
    prop_oneof![
        6 => registration().prop_map(Op::Register),
        1 => (task, any::<bool>()).prop_map(|(task, cancel)| Op::Unregister { task, cancel }),
        6 => (task, any::<bool>()).prop_map(|(task, force)| Op::Fire { task, force }),
        2 => (task, 0_usize..12)
            .prop_map(|(task, reason)| Op::Cancel { task, reason: CancellationReason::ALL[reason] }),
        1 => any::<u8>().prop_map(|run| Op::CancelRun { run }),
        1 => task.prop_map(|task| Op::Release { task }),
        2 => pause(),
        2 => proptest::option::weighted(0.6, task).prop_map(|task| Op::Resume { task }),
        3 => (0_u8..3, proptest::option::weighted(0.8, any::<bool>()))
            .prop_map(|(kind, value)| Op::Fact { kind, value }),
        3 => (0_u16..40).prop_map(|seconds| Op::Wait { seconds }),
        3 => (0_u16..2_400).prop_map(|seconds| Op::Wait { seconds }),
        1 => (0_u16..200, any::<bool>()).prop_map(|(minutes, told)| Op::Sleep { minutes, told }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(what, which)| Op::Stale { what, which }),
    ]
}

fn pause() -> impl Strategy<Value = Op> {
    let task = proptest::option::weighted(0.7, any::<u8>());
    let seconds = proptest::option::weighted(0.7, 0_u16..2_400);
    (task, seconds, any::<bool>(), any::<bool>()).prop_map(|(task, seconds, by_clock, cancel)| Op::Pause {
        task,
        seconds,
        by_clock,
        cancel,
    })
}

fn serving() -> impl Strategy<Value = Op> {
    let server = any::<u8>();
    let run = any::<u8>();
    prop_oneof![
        8 => (server, any::<u8>(), proptest::bool::weighted(0.3), proptest::bool::weighted(0.2)).prop_map(
            |(server, class, single, suspended)| Op::RegisterClass { server, class, single, suspended }
        ),
        2 => server.prop_map(|server| Op::ResumeClasses { server }),
        1 => any::<u8>().prop_map(|package| Op::Join { package }),
        1 => (server, any::<u8>()).prop_map(|(server, object)| Op::RevokeClass { server, object }),
        5 => run.prop_map(|run| Op::Enter { run }),
        1 => (run, any::<u8>()).prop_map(|(run, value)| Op::Progress { run, value }),
        4 => (run, any::<bool>()).prop_map(|(run, well)| Op::Complete { run, well }),
        1 => server.prop_map(|server| Op::CannotStart { server }),
        1 => proptest::option::weighted(0.8, server).prop_map(|server| Op::Short { server }),
        2 => (server, 0_u8..2).prop_map(|(server, status)| Op::Exit { server, status }),
        1 => server.prop_map(|server| Op::Disconnect { server }),
        3 => server.prop_map(|server| Op::Leave { server }),
    ]
}

fn rare() -> impl Strategy<Value = Op> {
    let reason = || prop_oneof![Just(CancellationReason::Terminating), Just(CancellationReason::LoggingOff)];
    prop_oneof![
        3 => (any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(package, layout, newer)| Op::AddPackage { package, layout, newer }),
        1 => any::<u8>().prop_map(|package| Op::RemovePackage { package }),
        4 => (any::<u8>(), 0_usize..3)
            .prop_map(|(package, access)| Op::SetAccess { package, access: Access::ALL[access] }),
        2 => registration().prop_map(Op::RegisterUnwritable),
        2 => Just(Op::StoreWorks),
        2 => Just(Op::Crash),
        1 => (0_u16..200).prop_map(|minutes| Op::PowerLoss { minutes }),
        3 => Just(Op::DieSoon),
        1 => (reason(), proptest::option::of(0_u8..9))
            .prop_map(|(reason, within)| Op::Stop { reason, within }),
        2 => (reason(), proptest::option::of(0_u8..9))
            .prop_map(|(reason, within)| Op::EndSession { reason, within }),
        2 => Just(Op::GoOn),
        3 => Just(Op::GoToSleep),
        2 => Just(Op::NoSleep),
        2 => Just(Op::ShortOfMemory),
    ]
}

fn registration() -> impl Strategy<Value = Registration> {
    let mode = prop_oneof![
        3 => Just(RegisterMode::Always),
        1 => Just(RegisterMode::Keep),
        2 => Just(RegisterMode::Replace),
    ];
    let minutes = prop_oneof![9 => 15_u32..60, 1 => 0_u32..15];
    (any::<u8>(), any::<u8>(), 0_u8..10, minutes, any::<bool>(), any::<u8>(), any::<u8>(), mode).prop_map(
        |(package, class, name, minutes, one_shot, condition, policy, mode)| Registration {
            package,
            class,
            name,
            minutes,
            one_shot,
            condition,
            policy,
            mode,
        },
    )
}
