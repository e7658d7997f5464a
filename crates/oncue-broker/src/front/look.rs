//! What can be looked at: tasks, history, facts, the broker itself.

use oncue_core::{FamilyName, InstanceId, TaskId, Wall};
use oncue_wire::hear::body;
use oncue_wire::interface::Method;
use oncue_wire::{BrokerInfo, Code, Refused, Watched, convert, limits};
use zbus::Message;

use super::PeerId;
use super::hear::{Heard, answered};
use crate::errand::HANGS;
use crate::event_loop::Loop;
use crate::recorder::Wanted;
use crate::store::{Before, Of};

/// The most tasks or entries that one answer holds.
const PAGE: usize = 2_000;

impl Loop {
    pub(super) fn look(&mut self, id: PeerId, method: Method, message: &Message) -> Result<Heard, Refused> {
        self.watches.try_again();
        match method {
            Method::Identity => answered(message, &self.identity(id)?),
            Method::Tasks => {
                let (whose, after, most): (Watched, String, u32) = body(message)?;
                Ok(Heard::Listed(self.tasks(id, whose, &after, most as usize)?))
            }
            Method::Find => {
                let named: String = body(message)?;
                Ok(Heard::Listed(self.find(id, &named)))
            }
            Method::History => {
                let (task, package, most): (String, String, u32) = body(message)?;
                self.history(id, message, (&task, &package), None, most as usize)
            }
            Method::HistoryBefore => {
                let (task, package, ended_at, instance, most): (String, String, i64, String, u32) =
                    body(message)?;
                let instance = convert::guid("instance id", &instance).map(InstanceId)?;
                let before = Before { ended_at: Wall(ended_at), instance };
                self.history(id, message, (&task, &package), Some(before), most as usize)
            }
            Method::Watch => {
                let whose: Watched = body(message)?;
                self.may_see(id, whose)?;
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.watching = Some(whose);
                }
                answered(message, &())
            }
            Method::Packages => Ok(self.list_packages(id, message)),
            Method::Facts => answered(message, &convert::facts(self.core.facts())),
            _ => answered(message, &self.about()),
        }
    }

    fn may_see(&mut self, id: PeerId, whose: Watched) -> Result<Option<FamilyName>, Refused> {
        let caller = self.caller(id);
        match whose {
            Watched::Own => caller.package().map(|family| Some(family.clone())),
            Watched::All => caller.must_be_tool("see other packages' tasks").map(|()| None),
        }
    }

    fn tasks(
        &mut self,
        id: PeerId,
        whose: Watched,
        after: &str,
        most: usize,
    ) -> Result<Vec<TaskId>, Refused> {
        let of = self.may_see(id, whose)?;
        let after = if after.is_empty() { None } else { Some(convert::task_id(after)?) };
        let most = if most == 0 { PAGE } else { most.min(PAGE) };
        Ok(match &of {
            None => self.core.task_ids(after).take(most).collect(),
            Some(package) => {
                let mut own: Vec<TaskId> =
                    self.core.tasks_of(package).filter(|task| Some(*task) > after).collect();
                own.sort_unstable();
                own.truncate(most);
                own
            }
        })
    }

    fn find(&mut self, id: PeerId, named: &str) -> Vec<TaskId> {
        let caller = self.caller(id);
        let mut found = self.core.find(named);
        found.retain(|task| self.core.package_of(*task).is_some_and(|package| caller.may_steer(package)));
        found.truncate(PAGE);
        found
    }

    /// The ledger is the recorder's: the answer comes when it has read.
    fn history(
        &mut self,
        id: PeerId,
        message: &Message,
        (task, package): (&str, &str),
        before: Option<Before>,
        most: usize,
    ) -> Result<Heard, Refused> {
        let of = match (task, package) {
            ("", "") => self.caller(id).package().map_or(Of::All, |own| Of::Package(own.clone())),
            ("", family) => Of::Package(FamilyName::new(family)),
            (task, _) => Of::Task(convert::task_id(task)?),
        };
        if self.promises.is_silent() {
            let why = self.core.unwritable().unwrap_or("the store does not answer");
            return Err(Refused::new(Code::Fault, format!("the history cannot be read: {why}"), HANGS));
        }
        let request = self.question(id, message);
        let most = if most == 0 { PAGE } else { most.min(PAGE) };
        let wanted = Wanted { before, most, bytes: limits::ANSWER };
        let ordered = self.promises.recorder.read(request, of, wanted);
        ordered.map_err(|gone| {
            Refused::new(
                Code::Fault,
                gone.to_string(),
                "see the broker's log; `oncue doctor` shows where it is",
            )
        })?;
        Ok(Heard::Asked(request))
    }

    fn about(&self) -> BrokerInfo {
        let executable = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
        BrokerInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            executable,
            started_at: self.started_at.0,
            config: self.place.config.join("config.toml").display().to_string(),
            store: self.place.state.join("store.db").display().to_string(),
            tasks: u32::try_from(self.core.n_tasks()).unwrap_or(u32::MAX),
            packages: u32::try_from(self.core.packages().count()).unwrap_or(u32::MAX),
            store_problem: self.core.unwritable().unwrap_or_default().into(),
        }
    }
}
