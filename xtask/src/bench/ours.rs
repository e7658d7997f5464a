//! oncue itself: the time from a firing until `run` is entered, and a durable registration.
//!
//! The first thing the task does in `run`, in its own process, is to read the clock. The time of a
//! firing counts from when the broker notices it. Because a client requests the firing here, the
//! time since before the client's call is measured too.

use std::time::Duration;

use super::hostile::{self, Hostile};
use super::ours_stage::Stage;
use super::placement::Placement;
use super::report::Report;
use super::room::{Plan, Room};
use super::subject::Subject;
use super::unmeasured::Unmeasured;

const WARM: Plan = Plan { full: 5_000, quick: 500 };
const COLD: Plan = Plan { full: 300, quick: 50 };
const CALL: Plan = Plan { full: 20_000, quick: 2_000 };
const REGISTER: Plan = Plan { full: 1_000, quick: 200 };

/// How many registrations are requested at the same time.
const AT_ONCE: usize = 1_000;

/// Adds all measurements of oncue to `report`.
pub(super) fn measure(room: &Room, report: &mut Report) {
    let mut stage = match Stage::set(room, room.disk()) {
        Ok(stage) => stage,
        Err(why) => return report.leave_out("oncue", &why),
    };
    for (word, plan, firing, call) in [
        ("stay", &WARM, Subject::OursWarm, Subject::OursCallWarm),
        ("leave", &COLD, Subject::OursCold, Subject::OursCallCold),
    ] {
        let mut since_call = Vec::new();
        report.take(firing, || {
            let entries = stage.fire(word, room.rounds(plan))?;
            since_call = entries.since_call;
            Ok(entries.since_firing)
        });
        report.take(call, || Ok(since_call));
    }
    report.take(Subject::OursWarmNoDisk, || in_memory(room));
    report.take(Subject::OursCommand, || stage.fire_command(room.rounds(&COLD)));
    report.take(Subject::OursRegister, || stage.register(room.rounds(&REGISTER)));
    report.take(Subject::OursRegisterEach, || {
        let took = stage.register_at_once(AT_ONCE)?;
        Ok(vec![took / u32::try_from(AT_ONCE).unwrap_or(u32::MAX); 1])
    });
    beside_hostile(room, &stage, report);
}

/// The ledger is full of earlier firings, so that requests for it get long answers.
fn beside_hostile(room: &Room, stage: &Stage, report: &mut Report) {
    let (socket, broker) = (stage.socket(), stage.broker());
    let Placement { shared, other } = room.placement();
    report.take(Subject::OursCall, || Ok(hostile::calls(&socket, broker, room.rounds(&CALL))?.took));
    for (subject, cpu) in
        [(Subject::OursCallBesideHostile, other), (Subject::OursCallAmongHostile, Some(shared))]
    {
        let mut broker_time = None;
        report.take(subject, || {
            let cpu = cpu.ok_or(Unmeasured::OneCpu)?;
            let _hostile = Hostile::begin(room, &socket, cpu)?;
            let calls = hostile::calls(&socket, broker, room.rounds(&CALL))?;
            broker_time = Some((calls.busy, calls.kept_waiting));
            Ok(calls.took)
        });
        if let Some((busy, kept_waiting)) = broker_time {
            report.note(format!(
                "{}: in each second the broker ran for {:.0} ms and waited for a CPU for {:.0} ms.",
                subject.label(),
                busy * 1e3,
                kept_waiting * 1e3
            ));
        }
    }
    match hostile::peak_memory(broker) {
        Ok(kib) => report.note(format!("The broker took {} MiB at most (bar: 64 MiB).", kib >> 10)),
        Err(why) => report.leave_out("the broker's memory", &why),
    }
}

/// With the store on disk, each firing follows the commit of the previous one, which leaves the
/// processor's caches cold and the kernel busy. That does not happen between the peers' calls.
fn in_memory(room: &Room) -> Result<Vec<Duration>, Unmeasured> {
    let memory = tempfile::tempdir_in("/dev/shm").map_err(Unmeasured::io("a folder in memory"))?;
    Ok(Stage::set(room, memory.path())?.fire("stay", room.rounds(&WARM))?.since_firing)
}

/// A reading of the monotonic clock, which all processes share.
pub(super) fn monotonic() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let (seconds, nanos) = (u64::try_from(now.tv_sec), u32::try_from(now.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
}
