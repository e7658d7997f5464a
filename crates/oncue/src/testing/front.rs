//! What the programs of a test send to its broker, over the wire as usual.

use oncue_core::{Event, FamilyName, InstanceId, ServerId, TaskId};
use oncue_wire::features::features;
use oncue_wire::hear::{Calling, Reported, Requested, wants_answer};
use oncue_wire::{
    Ask, BrokerInfo, Call, Caller, Code, Entry, Identity, Member as _, Method, Origin, PackageInfo, Refused,
    StartedBy, TaskInfo, Watched, ask, convert, say,
};
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

    fn hear(&mut self, id: PeerId, message: &Message) -> Result<(), Refused> {
        let header = message.header();
        let member = header.member().map_or("", |member| member.as_str());
        let method = Method::named(member).ok_or_else(|| not_played(member))?;
        self.caller(id).may_call(method)?;
        self.hear_call(id, message, Call::read(method, message)?)
    }

    /// Handles a call; one row of the interface's table, one arm.
    fn hear_call(&mut self, id: PeerId, message: &Message, call: Call) -> Result<(), Refused> {
        match call {
            Call::Hello(_) => self.answered::<ask::Hello>(id, message, &env!("CARGO_PKG_VERSION").to_owned()),
            Call::Identity(ask::Identity) => self.answered::<ask::Identity>(id, message, &self.identity(id)?),
            Call::Register(call) => self.request(id, message, call),
            Call::Unregister(call) => self.request(id, message, call),
            Call::Tasks(call) => self.answered::<ask::Tasks>(id, message, &self.tasks(id, &call)?),
            Call::Find(call) => self.answered::<ask::Find>(id, message, &self.find(id, &call.named)),
            Call::Fire(call) => self.request(id, message, call),
            Call::Cancel(call) => self.request(id, message, call),
            Call::Release(call) => self.request(id, message, call),
            Call::Pause(call) => self.request(id, message, call),
            Call::Resume(call) => self.request(id, message, call),
            Call::Request(call) => self.request(id, message, call),
            Call::Signal(call) => self.request(id, message, call),
            Call::Pin(call) => self.request(id, message, call),
            Call::History(call) => {
                let entries = self.history(id, (&call.task_id, &call.package, ""), call.most)?;
                self.answered::<ask::History>(id, message, &entries)
            }
            Call::HistoryBefore(call) => {
                let of = (&*call.task_id, &*call.package, &*call.instance_id);
                let entries = self.history(id, of, call.most)?;
                self.answered::<ask::HistoryBefore>(id, message, &entries)
            }
            Call::Watch(call) => self.watch(id, message, call.whose),
            Call::SetAccess(call) => self.request(id, message, call),
            Call::Packages(ask::Packages) => {
                self.answered::<ask::Packages>(id, message, &self.packages(&self.caller(id)))
            }
            Call::Facts(ask::Facts) => {
                self.answered::<ask::Facts>(id, message, &convert::facts(self.core.facts()))
            }
            Call::About(ask::About) => self.answered::<ask::About>(id, message, &self.about()),
            Call::RegisterClass(call) => self.request(id, message, call),
            Call::RegisterClassSuspended(call) => self.request(id, message, call),
            Call::ResumeClasses(call) => self.request(id, message, call),
            Call::RevokeClass(call) => self.request(id, message, call),
            Call::Entered(call) => self.report(id, message, call),
            Call::SetProgress(call) => self.report(id, message, call),
            Call::Completed(call) => self.report(id, message, call),
            Call::Leave(call) => self.request(id, message, call),
            Call::AddCommand(_) => Err(not_played(ask::AddCommand::NAME)),
            Call::CheckCommands(_) => Err(not_played(ask::CheckCommands::NAME)),
            Call::ChangeCommand(_) => Err(not_played(ask::ChangeCommand::NAME)),
            Call::ReportProgress(_) => Err(not_played(ask::ReportProgress::NAME)),
            Call::AddPackage(_) => Err(not_played(ask::AddPackage::NAME)),
            Call::RemovePackage(_) => Err(not_played(ask::RemovePackage::NAME)),
            Call::Stop(_) => Err(not_played(ask::Stop::NAME)),
        }
    }

    /// Passes a request to the core.
    fn request(&mut self, id: PeerId, message: &Message, call: impl Requested) -> Result<(), Refused> {
        let what = call.request(&mut Speaker { id, of: self })?;
        self.ask_for(id, message, what);
        Ok(())
    }

    /// Passes a task server's report about a run to the core.
    fn report<M: Reported<Answer = ()>>(
        &mut self,
        id: PeerId,
        message: &Message,
        call: M,
    ) -> Result<(), Refused> {
        let server = self.server_of(id);
        let (instance, report) = call.report()?;
        self.handle(Event::reported(server, instance, report));
        if wants_answer(message) { self.answered::<M>(id, message, &()) } else { Ok(()) }
    }

    fn watch(&mut self, id: PeerId, message: &Message, whose: Watched) -> Result<(), Refused> {
        self.may_see(id, whose)?;
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.watching = Some(whose);
        }
        self.answered::<ask::Watch>(id, message, &())
    }

    /// Returns the server that a connection is: the one that its process was started as, else one
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

    fn tasks(&self, id: PeerId, call: &ask::Tasks) -> Result<Vec<TaskInfo>, Refused> {
        let caller = self.may_see(id, call.whose)?;
        let after = if call.after.is_empty() { None } else { Some(convert::task_id(&call.after)?) };
        let most = page(call.most);
        let all = self.core.task_ids(after);
        let own = all.filter(|task| self.core.package_of(*task).is_some_and(|of| caller.may_steer(of)));
        Ok(own.take(most).filter_map(|task| self.info(task)).collect())
    }

    fn find(&self, id: PeerId, named: &str) -> Vec<TaskInfo> {
        let caller = self.caller(id);
        let seen = |task: &TaskId| self.core.package_of(*task).is_some_and(|of| caller.may_steer(of));
        let found = self.core.find(named).into_iter().filter(seen);
        found.filter_map(|task| self.info(task)).collect()
    }

    /// Describes a task.
    pub(super) fn info(&self, task: TaskId) -> Option<TaskInfo> {
        self.core.view(self.now, task).map(convert::task)
    }

    /// The last entries of a task, a package or all; if an instance is given, those before it.
    fn history(
        &mut self,
        id: PeerId,
        (task, package, before): (&str, &str, &str),
        most: u32,
    ) -> Result<Vec<Entry>, Refused> {
        let caller = self.caller(id);
        let before =
            if before.is_empty() { None } else { Some(InstanceId(convert::guid("instance id", before)?)) };
        let task = if task.is_empty() { None } else { Some(convert::task_id(task)?) };
        let mut ledger = self.journal.ledger().iter().rev();
        if let Some(before) = before {
            ledger.find(|entry| entry.instance == before);
        }
        let seen = ledger
            .filter(|entry| caller.may_steer(&entry.package))
            .filter(|entry| task.is_none_or(|task| entry.task == task))
            .filter(|entry| package.is_empty() || entry.package.as_str() == package);
        Ok(seen.take(page(most)).map(convert::entry).collect())
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
            access: self.core.access(family).into(),
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
            access: self.core.access(&package.family).into(),
            origin: Origin::Added.into(),
            servers: Vec::new(),
            tasks: u32::try_from(self.core.n_tasks_of(&package.family)).unwrap_or(u32::MAX),
            problem: String::new(),
        });
        shown.collect()
    }

    fn about(&self) -> BrokerInfo {
        BrokerInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            features: features(),
            pid: std::process::id(),
            executable: "a test".into(),
            started_at: self.now.wall_at(oncue_core::Boot(0)),
            config: String::new(),
            store: String::new(),
            tasks: u32::try_from(self.core.n_tasks()).unwrap_or(u32::MAX),
            packages: u32::try_from(self.core.packages().count()).unwrap_or(u32::MAX),
            store_problem: String::new(),
            started_by: StartedBy::User.into(),
            all_paused: self.core.all_paused(self.now).map(convert::pause),
        }
    }

    fn answered<M: Ask<Answer: DynamicType>>(
        &self,
        id: PeerId,
        call: &Message,
        answer: &M::Answer,
    ) -> Result<(), Refused> {
        self.send(id, say::answered::<M>(call, answer));
        Ok(())
    }

    /// Sends a message. If it cannot be written, its receiver times out and reports that.
    fn send(&self, id: PeerId, message: zbus::Result<Message>) {
        if let (Some(peer), Ok(message)) = (self.peers.get(&id), message) {
            peer.send(message);
        }
    }
}

/// A connection and the world that handles its calls.
struct Speaker<'w> {
    id: PeerId,
    of: &'w mut World,
}

impl Calling for Speaker<'_> {
    fn caller(&mut self) -> Caller {
        self.of.caller(self.id)
    }

    fn server(&mut self) -> ServerId {
        self.of.server_of(self.id)
    }

    fn package_of(&self, task: TaskId) -> Option<&FamilyName> {
        self.of.core.package_of(task)
    }
}

/// Returns how many items are requested; 0 means as many as there are.
fn page(most: u32) -> usize {
    if most == 0 { PAGE } else { PAGE.min(most as usize) }
}

fn not_played(member: &str) -> Refused {
    let message = format!("the broker of a test does not know `{member}`");
    Refused::new(Code::UnknownMethod, message, "use the verbs of `TestBroker`")
}
