//! From the vocabulary to messages and back.

use std::str::FromStr;

use crate as wire;
use crate::{Code, GroupInfo, How, LastRun, Refused, RetryInfo, RunState, WaitingInfo, Word};
use oncue_types::{
    Activation, Blocker, Changes, FactKind, Facts, FireResult, Group, Guid, LedgerEntry, RegisterMode,
    RegisterResult, TaskId, TaskSpec, TaskView, Trigger, Watch,
};

/// Reads a task id.
pub fn task_id(text: &str) -> Result<TaskId, Refused> {
    guid("task id", text).map(TaskId)
}

/// Reads a GUID; `what` names it in the refusal.
pub fn guid(what: &str, text: &str) -> Result<Guid, Refused> {
    text.parse().map_err(|error| {
        Refused::new(Code::InvalidArgument, format!("{what} `{}`: {error}", short(text)), "pass a GUID")
    })
}

/// Shows what is to be registered; [`spec`] reads it.
#[must_use]
pub fn asked(spec: &TaskSpec, mode: RegisterMode) -> wire::TaskSpec {
    wire::TaskSpec {
        name: spec.name.as_ref().into(),
        group: spec.group.as_deref().cloned().map(group_shown),
        class_id: spec.class.to_string(),
        trigger: spec.trigger.to_string(),
        condition: spec.condition.as_ref().map(ToString::to_string).unwrap_or_default(),
        policy: spec.policy.as_ref().map(ToString::to_string).unwrap_or_default(),
        mode: mode.into(),
    }
}

/// Reads what is to be registered.
pub fn spec(asked: &wire::TaskSpec) -> Result<(TaskSpec, RegisterMode), Refused> {
    let mode = match &asked.mode {
        Word::Known(mode) => *mode,
        Word::Other(missing) if missing.is_empty() => RegisterMode::Always,
        Word::Other(other) => {
            let message = format!("unknown mode `{}`: the modes are always, keep and replace", short(other));
            return Err(Refused::new(Code::InvalidArgument, message, "choose one of them"));
        }
    };
    let trigger = text("trigger", &asked.trigger)?;
    check_rule(&trigger)?;
    let spec = TaskSpec {
        name: asked.name.as_str().into(),
        group: asked.group.as_ref().map(|group| Box::new(group_asked(group))),
        class: guid("class id", &asked.class_id)?,
        trigger,
        condition: optional("condition", &asked.condition)?.map(Box::new),
        policy: optional("policy", &asked.policy)?.map(Box::new),
    };
    Ok((spec, mode))
}

/// Refuses a match rule that no bus would take, or that a task may not wait for.
fn check_rule(trigger: &Trigger) -> Result<(), Refused> {
    if let Trigger::Watch(watch) = trigger
        && let Watch::Bus { rule, .. } = &**watch
    {
        wire::Rule::parse(rule).map_err(|error| {
            let message = format!("match rule `{}`: {error}", short(rule));
            Refused::new(Code::InvalidArgument, message, "fix the rule; see docs/triggers.md")
        })?;
    }
    Ok(())
}

fn optional<T: FromStr<Err: std::fmt::Display>>(what: &str, given: &str) -> Result<Option<T>, Refused> {
    if given.trim().is_empty() { Ok(None) } else { text(what, given).map(Some) }
}

fn text<T: FromStr<Err: std::fmt::Display>>(what: &str, given: &str) -> Result<T, Refused> {
    // Bounds the work of reading. Each form has a limit of its own, which is lower and says more.
    const LIMIT: usize = 16_384;
    if given.len() > LIMIT {
        let message = format!("the {what} is too long: {} bytes (limit: {LIMIT})", given.len());
        return Err(Refused::new(Code::InvalidArgument, message, "use a shorter one"));
    }
    given
        .parse()
        .map_err(|error| Refused::new(Code::InvalidArgument, format!("{what}: {error}"), form_of(what)))
}

/// Returns how to write a trigger, a condition or a policy.
fn form_of(what: &str) -> &'static str {
    match what {
        "trigger" => "write it as in docs/triggers.md, for example `every 15m` or `calendar Mon..Fri 9:00`",
        "condition" => "try it with `oncue doctor --when CONDITION`, for example `internet and ac`",
        _ => "write it as in docs/lifecycle.md, for example `missed=skip retry=linear:30s:5`",
    }
}

/// Shortens what a caller wrote, for a message.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.into(),
    }
}

fn group_asked(group: &GroupInfo) -> Group {
    Group { id: group.id.as_str().into(), name: group.name.as_str().into() }
}

fn group_shown(group: Group) -> GroupInfo {
    GroupInfo { id: group.id.as_ref().into(), name: group.name.as_ref().into() }
}

/// Shows a task.
pub fn task(view: TaskView) -> wire::TaskInfo {
    wire::TaskInfo {
        task_id: view.id.to_string(),
        name: view.name.as_ref().into(),
        package: view.package.as_str().into(),
        group: view.group.map(group_shown),
        class_id: view.class.to_string(),
        trigger: view.trigger.to_string(),
        condition: view.condition.as_ref().map(ToString::to_string).unwrap_or_default(),
        policy: view.policy.to_string(),
        state: view.state.into(),
        next_due: view.next_due.map(|due| due.0),
        blocked: blocked(&view.blockers),
        failing: failing(view.blockers),
        waiting: view.waiting.map(|firing| WaitingInfo { firings: firing.count, since: firing.at.0 }),
        trouble: view.trouble.unwrap_or_default(),
        held_since: view.held_since.map(|since| since.0),
        strikes: view.strikes,
        retry: view.retry.map(|(attempt, at)| RetryInfo { attempt, at: at.0 }),
        instance_id: view.instance.map(|instance| instance.to_string()),
        fired_at: view.fired_at.map(|at| at.0),
        started_at: view.started_at.map(|at| at.0),
        progress: view.progress,
        last: view.last.map(|last| LastRun {
            instance_id: last.instance.to_string(),
            outcome: last.outcome.into(),
            ended_at: last.ended_at.0,
        }),
        next_by: view.next_by.map(|by| by.0),
    }
}

/// Shows a ledger entry.
pub fn entry(entry: &LedgerEntry) -> wire::Entry {
    wire::Entry {
        instance_id: entry.instance.to_string(),
        task_id: entry.task.to_string(),
        name: entry.name.as_ref().into(),
        package: entry.package.as_str().into(),
        fired_at: entry.fired_at.0,
        started_at: entry.started_at.map(|at| at.0),
        ended_at: entry.ended_at.0,
        outcome: entry.outcome.into(),
        reason: entry.reason.map(Into::into),
        progress: entry.progress,
        firings: entry.firings,
        exit_status: entry.exit.map(|exit| exit.to_string()),
        message: entry.message.clone(),
    }
}

/// Shows a run to its server.
pub fn activation(activation: &Activation) -> wire::Activation {
    let details = activation.firing.details.as_ref();
    wire::Activation {
        instance_id: activation.instance.to_string(),
        task_id: activation.task.to_string(),
        name: activation.name.as_ref().into(),
        group: activation.group.clone().map(group_shown),
        class_id: activation.class.to_string(),
        trigger: activation.trigger.as_ref().map(ToString::to_string).unwrap_or_default(),
        fired_at: activation.firing.at.0,
        firings: activation.firing.count,
        details: details.map(|details| details.items.clone()).unwrap_or_default(),
        left_out: details.map_or(0, |details| details.left_out),
    }
}

/// Shows what firing did.
pub fn fired(task_id: String, result: FireResult) -> wire::Fired {
    let (state, instance_id, blockers) = match result {
        FireResult::Started(instance) => (RunState::Started, instance.to_string(), Vec::new()),
        FireResult::Held(blockers) => (RunState::Held, String::new(), blockers),
        FireResult::AfterThis(instance) => (RunState::AfterThis, instance.to_string(), Vec::new()),
    };
    wire::Fired {
        task_id,
        state: state.into(),
        instance_id,
        blocked: blocked(&blockers),
        failing: failing(blockers),
    }
}

/// The parts of a condition among what keeps a task from running.
fn failing(blockers: Vec<Blocker>) -> Vec<String> {
    let part = |blocker| if let Blocker::Condition(part) = blocker { Some(part.to_string()) } else { None };
    blockers.into_iter().filter_map(part).collect()
}

/// Everything else among it.
fn blocked(blockers: &[Blocker]) -> Vec<String> {
    let word = |blocker: &Blocker| match blocker {
        Blocker::Condition(_) => None,
        Blocker::Quarantined => Some("quarantined"),
        Blocker::Denied => Some("denied"),
        Blocker::EnergySaver => Some("energy_saver"),
        Blocker::MemoryShort => Some("memory_short"),
        Blocker::Shortage(_) => Some("shortage"),
        Blocker::OutOfReach(_) => Some("out_of_reach"),
        Blocker::Circling => Some("circling"),
        Blocker::Asleep => Some("asleep"),
        Blocker::SessionEnding => Some("session_ending"),
        Blocker::Stopping => Some("stopping"),
    };
    blockers.iter().filter_map(word).map(Into::into).collect()
}

/// Shows what registering did.
pub fn registered(task: TaskId, how: RegisterResult) -> wire::Registered {
    let (how, changes) = match how {
        RegisterResult::New => (How::New, Changes::default()),
        RegisterResult::Kept => (How::Kept, Changes::default()),
        RegisterResult::Replaced(changes) => (How::Replaced, changes),
    };
    let changed = changes.words().map(Into::into).collect();
    wire::Registered { task_id: task.to_string(), how: how.into(), changed }
}

/// Shows the facts.
pub fn facts(facts: &Facts) -> Vec<wire::FactInfo> {
    let pinned: Vec<FactKind> = facts.pinned().collect();
    FactKind::ALL
        .into_iter()
        .map(|kind| {
            let seen = facts.observation(kind);
            wire::FactInfo {
                name: kind.name().into(),
                value: seen.and_then(|seen| seen.value).map(|value| value.to_string()),
                counts_as: facts.reading(kind).to_string(),
                pinned: pinned.contains(&kind),
                source: seen.map(|seen| seen.source.clone()).unwrap_or_default(),
                since: seen.map(|seen| seen.since.0),
                why: seen.map_or_else(|| "no source has reported yet".into(), |seen| seen.why.clone()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_passes_every_limit() {
        let path = format!("/{}", "ü".repeat(2_047));
        assert_eq!(path.len(), 4_095, "PATH_MAX, less the NUL");
        let trigger = format!("tree {path}");
        let class_id = "14C5882B-35D3-41BE-86B2-5106269B97E6".to_owned();
        let asked = wire::TaskSpec {
            class_id,
            trigger: trigger.clone(),
            mode: RegisterMode::Always.into(),
            ..Default::default()
        };
        assert_eq!(spec(&asked).unwrap().0.trigger.to_string(), trigger);
    }
}
