//! What the programs of a test send to its broker, over the wire as usual.

use oncue_core::{Event, InstanceId, Request, ServerId, TaskId};
use oncue_wire::hear::{self, body, wants_answer};
use oncue_wire::interface::Method;
use oncue_wire::{BrokerInfo, Caller, Code, Identity, PackageInfo, Refused, TaskInfo, Watched, convert, say};
use serde::Serialize;
use zbus::message::{Message, Type as Kind};
use zbus::zvariant::DynamicType;

use super::world::{PeerId, World};
use crate::broker::dial::By;

/// The maximum number of tasks or entries in one answer.
const PAGE: usize = 2_000;

impl World {
    /// Handles a message, now or after the machine has woken.
    pub(super) fn received(&mut self, id: PeerId, message: &Message) {
        if message.message_type() != Kind::MethodCall || !self.peers.contains_key(&id) {
            return;
        }
        let refused = if !self.asleep {
            self.hear(id, message).err()
        } else if wants_answer(message) {
            Some(Refused::new(Code::Stopping, "the machine of this test is asleep", "call `resume` first"))
        } else {
            self.unheard.push((id, message.clone()));
            None
        };
        if let Some(refused) = refused.filter(|_| wants_answer(message)) {
            self.send(id, say::refusal(message, &refused));
        }
    }

    fn hear(&mut self, id: PeerId, call: &Message) -> Result<(), Refused> {
        let header = call.header();
        let member = header.member().map_or("", |member| member.as_str());
        let unknown = || {
            let message = format!("the broker of a test does not know `{member}`");
            Refused::new(Code::UnknownMethod, message, "use the verbs of `TestBroker`")
        };
        let method = Method::named(member).ok_or_else(unknown)?;
        match method {
            Method::Entered | Method::SetProgress | Method::Completed => {
                let server = self.server_of(id);
                let (instance, report) = hear::of_run(method, call)?;
                self.handle(Event::reported(server, instance, report));
                if wants_answer(call) { self.answered(id, call, &()) } else { Ok(()) }
            }
            Method::RegisterClass
            | Method::RegisterClassSuspended
            | Method::ResumeClasses
            | Method::RevokeClass
            | Method::Leave => {
                let server = self.server_of(id);
                let what = hear::server(method, call, server, || self.caller(id))?;
                self.ask_client(id, call, what)
            }
            Method::Register
            | Method::Unregister
            | Method::Fire
            | Method::Cancel
            | Method::Release
            | Method::Request
            | Method::Signal
            | Method::Pin
            | Method::SetAccess => {
                let what = hear::client(method, call, &self.caller(id), |task| self.core.package_of(task))?;
                self.ask_client(id, call, what)
            }
            Method::Hello => self.answered(id, call, &env!("CARGO_PKG_VERSION")),
            Method::Identity => self.answered(id, call, &self.identity(id)?),
            Method::Tasks => {
                let (whose, after, most): (Watched, String, u32) = body(call)?;
                self.answered(id, call, &self.tasks(id, whose, &after, most as usize)?)
            }
            Method::Find => {
                let found = self.core.find(&body::<String>(call)?);
                let caller = self.caller(id);
                let seen = |task: &TaskId| self.core.package_of(*task).is_some_and(|of| caller.may_steer(of));
                let found: Vec<TaskInfo> =
                    found.into_iter().filter(seen).filter_map(|task| self.info(task)).collect();
                self.answered(id, call, &found)
            }
            Method::History => {
                let (task, package, most): (String, String, u32) = body(call)?;
                self.history(id, call, (&task, &package, ""), most as usize)
            }
            Method::HistoryBefore => {
                let (task, package, _, before, most): (String, String, i64, String, u32) = body(call)?;
                self.history(id, call, (&task, &package, &before), most as usize)
            }
            Method::Watch => {
                let whose: Watched = body(call)?;
                self.may_see(id, whose)?;
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.watching = Some(whose);
                }
                self.answered(id, call, &())
            }
            Method::Facts => self.answered(id, call, &convert::facts(self.core.facts())),
            Method::Packages => self.answered(id, call, &self.packages(&self.caller(id))),
            Method::About => self.answered(id, call, &self.about()),
            _ => Err(unknown()),
        }
    }

    fn ask_client(&mut self, id: PeerId, call: &Message, what: Request) -> Result<(), Refused> {
        self.ask_for(id, call, what);
        Ok(())
    }

    /// Returns the server of a connection: the one that its process was started as, or else one
    /// that has joined.
    fn server_of(&mut self, id: PeerId) -> ServerId {
        let process = self.peers.get(&id).and_then(|peer| self.processes.get(&peer.process));
        let started = process.and_then(|process| process.started).map(|(server, _)| server);
        let server = started.unwrap_or(ServerId::Joined(id.0));
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.server = Some(server);
        }
        server
    }

    fn caller(&self, id: PeerId) -> Caller {
        let peer = self.peers.get(&id).filter(|peer| peer.by == By::App);
        let package = peer.and_then(|peer| self.processes.get(&peer.process)).map(|process| &process.package);
        match package {
            Some(package) => Caller::App(package.clone()),
            None => Caller::Tool { executable: "a tool in a test".into(), refused: None },
        }
    }

    fn may_see(&self, id: PeerId, whose: Watched) -> Result<Caller, Refused> {
        let caller = self.caller(id);
        match whose {
            Watched::Own => caller.package().map(|_| ())?,
            Watched::All => caller.must_be_tool("see other packages' tasks")?,
        }
        Ok(caller)
    }

    fn tasks(&self, id: PeerId, whose: Watched, after: &str, most: usize) -> Result<Vec<TaskInfo>, Refused> {
        let caller = self.may_see(id, whose)?;
        let after = if after.is_empty() { None } else { Some(convert::task_id(after)?) };
        let most = if most == 0 { PAGE } else { most.min(PAGE) };
        let all = self.core.task_ids(after);
        let own = all.filter(|task| self.core.package_of(*task).is_some_and(|of| caller.may_steer(of)));
        Ok(own.take(most).filter_map(|task| self.info(task)).collect())
    }

    /// Describes a task.
    pub(super) fn info(&self, task: TaskId) -> Option<TaskInfo> {
        self.core.view(self.now, task).map(convert::task)
    }

    /// The last entries of a task, a package or all; if an instance is given, those before it.
    fn history(
        &mut self,
        id: PeerId,
        call: &Message,
        (task, package, before): (&str, &str, &str),
        most: usize,
    ) -> Result<(), Refused> {
        let caller = self.caller(id);
        let before =
            if before.is_empty() { None } else { Some(InstanceId(convert::guid("instance id", before)?)) };
        let task = if task.is_empty() { None } else { Some(convert::task_id(task)?) };
        let most = if most == 0 { PAGE } else { most.min(PAGE) };
        let mut ledger = self.journal.ledger().iter().rev();
        if let Some(before) = before {
            ledger.find(|entry| entry.instance == before);
        }
        let seen = ledger
            .filter(|entry| caller.may_steer(&entry.package))
            .filter(|entry| task.is_none_or(|task| entry.task == task))
            .filter(|entry| package.is_empty() || entry.package.as_str() == package);
        let seen: Vec<_> = seen.take(most).map(convert::entry).collect();
        self.answered(id, call, &seen)
    }

    fn identity(&self, id: PeerId) -> Result<Identity, Refused> {
        let caller = self.caller(id);
        let family = caller.package()?;
        let package = self.core.package(family).ok_or_else(|| {
            Refused::new(
                Code::UnknownPackage,
                format!("no package {family} is known"),
                "install it in the test",
            )
        })?;
        Ok(Identity {
            family_name: family.as_str().into(),
            full_name: package.full_name.clone(),
            location: package.location.clone(),
            local_folder: self.local_folder(family.as_str()),
            access: self.core.access(family).name().into(),
        })
    }

    fn local_folder(&self, family: &str) -> String {
        self.data.join(family).join("LocalState").display().to_string()
    }

    fn packages(&self, caller: &Caller) -> Vec<PackageInfo> {
        let seen = self.core.packages().filter(|package| caller.may_steer(&package.family));
        let shown = seen.map(|package| PackageInfo {
            family_name: package.family.as_str().into(),
            full_name: package.full_name.clone(),
            display_name: package.display_name.clone(),
            version: package.version.to_string(),
            location: package.location.clone(),
            local_folder: self.local_folder(package.family.as_str()),
            access: self.core.access(&package.family).name().into(),
            origin: "added".into(),
            servers: Vec::new(),
            tasks: u32::try_from(self.core.n_tasks_of(&package.family)).unwrap_or(u32::MAX),
            problem: String::new(),
        });
        shown.collect()
    }

    fn about(&self) -> BrokerInfo {
        BrokerInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            executable: "a test".into(),
            started_at: self.now.wall_at(oncue_core::Boot(0)).0,
            config: String::new(),
            store: String::new(),
            tasks: u32::try_from(self.core.n_tasks()).unwrap_or(u32::MAX),
            packages: u32::try_from(self.core.packages().count()).unwrap_or(u32::MAX),
            store_problem: String::new(),
        }
    }

    fn answered<B: Serialize + DynamicType>(
        &self,
        id: PeerId,
        call: &Message,
        body: &B,
    ) -> Result<(), Refused> {
        self.send(id, Message::method_return(&call.header()).build(body));
        Ok(())
    }

    /// Sends a message. If it cannot be written, its receiver times out and reports that.
    fn send(&self, id: PeerId, message: zbus::Result<Message>) {
        if let (Some(peer), Ok(message)) = (self.peers.get(&id), message) {
            peer.send(message);
        }
    }
}
