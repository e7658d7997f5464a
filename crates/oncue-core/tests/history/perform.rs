//! Turns operations into events for the broker.

use std::time::Duration;

use oncue_core::{
    Answer, Boot, CancellationReason, ClassObject, ClassUse, Consent, Effect, Effects, Event, ExeServer,
    Exit, FactKind, FamilyName, Group, Guid, InstanceId, LastLines, Moment, Observation, Package, PauseEnd,
    PauseScope, Policy, Reading, Record, Register, RegisterMode, Request, RequestId, ServerId, TaskId,
    TaskSpec, Trigger, Version, Wall,
};

use super::before::Before;
use super::book::{Object, Run, Server};
use super::op::{CONDITIONS, Op, POLICIES, Registration};
use super::play::Play;
use crate::world::later;

/// The packages that histories use, and the classes of their servers.
const PACKAGES: [&str; 2] = ["app", "other"];
const LAYOUTS: [&[&[u8]]; 4] = [&[&[1, 2], &[3]], &[&[1]], &[&[3], &[2, 1]], &[&[1, 2, 3]]];

impl Play {
    pub(crate) fn perform(&mut self, op: &Op) {
        match op {
            Op::Register(asked) => drop(self.ask(registration(asked, asked.mode))),
            Op::RegisterUnwritable(asked) => self.register_unwritable(asked),
            Op::StoreWorks => drop(self.step(Event::RecordWorks)),
            Op::Unregister { task, cancel } => {
                self.ask_of_task(*task, |task| Request::Unregister { task, cancel: *cancel });
            }
            Op::Fire { task, force } => self.ask_of_task(*task, |task| Request::Fire { task, force: *force }),
            Op::Cancel { task, reason } => {
                self.ask_of_task(*task, |task| Request::Cancel { task, reason: *reason });
            }
            Op::CancelRun { run } => self.cancel_run(*run),
            Op::Release { task } => self.ask_of_task(*task, |task| Request::Release { task }),
            Op::Pause { task, seconds, by_clock, cancel } => {
                self.pause(*task, seconds.map(|seconds| (seconds, *by_clock)), *cancel);
            }
            Op::Resume { task } => {
                if let Some(scope) = self.scope(*task) {
                    self.ask(Request::Resume(scope));
                }
            }
            Op::SetAccess { package, access } => {
                self.ask(Request::SetAccess { package: family(*package), access: *access });
            }
            Op::AddPackage { package, layout, newer } => self.add_package(*package, *layout, *newer),
            Op::RemovePackage { package } => {
                self.ask(Request::RemovePackage(family(*package)));
            }
            Op::Fact { kind, value } => self.observe(*kind, *value),
            Op::Join { package } => {
                self.peers += 1;
                self.book.admit(ServerId::Joined(self.peers), family(*package), None);
            }
            Op::RegisterClass { server, class, single, suspended } => {
                self.register_class(*server, *class, *single, *suspended);
            }
            Op::ResumeClasses { server } => self.resume_classes(*server),
            Op::RevokeClass { server, object } => self.revoke_class(*server, *object),
            Op::Enter { run } => self.enter(*run),
            Op::Progress { run, value } => {
                self.of_run(*run, |server, instance| Event::RunProgressed {
                    server,
                    instance,
                    value: (*value).into(),
                });
            }
            Op::Complete { run, well } => {
                let result = if *well { Ok(()) } else { Err("it went wrong".into()) };
                self.of_run(*run, |server, instance| Event::RunCompleted {
                    server,
                    instance,
                    result: result.clone(),
                });
            }
            Op::CannotStart { server } => self.cannot_start(*server),
            Op::Short { server } => self.short(*server),
            Op::Exit { server, status } => self.exit(*server, Exit::Code((*status).into())),
            Op::Disconnect { server } => self.disconnect(*server),
            Op::Leave { server } => self.leave(*server),
            Op::Stale { what, which } => self.stale(*what, *which),
            Op::Wait { seconds } => self.wait(Duration::from_secs((*seconds).into())),
            Op::Sleep { minutes, told } => {
                let slept = minutes_of(*minutes);
                self.world.now = later(self.world.now, slept);
                if *told {
                    self.wake(slept);
                }
                self.wait(Duration::ZERO);
            }
            Op::GoToSleep => {
                self.book.machine.asleep = true;
                self.step(Event::GoingToSleep);
            }
            Op::NoSleep => self.wake(Duration::ZERO),
            Op::EndSession { reason, within } => {
                self.book.machine.session_ends = true;
                let within = self.granted(*within);
                self.step(Event::SessionEnding { reason: *reason, within });
            }
            Op::GoOn => {
                self.book.machine.session_goes_on(self.book.stopping);
                self.step(Event::SessionGoesOn);
            }
            Op::ShortOfMemory => {
                self.book.machine.short_until = Some(self.world.now.boot.after(Duration::from_secs(30)));
                self.step(Event::MemoryShort);
            }
            Op::Crash => self.die(self.world.now),
            Op::PowerLoss { minutes } => {
                let Moment { wall, .. } = later(self.world.now, minutes_of(*minutes));
                self.die(Moment { wall, boot: Boot(0) });
            }
            Op::DieSoon => self.dying = true,
            Op::Stop { reason, within } => self.stop(*reason, *within),
        }
    }

    fn ask_of_task(&mut self, task: u8, what: impl Fn(TaskId) -> Request) {
        let tasks: Vec<TaskId> = self.world.broker.task_ids(None).collect();
        if let Some(task) = pick(&tasks, task) {
            self.ask(what(task));
        }
    }

    /// Returns what is paused or resumed, unless it is a task and there is none.
    fn scope(&self, task: Option<u8>) -> Option<PauseScope> {
        let tasks: Vec<TaskId> = self.world.broker.task_ids(None).collect();
        match task {
            None => Some(PauseScope::All),
            Some(task) => pick(&tasks, task).map(PauseScope::Task),
        }
    }

    fn pause(&mut self, task: Option<u8>, end: Option<(u16, bool)>, cancel: bool) {
        let Some(scope) = self.scope(task) else { return };
        let end = end.map(|(seconds, by_clock)| (Duration::from_secs(seconds.into()), by_clock));
        let end = match end {
            None => PauseEnd::WhenResumed,
            Some((span, false)) => PauseEnd::After(span),
            Some((span, true)) => PauseEnd::At(self.world.now.wall.after(span)),
        };
        let dying = self.dying;
        let reply = self.ask(Request::Pause { scope, end, cancel });
        if !dying && cancel && matches!(reply, Some(Ok(_))) {
            let concerns = |run: &Run| scope == PauseScope::All || scope == PauseScope::Task(run.task);
            let runs = self.book.runs.values().filter(|run| concerns(run));
            assert!(runs.into_iter().all(|run| run.told.is_some()), "what is paused is cancelled if asked");
        }
    }

    fn of_run(&mut self, run: u8, event: impl Fn(ServerId, InstanceId) -> Event) {
        if let Some((instance, server)) = pick(&self.book.handed(), run) {
            self.step(event(server, instance));
        }
    }

    fn cancel_run(&mut self, run: u8) {
        let runs: Vec<(InstanceId, TaskId)> =
            self.book.runs.iter().map(|(instance, run)| (*instance, run.task)).collect();
        if let Some((instance, task)) = pick(&runs, run) {
            let package = self.book.runs.get(&instance).map(|run| &run.package);
            assert_eq!(self.world.broker.package_of(task), package, "whose run that is stays known");
            let reply = self.ask(Request::Cancel { task, reason: CancellationReason::Abort });
            let dead = reply.is_none();
            assert!(dead || reply == Some(Ok(Answer::Done)), "what runs can be cancelled");
            let alive = self.book.runs.get(&instance);
            assert!(dead || alive.is_none_or(|run| run.told.is_some()), "it is told that it is cancelled");
        }
    }

    fn register_unwritable(&mut self, asked: &Registration) {
        if std::mem::take(&mut self.dying) {
            return;
        }
        let what = registration(asked, asked.mode);
        let before = Before::of(&self.world);
        let (mut effects, lost) = self.world.handle_unwritable(Event::Asked { request: RequestId(0), what });
        for record in &lost {
            match record {
                Record::TaskRegistered { task, .. } => self.book.new_id(task.0),
                Record::TaskReplaced { task, .. } => self.book.released = Some(*task),
                _ => {}
            }
        }
        // The client gets a refusal instead of its answer.
        effects.after.retain(|effect| !matches!(effect, Effect::Reply { .. }));
        self.book.note(&self.world, &before, &effects);
        for record in lost {
            let lost = Some(Box::new(record));
            self.step(Event::RecordFailed { lost, why: "the disk is full".into() });
            assert_eq!(before.specs(), Before::of(&self.world).specs(), "what stood before stands again");
        }
    }

    pub(super) fn add_package(&mut self, package: u8, layout: u8, newer: bool) {
        self.version += u16::from(newer);
        let family = family(package);
        let classes = |classes: &&[u8]| ExeServer {
            classes: classes.iter().map(|n| class(*n)).collect(),
            command: String::new(),
        };
        let servers = LAYOUTS[usize::from(layout) % LAYOUTS.len()].iter().map(classes).collect();
        let package = Box::new(Package {
            full_name: format!("{family}_{}", self.version),
            display_name: family.to_string(),
            version: Version::new(self.version, 0, 0, 0),
            location: String::new(),
            family,
            servers,
        });
        self.ask(Request::AddPackage { package, consent: Consent::Offered, vacated: None });
    }

    fn observe(&mut self, kind: u8, value: Option<bool>) {
        let kind = [FactKind::Internet, FactKind::FreeNetwork, FactKind::EnergySaver][usize::from(kind) % 3];
        let value = value.map(Reading::Is);
        let seen = Observation { value, source: "history".into(), why: String::new(), since: Wall(0) };
        self.step(Event::FactObserved { kind, seen });
    }

    fn register_class(&mut self, server: u8, wanted: u8, single: bool, suspended: bool) {
        let Some(server) = pick(&self.book.server_ids(), server) else {
            return;
        };
        let class =
            self.wanted_by(server).filter(|_| wanted.is_multiple_of(2)).unwrap_or(some_class(wanted / 2));
        let class_use = if single { ClassUse::Single } else { ClassUse::Multiple };
        let Some(known) = self.book.servers.get_mut(&server) else {
            return;
        };
        let package = known.package.clone();
        let first = !suspended && known.offered.insert(class);
        known.objects.push(Object { class, single, suspended, used: false, cookie: None });
        let object = ClassObject { class, class_use, suspended };
        let reply = self.ask(Request::RegisterClass { server, package, object });
        let Some(known) = self.book.servers.get_mut(&server) else {
            return;
        };
        if let Some(Ok(Answer::ClassRegistered(cookie))) = reply {
            known.had_object = true;
            known.objects.iter_mut().for_each(|object| object.cookie = object.cookie.or(Some(cookie)));
        } else {
            known.objects.pop();
            if first {
                known.offered.remove(&class);
            }
        }
    }

    fn resume_classes(&mut self, server: u8) {
        let suspends = |known: &Server| known.done.is_none() && known.objects.iter().any(|o| o.suspended);
        let suspending = self.book.servers.iter().filter(|(_, known)| suspends(known)).map(|(id, _)| *id);
        let Some(id) = pick(&suspending.collect::<Vec<_>>(), server) else {
            return;
        };
        if let Some(known) = self.book.servers.get_mut(&id) {
            // Resumed objects count as registered now.
            known.objects.sort_by_key(|object| object.suspended);
            for object in known.objects.iter_mut().filter(|object| object.suspended) {
                object.suspended = false;
                known.offered.insert(object.class);
            }
        }
        let reply = self.ask(Request::ResumeClasses { server: id });
        assert!(matches!(reply, None | Some(Ok(Answer::Done))), "a server that serves may resume");
    }

    /// Returns the class that a run of the server's package waits for.
    fn wanted_by(&self, server: ServerId) -> Option<Guid> {
        let package = &self.book.servers.get(&server)?.package;
        let mut waiting = self.book.runs.values().filter(|run| run.server.is_none());
        waiting.find(|run| run.package == *package).map(|run| run.class)
    }

    fn revoke_class(&mut self, server: u8, object: u8) {
        let offering: Vec<(ServerId, Object)> = (self.book.servers.iter())
            .flat_map(|(id, known)| known.objects.iter().map(|object| (*id, *object)))
            .collect();
        let Some((server, Object { cookie: Some(cookie), .. })) =
            pick(&offering, server.wrapping_add(object))
        else {
            return;
        };
        self.ask(Request::RevokeClass { server, cookie });
        if let Some(known) = self.book.servers.get_mut(&server) {
            known.objects.retain(|object| object.cookie != Some(cookie));
        }
    }

    fn enter(&mut self, run: u8) {
        let Some((instance, server)) = pick(&self.book.handed(), run) else {
            return;
        };
        if let Some(run) = self.book.runs.get_mut(&instance) {
            run.entered = true;
        }
        self.step(Event::RunEntered { server, instance });
    }

    fn cannot_start(&mut self, server: u8) {
        if let Some(server) = pick(&self.coming(), server) {
            self.book.goes(server);
            self.step(Event::LaunchFailed { server, why: "no such file".into() });
        }
    }

    /// Runs that wait for a server continue to wait; they are neither lost nor counted as crashes.
    fn short(&mut self, server: Option<u8>) {
        let server = server.and_then(|server| pick(&self.coming(), server));
        server.into_iter().for_each(|server| self.book.goes(server));
        let (over, strikes) = (self.book.over.len(), self.book.strikes.values().sum::<u32>());
        self.step(Event::Short { server, why: "no descriptor is left".into() });
        assert_eq!(self.book.over.len(), over, "a shortage ends no run");
        assert_eq!(self.book.strikes.values().sum::<u32>(), strikes, "a shortage is nobody's fault");
    }

    /// Returns the starting servers.
    fn coming(&self) -> Vec<ServerId> {
        let coming = |id: &ServerId| {
            self.book.servers.get(id).is_some_and(|s| s.exe.is_some() && s.offered.is_empty())
        };
        self.book.server_ids().into_iter().filter(coming).collect()
    }

    fn exit(&mut self, server: u8, exit: Exit) {
        if let Some(server) = pick(&self.book.server_ids(), server) {
            self.server_goes(server, exit);
        }
    }

    pub(super) fn server_goes(&mut self, server: ServerId, exit: Exit) {
        self.book.exits(server, exit);
        self.step(match server {
            ServerId::Launched(_) => Event::ServerExited { server, exit, last_lines: LastLines::default() },
            ServerId::Joined(_) => Event::ServerDisconnected { server },
        });
    }

    fn disconnect(&mut self, server: u8) {
        match pick(&self.book.server_ids(), server) {
            Some(server @ ServerId::Launched(_)) => {
                self.book.done(server, self.book.step + 1);
                if let Some(known) = self.book.servers.get_mut(&server) {
                    known.disconnected = Some(self.world.now.boot);
                }
                self.step(Event::ServerDisconnected { server });
            }
            Some(server @ ServerId::Joined(_)) => self.server_goes(server, Exit::Code(0)),
            None => {}
        }
    }

    fn leave(&mut self, server: u8) {
        let known = |id: &ServerId| self.book.servers.get(id).is_some_and(Server::is_known);
        let known: Vec<ServerId> = self.book.server_ids().into_iter().filter(known).collect();
        let Some(server) = pick(&known, server) else {
            return;
        };
        let busy = self.book.handed().iter().any(|(_, of)| *of == server);
        match self.ask(Request::Leave { server }) {
            Some(Ok(Answer::MayLeave(true))) => {
                assert!(!busy, "a server with a run stays");
                self.book.done(server, self.book.step);
            }
            Some(Ok(Answer::MayLeave(false))) | None => {}
            other => panic!("a server that wants to leave gets a yes or a no, not {other:?}"),
        }
    }

    pub(super) fn stop(&mut self, reason: CancellationReason, within: Option<u8>) {
        self.book.stopping = !self.dying;
        let within = self.granted(within);
        self.step(Event::StopAsked { reason, within });
    }

    /// The system grants this many seconds, and no run has longer.
    fn granted(&mut self, within: Option<u8>) -> Option<Duration> {
        let within = within.map(|seconds| Duration::from_secs(seconds.into()));
        if let Some(within) = within {
            self.book.grant(self.world.now.boot.after(within));
        }
        within
    }

    fn wake(&mut self, slept: Duration) {
        self.book.wake(slept);
        self.step(Event::Woke { slept });
    }

    /// Messages about something that has ended, or that does not belong to the sender, change nothing.
    fn stale(&mut self, what: u8, which: u8) {
        if self.dying {
            return;
        }
        let over = pick(&self.book.over, which);
        let waiting: Vec<InstanceId> =
            self.book.runs.iter().filter(|(_, run)| run.server.is_none()).map(|(id, _)| *id).collect();
        let (instance, server) = match (what % 3, over) {
            (0, Some((instance, server))) => (instance, server.unwrap_or(ServerId::Launched(1))),
            (1, _) if !waiting.is_empty() => {
                let servers = self.book.server_ids();
                (waiting[0], pick(&servers, which).unwrap_or(ServerId::Launched(1)))
            }
            _ => match pick(&self.book.handed(), which) {
                Some((instance, _)) => (instance, ServerId::Joined(u64::MAX)),
                None => return,
            },
        };
        let gone = pick(&self.book.gone, which).unwrap_or(ServerId::Launched(u64::MAX));
        for event in [
            Event::RunEntered { server, instance },
            Event::RunProgressed { server, instance, value: 7 },
            Event::RunCompleted { server, instance, result: Ok(()) },
            Event::ServerExited { server: gone, exit: Exit::Code(0), last_lines: LastLines::default() },
            Event::LaunchFailed { server: gone, why: String::new() },
            Event::ServerDisconnected { server: gone },
        ] {
            self.changes_nothing(event);
        }
        if let Some(task) = pick(&self.book.unregistered, which) {
            for what in [
                Request::Unregister { task, cancel: true },
                Request::Fire { task, force: true },
                Request::Release { task },
            ] {
                let reply = self.ask(what);
                assert!(!matches!(reply, Some(Ok(_))), "an id that is over is refused");
            }
            if self.book.runs.values().all(|run| run.task != task) {
                let reply = self.ask(Request::Cancel { task, reason: CancellationReason::Abort });
                assert!(!matches!(reply, Some(Ok(_))), "an id that is over is refused");
            }
        }
        if let ServerId::Launched(_) = gone {
            let (package, class) = (family(0), class(1));
            let object = ClassObject { class, class_use: ClassUse::Multiple, suspended: false };
            let reply = self.ask(Request::RegisterClass { server: gone, package, object });
            assert!(!matches!(reply, Some(Ok(_))), "a server that is gone offers nothing");
            let reply = self.ask(Request::ResumeClasses { server: gone });
            assert!(!matches!(reply, Some(Ok(_))), "a server that is gone offers nothing");
        }
    }

    fn changes_nothing(&mut self, event: Event) {
        let before = (Before::of(&self.world).views, self.world.broker.next_deadline());
        let told = format!("{event:?}");
        let Effects { at_once, records, mut after } = self.world.handle(event);
        after.retain(|effect| !matches!(effect, Effect::Leave));
        assert!(at_once.is_empty() && records.is_empty() && after.is_empty(), "{told} changes nothing");
        let now = (Before::of(&self.world).views, self.world.broker.next_deadline());
        assert_eq!(before, now, "{told} changes nothing");
    }
}

fn registration(asked: &Registration, mode: RegisterMode) -> Request {
    let condition = CONDITIONS[usize::from(asked.condition) % CONDITIONS.len()];
    let policy = POLICIES[usize::from(asked.policy) % POLICIES.len()];
    let condition = condition.parse().ok().map(Box::new);
    let policy: Policy = policy.parse().expect("the policies of histories are right");
    let spec = TaskSpec {
        name: ["a", "b", "c", "a", "b", "c", "a", "b", "c", ""][usize::from(asked.name) % 10].into(),
        // The same name in another group is another task; a few tasks have a group.
        group: (asked.class >= 192).then(|| Box::new(Group { id: "g".into(), name: "".into() })),
        action: some_class(asked.class).into(),
        trigger: Trigger::Time { minutes: asked.minutes, one_shot: asked.one_shot },
        condition,
        policy: (policy != Policy::default()).then(|| Box::new(policy)),
    };
    Request::Register(Box::new(Register { package: family(asked.package), spec, mode }))
}

fn family(package: u8) -> FamilyName {
    FamilyName::new(PACKAGES[usize::from(package) % PACKAGES.len()])
}

/// Returns one of the classes, most often the first. No package declares class 0.
fn some_class(which: u8) -> Guid {
    class([1, 1, 1, 2, 3, 0][usize::from(which) % 6])
}

fn class(number: u8) -> Guid {
    Guid::from_u128(0xc1a5_5000 << 96 | u128::from(number))
}

fn minutes_of(minutes: u16) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

fn pick<T: Clone>(from: &[T], which: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(which) % from.len()].clone())
}
