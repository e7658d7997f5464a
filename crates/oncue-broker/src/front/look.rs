//! What clients can look at: tasks, the ledger, and the broker itself.

use oncue_core::{Broker, FamilyName, InstanceId, LedgerEntry, Moment, Proposal, TaskId, Wall};
use oncue_wire::features::features;
use oncue_wire::{
    BrokerInfo, Caller, Code, CommandChange, Entry, Place, Refused, RefusedChange, StartedBy, Watched, ask,
    convert, limits,
};

use crate::clock;
use crate::recorder::Wanted;
use crate::store::{Before, Of};

/// The most tasks or entries that one answer holds.
const PAGE: usize = 2_000;

/// Returns the package whose tasks a caller may see; `None` means all packages.
///
/// # Errors
/// Returns an error if the caller may not see them.
pub(crate) fn may_see(caller: &Caller, whose: Watched) -> Result<Option<&FamilyName>, Refused> {
    match whose {
        Watched::Own => caller.package().map(Some),
        Watched::All => caller.must_be_tool("see other packages' tasks").map(|()| None),
    }
}

/// Returns the tasks of one page, ordered by id.
pub(crate) fn tasks(caller: &Caller, call: &ask::Tasks, core: &Broker) -> Result<Vec<TaskId>, Refused> {
    let of = may_see(caller, call.whose)?;
    let after = if call.after.is_empty() { None } else { Some(convert::task_id(&call.after)?) };
    let most = page(call.most);
    Ok(match of {
        None => core.task_ids(after).take(most).collect(),
        Some(package) => {
            let mut own: Vec<TaskId> = core.tasks_of(package).filter(|task| Some(*task) > after).collect();
            own.sort_unstable();
            own.truncate(most);
            own
        }
    })
}

/// Returns the tasks that match a name, as far as the caller may see them.
pub(crate) fn find(caller: &Caller, named: &str, core: &Broker) -> Vec<TaskId> {
    let mut found = core.find(named);
    found.retain(|task| core.package_of(*task).is_some_and(|package| caller.may_steer(package)));
    found.truncate(PAGE);
    found
}

/// Checks changes of commands, and returns those that would be refused.
///
/// # Errors
/// Returns an error if there are too many changes.
pub(crate) fn check(
    core: &Broker,
    now: Moment,
    call: &ask::CheckCommands,
) -> Result<Vec<RefusedChange>, Refused> {
    let (count, limit) = (call.changes.len(), limits::CHANGES);
    if count > limit {
        let message = format!("{count} changes are too many (limit: {limit})");
        return Err(Refused::new(Code::NotEnoughQuota, message, "check fewer at a time"));
    }
    let read: Vec<Result<Proposal, Refused>> = call.changes.iter().map(proposal).collect();
    let proposals: Vec<Proposal> = read.iter().flatten().cloned().collect();
    let mut rehearsed = core.rehearse(now, &proposals).into_iter();
    let mut refused = Vec::new();
    for (place, read) in (0..).zip(read) {
        let result = read.and_then(|_| rehearsed.next().unwrap_or(Ok(())).map_err(Refused::from));
        if let Err(Refused { code, message, way_out }) = result {
            refused.push(RefusedChange { place, error: code.name().into(), message, way_out });
        }
    }
    Ok(refused)
}

fn proposal(change: &CommandChange) -> Result<Proposal, Refused> {
    let (spec, mode) = change.task.spec()?;
    let task = match change.task_id.as_str() {
        "" => None,
        id => Some(convert::task_id(id)?),
    };
    Ok(Proposal { task, spec, mode })
}

/// Returns which entries of the ledger are requested.
pub(crate) fn history(caller: &Caller, call: &ask::History) -> Result<(Of, Wanted), Refused> {
    Ok((entries_of(caller, &call.task_id, &call.package)?, wanted(None, call.most)))
}

/// Returns which entries of the ledger are requested, after a previous page.
pub(crate) fn history_before(caller: &Caller, call: &ask::HistoryBefore) -> Result<(Of, Wanted), Refused> {
    let instance = convert::guid("instance id", &call.instance_id).map(InstanceId)?;
    let of = entries_of(caller, &call.task_id, &call.package)?;
    Ok((of, wanted(Some(Before { ended_at: Wall(call.ended_at), instance }), call.most)))
}

fn entries_of(caller: &Caller, task: &str, package: &str) -> Result<Of, Refused> {
    Ok(match (task, package) {
        ("", "") => caller.package().map_or(Of::All, |own| Of::Package(own.clone())),
        ("", family) => Of::Package(FamilyName::new(family)),
        (task, _) => Of::Task(convert::task_id(task)?),
    })
}

fn wanted(before: Option<Before>, most: u32) -> Wanted {
    Wanted { before, most: page(most), bytes: limits::ANSWER }
}

/// Shows entries of the ledger; an app does not see the runs of others.
pub(crate) fn entries(entries: &[LedgerEntry], caller: &Caller) -> Vec<Entry> {
    entries.iter().filter(|entry| caller.may_steer(&entry.package)).map(convert::entry).collect()
}

/// Describes the broker.
pub(crate) fn about(core: &Broker, place: &Place, (started, started_at): (StartedBy, Wall)) -> BrokerInfo {
    let executable = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
    BrokerInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        features: features(),
        pid: std::process::id(),
        executable,
        started_at,
        config: place.config.join("config.toml").display().to_string(),
        store: place.state.join("store.db").display().to_string(),
        tasks: u32::try_from(core.n_tasks()).unwrap_or(u32::MAX),
        packages: u32::try_from(core.packages().count()).unwrap_or(u32::MAX),
        store_problem: core.unwritable().unwrap_or_default().into(),
        started_by: started.into(),
        all_paused: core.all_paused(clock::now()).map(convert::pause),
    }
}

/// Returns how many items are requested; 0 means as many as one answer holds.
fn page(most: u32) -> usize {
    if most == 0 { PAGE } else { PAGE.min(most as usize) }
}
