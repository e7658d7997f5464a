//! The broker: takes in one event at a moment and answers with what must be done.
//!
//! It owns the state; what to do with an event stands in the files beside it, one idea each.

mod activation;
mod cancel;
mod circle;
mod end;
mod facts;
mod fire;
mod gate;
mod happen;
mod health;
mod machine;
mod packages;
mod recall;
mod recover;
mod register;
mod schedule;
mod serve;
mod shortage;
mod start;
mod time;
mod unrecorded;
mod view;
mod window;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use crate::access::Access;
use crate::calendar::{Calendar, NoCalendar};
use crate::clocks::Clocks;
use crate::config::Settings;
use crate::effect::{Effect, Effects};
use crate::event::{Event, Request};
use crate::fact::Facts;
use crate::guid::Guid;
use crate::id::{Ids, InstanceId, RequestId, TaskId};
use crate::moment::{Boot, Moment};
use crate::package::{FamilyName, Package};
use crate::refusal::Refusal;
use crate::run::{CancellationReason, Decider, Run};
use crate::server::Servers;
use crate::task::{Former, Task};
use crate::timers::{Timer, Timers};
use crate::trigger::Wake;

use circle::Circles;
use machine::Machine;
use shortage::Obstacles;
pub use unrecorded::Unrecorded;

/// The whole state and every decision about it.
#[derive(Debug)]
pub struct Broker {
    settings: Settings,
    ids: Ids,
    packages: BTreeMap<FamilyName, Package>,
    tasks: BTreeMap<TaskId, Task>,
    /// Tasks by package and name, for those who look one up.
    names: BTreeSet<(FamilyName, Arc<str>, TaskId)>,
    /// How many tasks each package has.
    counts: BTreeMap<FamilyName, usize>,
    held: BTreeSet<TaskId>,
    /// Tasks by what many of them may wait for.
    wakes: BTreeMap<Wake, BTreeSet<TaskId>>,
    /// Tasks that fire once in a session and have.
    spent: BTreeSet<TaskId>,
    /// Why what a task waits for cannot be seen.
    troubles: BTreeMap<TaskId, String>,
    /// The last runs of tasks that watch files.
    circles: Circles,
    runs: BTreeMap<InstanceId, Run>,
    servers: Servers,
    facts: Facts,
    /// What the user allows; a package that is not here has the default.
    access: BTreeMap<FamilyName, Access>,
    timers: Timers,
    machine: Machine,
    /// What keeps servers from being started.
    obstacles: Obstacles,
    calendar: Box<dyn Calendar>,
    /// How the clocks stand, once the broker has seen them.
    clocks: Option<Clocks>,
    /// How they stood when that was last recorded.
    recorded_clocks: Option<Clocks>,
    /// The boot in which the session began.
    booted: Option<Guid>,
    /// Why nothing can be recorded, while that is so.
    unwritable: Option<String>,
    /// What the store has of tasks of which it still has to take, or refuse, a later registration.
    stored: BTreeMap<TaskId, Option<Box<Former>>>,
    /// Why the broker is about to end, once it is.
    stopping: Option<CancellationReason>,
    /// The broker has said that it leaves.
    left: bool,
}

impl Broker {
    /// Makes a broker that knows nothing yet.
    ///
    /// `seed` is any number that stays the same for one store; `epoch` grows with every start and
    /// is recorded before this is called, so that no id ever returns.
    #[must_use]
    pub fn new(settings: Settings, seed: u64, epoch: u32) -> Self {
        Self {
            settings,
            ids: Ids::new(seed, epoch),
            packages: BTreeMap::new(),
            tasks: BTreeMap::new(),
            names: BTreeSet::new(),
            counts: BTreeMap::new(),
            held: BTreeSet::new(),
            wakes: BTreeMap::new(),
            spent: BTreeSet::new(),
            troubles: BTreeMap::new(),
            circles: Circles::default(),
            runs: BTreeMap::new(),
            servers: Servers::default(),
            facts: Facts::default(),
            access: BTreeMap::new(),
            timers: Timers::default(),
            machine: Machine::default(),
            obstacles: Obstacles::default(),
            calendar: Box::new(NoCalendar),
            clocks: None,
            recorded_clocks: None,
            booted: None,
            unwritable: None,
            stored: BTreeMap::new(),
            stopping: None,
            left: false,
        }
    }

    /// Hands the broker a calendar; without one it knows no schedule.
    #[must_use]
    pub fn with_calendar(mut self, calendar: impl Calendar + 'static) -> Self {
        self.calendar = Box::new(calendar);
        self
    }

    /// Takes in one event and answers with what must now be done.
    pub fn handle(&mut self, now: Moment, event: Event) -> Effects {
        let mut effects = Effects::default();
        let out = &mut effects;
        self.keep_time(now, matches!(event, Event::ClockSet { zone_changed: true }), out);
        match event {
            Event::DeadlineReached => self.deadlines(now, out),
            Event::Asked { request, what } => self.asked(now, request, what, out),
            Event::FactObserved { kind, seen } => self.observed(now, kind, seen, out),
            Event::RunEntered { server, instance } => self.entered(now, server, instance, out),
            Event::RunProgressed { server, instance, value } => self.progressed(server, instance, value, out),
            Event::RunCompleted { server, instance, result } => {
                self.completed(now, server, instance, result, out)
            }
            Event::Short { server, why } => self.short(now, server, why, out),
            Event::OutOfReach { server, why } => self.out_of_reach(now, server, why, out),
            Event::LaunchPending { server } => self.launch_pending(server),
            Event::ServerStarted { server, program } => self.server_started(server, program),
            Event::ServerWrote { server, last_lines } => self.server_wrote(server, last_lines),
            Event::LaunchFailed { server, why } => self.launch_failed(now, server, why, out),
            Event::ServerExited { server, exit, last_lines } => {
                self.exited(now, server, exit, last_lines, out)
            }
            Event::ServerDisconnected { server } => self.disconnected(now, server, out),
            Event::RecordFailed { lost, why } => self.record_failed(now, lost, why, out),
            Event::RecordWorks => self.record_works(),
            Event::Started { boot } => self.started(now, boot, out),
            Event::ClockSet { .. } => {}
            Event::Noticed { task, count, during, details } => {
                self.changed_in_circle(task, during);
                self.noticed(now, task, count, details, out)
            }
            Event::Troubled { task, why } => self.troubled(task, why, out),
            Event::GoingToSleep => {
                self.record_clocks(out);
                self.going_to_sleep();
            }
            Event::Woke { slept } => self.woke(now, slept, out),
            Event::SessionEnding { reason, within } => self.session_ends(now, reason, within, out),
            Event::SessionGoesOn => self.session_goes_on(now, out),
            Event::MemoryShort => self.memory_short(now, out),
            Event::StopAsked { reason, within } => self.stop(now, reason, within, out),
        }
        self.let_go(out);
        self.leave_when_done(out);
        self.keep_clocks(out);
        effects
    }

    /// Returns the next instant at which [`Event::DeadlineReached`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Boot> {
        self.timers.next()
    }

    /// Returns the numbers that the broker decides by.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the facts as they stand.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns the packages that are known, by family name.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }

    /// Returns the package of that family.
    #[must_use]
    pub fn package(&self, family: &FamilyName) -> Option<&Package> {
        self.packages.get(family)
    }

    fn asked(&mut self, now: Moment, request: RequestId, what: Request, out: &mut Effects) {
        let answer = match what {
            Request::Register(register) => self.register(now, *register, out),
            Request::Unregister { task, cancel } => self.unregister(now, task, cancel, out),
            Request::Fire { task, force } => {
                self.break_circle(task);
                self.fire_asked(now, task, force, out)
            }
            Request::Cancel { task, reason } => self.cancel_asked(now, task, reason, out),
            Request::Release { task } => self.release(now, task, out),
            Request::SetAccess { package, access } => self.set_access(now, package, access, out),
            Request::Application { task, arguments } => self.request_application(now, task, arguments, out),
            Request::Signal { id, package, arguments } => {
                self.signal(now, &id, package.as_ref(), arguments, out)
            }
            Request::Pin { kind, value } => self.pin(now, kind, value, out),
            Request::AddPackage { package, consent, vacated } => {
                self.add_package(now, *package, consent, vacated.as_deref(), out)
            }
            Request::RemovePackage(family) => self.remove_package(now, &family, out),
            Request::RegisterClass { server, package, object } => {
                self.register_class(now, server, package, object, out)
            }
            Request::ResumeClasses { server } => self.resume_classes(now, server, out),
            Request::RevokeClass { server, cookie } => self.revoke_class(server, cookie),
            Request::Leave { server } => self.may_leave(server),
        };
        out.reply(request, answer);
    }

    /// Returns an error while nothing new may be promised.
    fn open_for_new(&self) -> Result<(), Refusal> {
        if self.stopping.is_some() {
            return Err(Refusal::Stopping);
        }
        self.can_record()
    }

    /// Returns an error while nothing can be recorded. A change that has to be recorded is refused then
    /// before anything is done about it, unless it only takes away: nobody has to wait for room on a disk
    /// to stop something.
    fn can_record(&self) -> Result<(), Refusal> {
        let refused = |why: &String| Err(Refusal::StoreUnwritable { why: why.clone() });
        self.unwritable.as_ref().map_or(Ok(()), refused)
    }

    fn deadlines(&mut self, now: Moment, out: &mut Effects) {
        while let Some((at, timer)) = self.timers.take_passed(now.boot) {
            match timer {
                Timer::Due(task) => self.due(now, task, out),
                Timer::Retry(task) => self.retry_due(now, task, at, out),
                Timer::HoldLimit(task) => self.held_too_long(now, task, out),
                Timer::Activation(instance) => self.activation_too_late(now, instance, out),
                Timer::TimeLimit(instance) => {
                    self.cancel_run(now, instance, Decider::TimeLimit, out);
                }
                Timer::Grace(instance) => self.grace_over(instance, out),
                Timer::Exit(server) => self.had_its_time(server, out),
                Timer::Circle(task) => self.go_round(now, task, out),
                Timer::Breather => self.memory_eased(now, out),
                Timer::Obstacle => self.try_starting(now, out),
                Timer::ClockLook => {
                    self.record_clocks(out);
                    self.look_at_clocks(now);
                }
            }
        }
    }

    fn stop(&mut self, now: Moment, reason: CancellationReason, within: Option<Duration>, out: &mut Effects) {
        self.record_clocks(out);
        self.stopping = Some(reason);
        self.cancel_all(now, reason, within, out);
        self.kill_unneeded(out);
    }

    fn leave_when_done(&mut self, out: &mut Effects) {
        if self.stopping.is_some() && self.runs.is_empty() && !self.left {
            self.left = true;
            out.after.push(Effect::Leave);
        }
    }
}
