//! Looking ahead in a client: what the broker has told about its tasks becomes a second broker, which starts
//! nothing and whose clock does not wait. See decision 32 in `docs/adr`.

use oncue_core::{
    Access, Action, Blocker, Boot, Broker, Cause, Command, Due, ExeServer, FactKind, Facts, FamilyName,
    Firing, Moment, Package, PauseScope, Settings, Stamp, Steady, Stored, StoredHealth, StoredPause,
    StoredTask, TaskId, TaskSpec, Trigger, Wall, When, ahead,
};
use oncue_wire::{FactInfo, PackageInfo, PauseInfo, TaskInfo, Word};

use crate::calendar::Zones;

pub use oncue_core::ahead::{Alive, Behind, Clash, Coming, ComingRun, Horizon, Outlook, Present, Wait};

/// The present state of a broker, from its answers.
#[derive(Debug)]
pub struct Shown<'a> {
    /// Its tasks, ordered by id.
    pub tasks: &'a [TaskInfo],
    /// Its packages.
    pub packages: &'a [PackageInfo],
    /// The facts.
    pub facts: &'a [FactInfo],
    /// The pause of all tasks.
    pub all_paused: Option<PauseInfo>,
    /// Its settings.
    pub settings: Settings,
}

impl Shown<'_> {
    /// Plays what the broker will do from `now` on. `usual` returns how long a run of a task usually takes.
    ///
    /// A task of a newer broker that this version does not understand is left out; see [`is_understood`].
    #[must_use]
    pub fn look_ahead(
        &self,
        now: Wall,
        horizon: Horizon,
        usual: impl FnMut(TaskId) -> Option<std::time::Duration>,
    ) -> Outlook {
        let facts = facts(self.facts);
        let present = self.present(&facts);
        // Nobody counts on this broker, so it neither starts at log-in nor leaves.
        let settings = Settings { starts_at_log_in: false, leaves: false, ..self.settings.clone() };
        let broker = Broker::new(settings, 0, 0).with_calendar(Zones::alone()).with_facts(facts);
        // Deadlines are told by the wall clock, so the other clocks show the same here.
        let now = Moment { wall: now, boot: Boot(now.0) };
        ahead::look_ahead(broker, now, present, horizon, usual)
    }

    fn present(&self, facts: &Facts) -> Present {
        let pauses =
            self.tasks.iter().filter_map(|task| Some((PauseScope::Task(task.task_id), task.paused?)));
        let pauses = self.all_paused.map(|pause| (PauseScope::All, pause)).into_iter().chain(pauses);
        let stored = Stored {
            packages: sorted(self.packages.iter().map(package).collect(), |package| package.family.clone()),
            access: sorted(self.access(facts), |(family, _)| family.clone()),
            tasks: self.tasks.iter().filter_map(stored_task).collect(),
            pauses: pauses.map(|(scope, pause)| (scope, stored_pause(pause))).collect(),
            ..Stored::default()
        };
        Present { stored, running: self.tasks.iter().filter_map(alive).collect() }
    }

    /// Returns what packages may do. No package is listed for commands, so their tasks have to show it.
    fn access(&self, facts: &Facts) -> Vec<(FamilyName, Access)> {
        let of_package =
            |package: &PackageInfo| Some((FamilyName::new(&package.family_name), *package.access.known()?));
        let mut access: Vec<_> = self.packages.iter().filter_map(of_package).collect();
        let command = self.tasks.iter().find(|task| task.package == FamilyName::COMMANDS);
        let is_blocked = |by: Blocker| command.is_some_and(|task| task.blocked.contains(&Word::Known(by)));
        if is_blocked(Blocker::Denied) {
            access.push((FamilyName::commands(), Access::Denied));
        } else if facts.holds(FactKind::EnergySaver) && !is_blocked(Blocker::EnergySaver) {
            access.push((FamilyName::commands(), Access::Always));
        }
        access
    }
}

/// Returns whether this version understands all that decides when the task runs.
#[must_use]
pub fn is_understood(task: &TaskInfo) -> bool {
    spec(task).is_some()
}

fn sorted<T, K: Ord>(mut all: Vec<T>, by: impl FnMut(&T) -> K) -> Vec<T> {
    all.sort_by_key(by);
    all
}

fn facts(shown: &[FactInfo]) -> Facts {
    let known = |fact: &FactInfo| Some((*fact.name.known()?, *fact.value.as_ref()?.known()?));
    shown.iter().filter_map(known).collect()
}

fn package(shown: &PackageInfo) -> Package {
    let server = |server: &oncue_wire::ServerInfo| ExeServer {
        classes: server.classes.iter().map(|class| class.class_id).collect(),
        command: String::new(),
    };
    Package {
        family: FamilyName::new(&shown.family_name),
        full_name: shown.full_name.clone(),
        display_name: String::new(),
        version: Default::default(),
        location: String::new(),
        servers: shown.servers.iter().map(server).collect(),
    }
}

fn stored_task(shown: &TaskInfo) -> Option<StoredTask> {
    let spec = spec(shown)?;
    let by_time = |trigger: &Trigger| trigger.period().is_some() || trigger.schedule().is_some();
    let next_due = match shown.next_due {
        Some(at) => Due::At(stamp(at)),
        None if spec.live_trigger().is_some_and(by_time) => Due::Never,
        None => Due::OnEvent,
    };
    let held = shown.waiting.map(|waiting| Firing {
        count: waiting.firings.max(1),
        ..Firing::once(waiting.since, Cause::Trigger)
    });
    Some(StoredTask {
        id: shown.task_id,
        package: FamilyName::new(&shown.package),
        spec,
        next_due,
        held,
        held_since: shown.held_since.map(stamp),
        last: None,
        health: StoredHealth {
            strikes: shown.strikes,
            attempt: shown.retry.map_or(0, |retry| retry.attempt),
            retry_at: shown.retry.map(|retry| stamp(retry.at)),
        },
    })
}

/// Returns the task's specification, without what only matters to its process.
fn spec(shown: &TaskInfo) -> Option<TaskSpec> {
    let action = match &shown.command {
        Some(_) => Action::Command(Command::new("", "/").into()),
        None => Action::Class(shown.class_id),
    };
    Some(TaskSpec {
        name: shown.name.as_str().into(),
        group: None,
        action,
        trigger: shown.trigger.known()?.clone(),
        condition: understood(shown.condition.as_ref())?,
        policy: understood(shown.policy.as_ref())?,
    })
}

/// Returns an optional field, or `None` if it is from a newer version.
fn understood<T: Clone>(shown: Option<&Word<T>>) -> Option<Option<Box<T>>> {
    match shown {
        None => Some(None),
        Some(word) => word.known().map(|value| Some(Box::new(value.clone()))),
    }
}

fn alive(shown: &TaskInfo) -> Option<Alive> {
    shown.instance_id?;
    let firing = Firing::once(shown.fired_at?, Cause::Trigger);
    Some(Alive { task: shown.task_id, firing, entered: shown.started_at })
}

fn stored_pause(shown: PauseInfo) -> StoredPause {
    StoredPause { since: stamp(shown.since), until: shown.until.map(|until| When::Schedule(stamp(until))) }
}

fn stamp(at: Wall) -> Stamp {
    Stamp { wall: at, steady: Steady(at.0) }
}

#[cfg(test)]
mod tests;
