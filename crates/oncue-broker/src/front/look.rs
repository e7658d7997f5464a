//! What can be looked at: tasks, history, facts, the broker itself.

use oncue_core::{FamilyName, InstanceId, TaskId, Wall};
use oncue_wire::features::features;
use oncue_wire::{BrokerInfo, Code, Refused, Watched, ask, convert, limits};
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
    pub(super) fn watch(&mut self, id: PeerId, message: &Message, whose: Watched) -> Result<Heard, Refused> {
        self.may_see(id, whose)?;
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.watching = Some(whose);
        }
        answered::<ask::Watch>(message, &())
    }

    fn may_see(&mut self, id: PeerId, whose: Watched) -> Result<Option<FamilyName>, Refused> {
        let caller = self.caller(id);
        match whose {
            Watched::Own => caller.package().map(|family| Some(family.clone())),
            Watched::All => caller.must_be_tool("see other packages' tasks").map(|()| None),
        }
    }

    pub(super) fn tasks(&mut self, id: PeerId, call: &ask::Tasks) -> Result<Vec<TaskId>, Refused> {
        let of = self.may_see(id, call.whose)?;
        let after = if call.after.is_empty() { None } else { Some(convert::task_id(&call.after)?) };
        let most = page(call.most);
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

    pub(super) fn find(&mut self, id: PeerId, named: &str) -> Vec<TaskId> {
        let caller = self.caller(id);
        let mut found = self.core.find(named);
        found.retain(|task| self.core.package_of(*task).is_some_and(|package| caller.may_steer(package)));
        found.truncate(PAGE);
        found
    }

    pub(super) fn history(
        &mut self,
        id: PeerId,
        message: &Message,
        call: &ask::History,
    ) -> Result<Heard, Refused> {
        let of = self.entries_of(id, &call.task_id, &call.package)?;
        self.read_ledger(id, message, of, None, call.most)
    }

    pub(super) fn history_before(
        &mut self,
        id: PeerId,
        message: &Message,
        call: &ask::HistoryBefore,
    ) -> Result<Heard, Refused> {
        let instance = convert::guid("instance id", &call.instance_id).map(InstanceId)?;
        let of = self.entries_of(id, &call.task_id, &call.package)?;
        let before = Before { ended_at: Wall(call.ended_at), instance };
        self.read_ledger(id, message, of, Some(before), call.most)
    }

    fn entries_of(&mut self, id: PeerId, task: &str, package: &str) -> Result<Of, Refused> {
        Ok(match (task, package) {
            ("", "") => self.caller(id).package().map_or(Of::All, |own| Of::Package(own.clone())),
            ("", family) => Of::Package(FamilyName::new(family)),
            (task, _) => Of::Task(convert::task_id(task)?),
        })
    }

    /// The ledger is the recorder's: the answer comes when it has read.
    fn read_ledger(
        &mut self,
        id: PeerId,
        message: &Message,
        of: Of,
        before: Option<Before>,
        most: u32,
    ) -> Result<Heard, Refused> {
        if self.promises.is_silent() {
            let why = self.core.unwritable().unwrap_or("the store does not answer");
            return Err(Refused::new(Code::Fault, format!("the history cannot be read: {why}"), HANGS));
        }
        let request = self.question(id, message);
        let wanted = Wanted { before, most: page(most), bytes: limits::ANSWER };
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

    pub(super) fn about(&self) -> BrokerInfo {
        let executable = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
        BrokerInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            features: features(),
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

/// Returns how many items are requested; 0 means as many as there are.
fn page(most: u32) -> usize {
    if most == 0 { PAGE } else { PAGE.min(most as usize) }
}
