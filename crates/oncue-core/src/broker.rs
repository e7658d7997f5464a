//! The broker: takes one event at a time and returns what must be done.
//!
//! It owns the state. The submodules handle the events, one idea each.

mod activation;
mod cancel;
mod chain;
mod circle;
mod command;
mod end;
mod fire;
mod gate;
mod happen;
mod health;
mod machine;
mod need;
mod packages;
mod pause;
mod queue;
mod recover;
mod register;
mod rehearse;
mod schedule;
mod serve;
mod shortage;
mod start;
mod take_over;
mod takeover;
mod time;
mod unrecorded;
mod view;
mod window;

use core::time::Duration;

use oncue_types::{
    Boot, CancellationReason, Facts, FamilyName, Moment, Package, PauseScope, Refusal, Request, RequestId,
};

use crate::calendar::Calendar;
use crate::config::Settings;
use crate::effect::{Effect, Effects};
use crate::event::Event;
use crate::id::Ids;
use crate::run::{Decider, Runs};
use crate::server::Servers;
use crate::tasks::Tasks;
use crate::timers::{Timer, Timers};

use circle::Circles;
use machine::{Life, Machine};
use need::Need;
use packages::Packages;
use pause::Pauses;
use queue::Queues;
pub use rehearse::Proposal;
use time::Time;
use unrecorded::Store;
pub use unrecorded::Unrecorded;

/// The whole state, and every decision about it.
#[derive(Debug)]
pub struct Broker {
    settings: Settings,
    ids: Ids,
    packages: Packages,
    tasks: Tasks,
    circles: Circles,
    queues: Queues,
    pauses: Pauses,
    runs: Runs,
    servers: Servers,
    facts: Facts,
    timers: Timers,
    time: Time,
    machine: Machine,
    need: Need,
    store: Store,
    /// Empty lists, reused for the effects of the next event.
    spare: Effects,
}

impl Broker {
    /// Creates a broker that knows nothing yet.
    ///
    /// `seed` is any number that stays the same for one store. `epoch` grows with every start and is recorded
    /// before this is called, so that no id is ever reused.
    #[must_use]
    pub fn new(settings: Settings, seed: u64, epoch: u32) -> Self {
        Self {
            settings,
            ids: Ids::new(seed, epoch),
            packages: Packages::default(),
            tasks: Tasks::default(),
            circles: Circles::default(),
            queues: Queues::default(),
            pauses: Pauses::default(),
            runs: Runs::default(),
            servers: Servers::default(),
            facts: Facts::default(),
            timers: Timers::default(),
            time: Time::default(),
            machine: Machine::default(),
            need: Need::default(),
            store: Store::default(),
            spare: Effects::default(),
        }
    }

    /// Gives the broker a calendar; without one, it knows no schedules.
    #[must_use]
    pub fn with_calendar(mut self, calendar: impl Calendar + 'static) -> Self {
        self.time.use_calendar(calendar);
        self
    }

    /// Gives the broker the facts as another one has observed them.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// Handles one event and returns what must be done now.
    pub fn handle(&mut self, now: Moment, event: Event) -> Effects {
        let mut effects = core::mem::take(&mut self.spare);
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
            Event::LaunchPending { server } => self.servers.launch_pending(server),
            Event::ServerStarted { server, program } => self.process_started(now, server, program, out),
            Event::ServerWrote { server, last_lines } => self.servers.wrote(server, last_lines),
            Event::LaunchFailed { server, why } => self.launch_failed(now, server, why, out),
            Event::ServerExited { server, exit, last_lines } => {
                self.exited(now, server, exit, last_lines, out)
            }
            Event::ServerDisconnected { server } => self.disconnected(now, server, out),
            Event::RecordFailed { lost, why } => self.record_failed(now, lost, why, out),
            Event::RecordWorks => self.store.works(),
            Event::Started { session } => self.started(now, session, out),
            Event::LoggedIn(is) => self.logged_in(now, is, out),
            Event::Clients { any } => self.need.clients(any),
            Event::ClockSet { .. } => {}
            Event::Noticed { task, count, during, details } => {
                self.noticed(now, task, count, during, details, out)
            }
            Event::Troubled { task, why } => self.troubled(task, why, out),
            Event::GoingToSleep => {
                self.time.record(out);
                self.machine.going_to_sleep();
            }
            Event::Woke { slept } => self.woke(now, slept, out),
            Event::SessionEnding { reason, within } => self.session_ends(now, reason, within, out),
            Event::SessionGoesOn => self.session_goes_on(now, out),
            Event::MemoryShort => self.memory_short(now, out),
            Event::StopAsked { reason, within } => self.stop(now, reason, within, out),
            Event::Replaced => self.replaced(now),
        }
        self.let_go(out);
        self.leave_when_done(out);
        self.hand_over_when_quiet(out);
        self.look_at_need(now, out);
        self.time.keep(out);
        effects
    }

    /// Reuses the lists of effects that were performed, so that the next event does not have to allocate.
    pub fn reuse(&mut self, performed: Effects) {
        self.spare = performed.emptied();
    }

    /// Returns the next instant at which [`Event::DeadlineReached`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Boot> {
        self.timers.next()
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the current facts.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns the known packages, ordered by family name.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter()
    }

    /// Returns the package with this family name.
    #[must_use]
    pub fn package(&self, family: &FamilyName) -> Option<&Package> {
        self.packages.get(family)
    }

    fn asked(&mut self, now: Moment, request: RequestId, what: Request, out: &mut Effects) {
        let answer = match what {
            Request::Register(register) => self.register(now, *register, out),
            Request::Change { task, spec } => self.change(now, task, *spec, out),
            Request::ReportProgress { instance, value, note } => {
                self.report_progress(instance, value, note, out)
            }
            Request::Unregister { task, cancel } => self.unregister(now, task, cancel, out),
            Request::Fire { task, force } => self.fire_asked(now, task, force, out),
            Request::Cancel { task, reason } => self.cancel_asked(now, task, reason, out),
            Request::Release { task } => self.release(now, task, out),
            Request::Pause { scope, end, cancel } => self.pause(now, scope, end, cancel, out),
            Request::Resume(scope) => self.resume(now, scope, out),
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
            Request::RevokeClass { server, cookie } => self.servers.revoke(server, cookie),
            Request::Leave { server } => self.may_leave(server),
        };
        out.reply(request, answer);
    }

    /// Returns an error while nothing new can be promised.
    fn open_for_new(&self) -> Result<(), Refusal> {
        match self.machine.life {
            Life::Serves => self.store.can_record(),
            Life::Stops | Life::Left => Err(Refusal::Stopping),
        }
    }

    fn deadlines(&mut self, now: Moment, out: &mut Effects) {
        while let Some((at, timer)) = self.timers.take_passed(now.boot) {
            match timer {
                Timer::Due(task) => self.due(now, task, out),
                Timer::Retry(task) => self.retry_due(now, task, at, out),
                Timer::HoldLimit(task) => self.held_too_long(now, task, out),
                Timer::Activation(run) => self.activation_too_late(now, run, out),
                Timer::TimeLimit(run) => self.cancel_run(now, run, Decider::TimeLimit, out),
                Timer::Grace(run) => self.grace_over(run, out),
                Timer::Exit(server) => self.had_its_time(server, out),
                Timer::Circle(task) => self.circle_waited(now, task, out),
                Timer::Paused(task) => self.task_pause_over(now, task, out),
                Timer::AllPaused => self.pause_over(now, PauseScope::All, out),
                Timer::Breather => self.memory_eased(now, out),
                Timer::Obstacle => self.try_starting(now, out),
                Timer::NoTasks => self.no_tasks_any_more(out),
                Timer::NobodyHere => self.nobody_came(out),
                Timer::Takeover => self.look_for_gap(now, out),
                Timer::ClockLook => {
                    self.time.record(out);
                    self.look_at_clocks(now);
                }
            }
        }
    }

    fn stop(&mut self, now: Moment, reason: CancellationReason, within: Option<Duration>, out: &mut Effects) {
        self.time.record(out);
        self.machine.life.stop();
        self.cancel_all(now, reason, within, out);
        self.kill_unneeded(out);
    }

    fn leave_when_done(&mut self, out: &mut Effects) {
        if self.machine.life == Life::Stops && self.runs.is_empty() {
            self.machine.life = Life::Left;
            out.after.push(Effect::Leave);
        }
    }
}
