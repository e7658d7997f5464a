//! Plays a history: turns operations into events for the broker, and checks the laws after each.

use std::time::Duration;

use oncue_core::{
    CancellationReason, Event, Exit, FamilyName, LastLines, PauseEnd, PauseScope, Proposal, Refusal,
    Register, RegisterMode, Request, RequestId, ServerId, Settings, TaskId, TaskSpec,
};

use super::law::{Book, Reply};
use super::op::{Op, Proposed};
use crate::world::{World, later};

/// A broker, its world and its observer during a history.
pub(crate) struct Chains {
    world: World,
    book: Book,
    asked: u64,
}

impl Chains {
    pub(crate) fn new() -> Self {
        Self { world: World::new(Settings::default()), book: Book::default(), asked: 0 }
    }

    pub(crate) fn perform(&mut self, op: &Op) {
        match op {
            Op::Add { spec, mode } => self.add(spec, *mode),
            Op::Change { task, spec } => self.change(*task, spec),
            Op::Remove { task, cancel } => {
                self.ask_of(*task, |task| Request::Unregister { task, cancel: *cancel });
            }
            Op::Fire { task, force } => self.ask_of(*task, |task| Request::Fire { task, force: *force }),
            Op::Cancel { task } => {
                self.ask_of(*task, |task| Request::Cancel { task, reason: CancellationReason::Abort });
            }
            Op::Pause { task } => {
                let end = PauseEnd::WhenResumed;
                if let Some(scope) = self.scope(*task) {
                    self.ask(Request::Pause { scope, end, cancel: false });
                }
            }
            Op::Resume { task } => {
                if let Some(scope) = self.scope(*task) {
                    self.ask(Request::Resume(scope));
                }
            }
            Op::Started { server } => {
                if let Some(server) = self.book.pick(*server, |stage| !stage.is_started) {
                    self.started(server);
                }
            }
            Op::CannotStart { server } => {
                if let Some(server) = self.book.pick(*server, |stage| !stage.is_started) {
                    self.book.forget(server);
                    self.step(Event::LaunchFailed { server, why: "no such file".into() });
                }
            }
            Op::Exit { server, status } => {
                if let Some(server) = self.book.pick(*server, |stage| stage.is_started) {
                    self.exits(server, Exit::Code((*status).into()));
                }
            }
            Op::Wait { seconds } => self.wait(Duration::from_secs((*seconds).into())),
            Op::Crash => self.crash(),
        }
    }

    /// Lets everything end that runs and waits, with success. Nothing may wait then but what is paused.
    pub(crate) fn finish(mut self) {
        for scope in self.world.store.stored.pauses.iter().map(|(scope, _)| *scope).collect::<Vec<_>>() {
            self.ask(Request::Resume(scope));
        }
        // A chain is at most as long as there are commands, and a task has one firing that waits.
        for _ in 0..200 {
            if let Some(server) = self.book.pick(0, |stage| !stage.is_started) {
                self.started(server);
            } else if let Some(server) = self.book.pick(0, |stage| stage.is_started) {
                self.exits(server, Exit::Code(0));
            } else {
                self.book.nothing_waits(&self.world);
                return;
            }
        }
        panic!("the runs do not end");
    }

    fn started(&mut self, server: ServerId) {
        self.book.starts(server);
        self.step(Event::ServerStarted { server, program: "true".into() });
    }

    fn exits(&mut self, server: ServerId, exit: Exit) {
        self.book.forget(server);
        self.step(Event::ServerExited { server, exit, last_lines: LastLines::default() });
    }

    fn add(&mut self, proposed: &Proposed, mode: RegisterMode) {
        let spec = proposed.spec();
        let package = FamilyName::commands();
        self.ask(Request::Register(Box::new(Register { package, spec, mode })));
    }

    fn change(&mut self, task: u8, proposed: &Proposed) {
        let spec: TaskSpec = proposed.spec();
        self.ask_of(task, |task| Request::Change { task, spec: Box::new(spec.clone()) });
    }

    fn tasks(&self) -> Vec<TaskId> {
        self.world.broker.task_ids(None).collect()
    }

    fn scope(&self, task: Option<u8>) -> Option<PauseScope> {
        match task {
            None => Some(PauseScope::All),
            Some(task) => pick(&self.tasks(), task).map(PauseScope::Task),
        }
    }

    fn ask_of(&mut self, task: u8, what: impl Fn(TaskId) -> Request) {
        if let Some(task) = pick(&self.tasks(), task) {
            self.ask(what(task));
        }
    }

    fn ask(&mut self, what: Request) -> Reply {
        self.asked += 1;
        self.step(Event::Asked { request: RequestId(self.asked), what })
    }

    /// Passes an event to the broker, and checks the laws.
    fn step(&mut self, event: Event) -> Reply {
        if matches!(event, Event::DeadlineReached) {
            self.book.retries_are_due(&self.world);
        }
        let fires = match &event {
            Event::Asked { what: Request::Fire { task, .. }, .. } => Some(*task),
            _ => None,
        };
        let rehearsed = self.rehearsed(&event);
        let effects = self.world.handle(event);
        let reply = self.book.note(&self.world, &effects, fires);
        if let Some(rehearsed) = rehearsed {
            let refusal = reply.clone().and_then(Result::err);
            assert_eq!(rehearsed.err(), refusal, "what is refused is what the check has said");
        }
        self.book.holds(&self.world);
        reply
    }

    /// Returns how the broker says it would answer, if this can be asked.
    fn rehearsed(&self, event: &Event) -> Option<Result<(), Refusal>> {
        let Event::Asked { what, .. } = event else { return None };
        let proposal = match what {
            Request::Register(asked) => Proposal { task: None, spec: asked.spec.clone(), mode: asked.mode },
            Request::Change { task, spec } => {
                Proposal { task: Some(*task), spec: (**spec).clone(), mode: RegisterMode::New }
            }
            _ => return None,
        };
        self.world.broker.rehearse(self.world.now, &[proposal]).pop()
    }

    fn wait(&mut self, span: Duration) {
        let end = later(self.world.now, span);
        while let Some(due) = self.world.next_deadline(end) {
            self.world.now = due;
            self.step(Event::DeadlineReached);
            for server in self.book.killed() {
                self.exits(server, Exit::Signal(9));
            }
        }
        self.world.now = end;
    }

    fn crash(&mut self) {
        self.book.broker_died();
        let (world, effects) = self.world.after_crash(later(self.world.now, Duration::from_secs(1)));
        self.world = world;
        self.book.note(&self.world, &effects, None);
        self.book.holds(&self.world);
    }
}

fn pick<T: Clone>(from: &[T], which: u8) -> Option<T> {
    (!from.is_empty()).then(|| from[usize::from(which) % from.len()].clone())
}
