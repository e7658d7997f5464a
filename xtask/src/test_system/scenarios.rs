//! The scenarios, one subject per file.

mod bus;
mod clock;
mod device;
mod elsewhere;
mod files;
mod idle;
mod install;
mod jobs;
mod network;
mod power;
mod service;
mod session;
mod sleep;
mod speaker;
mod storage;
mod timeline;

use super::scenario::Scenario;

/// All of them, in the order in which they are played.
pub(super) const ALL: &[&[Scenario]] = &[
    network::ALL,
    session::ALL,
    service::ALL,
    install::ALL,
    jobs::ALL,
    bus::ALL,
    power::ALL,
    sleep::ALL,
    clock::ALL,
    device::ALL,
    elsewhere::ALL,
    files::ALL,
    storage::ALL,
    idle::ALL,
    speaker::ALL,
    timeline::ALL,
];

/// Lists the scenarios of a subject under the names of their functions.
macro_rules! scenarios {
    ($subject:literal: $($play:ident),* $(,)?) => {
        $crate::test_system::scenarios::scenarios!($subject, needs "": $($play),*);
    };
    ($subject:literal, needs $needs:literal: $($play:ident),* $(,)?) => {
        pub(super) const ALL: &[$crate::test_system::scenario::Scenario] = &[$(
            $crate::test_system::scenario::Scenario {
                subject: $subject,
                name: stringify!($play),
                needs: $needs,
                play: $play,
            }
        ),*];
    };
}
use scenarios;
