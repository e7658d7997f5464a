//! Converts between the vocabulary and messages.

use std::str::FromStr;

use crate as wire;
use crate::{
    Code, CommandInfo, GroupInfo, How, LastRun, PauseInfo, Refused, RetryInfo, RunState, WaitingInfo, Word,
};
use oncue_types::{
    Activation, Changes, Condition, FactKind, Facts, FireResult, Group, Guid, LedgerEntry, Pause, Policy,
    RegisterMode, RegisterResult, TaskId, TaskSpec, TaskView, Trigger, Watch,
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

/// Writes what to register; [`spec`] reads it.
#[must_use]
pub fn asked(spec: &TaskSpec, mode: RegisterMode) -> wire::TaskSpec {
    wire::TaskSpec {
        name: spec.name.as_ref().into(),
        group: spec.group.as_deref().cloned().map(group_shown),
        class_id: spec.action.class().map(Word::Known).unwrap_or_default(),
        trigger: spec.trigger.clone().into(),
        condition: spec.condition.as_deref().cloned().map(Word::Known),
        policy: spec.policy.as_deref().cloned().map(Word::Known),
        mode: mode.into(),
    }
}

/// Reads what to register.
pub fn spec(asked: &wire::TaskSpec) -> Result<(TaskSpec, RegisterMode), Refused> {
    let mode = mode(&asked.mode, RegisterMode::Always)?;
    let trigger = understood("trigger", &asked.trigger)?;
    check_rule(&trigger)?;
    let class = match &asked.class_id {
        Word::Known(class) => *class,
        Word::Other(text) => guid("class id", text)?,
    };
    let spec = TaskSpec {
        name: asked.name.as_str().into(),
        group: asked.group.as_ref().map(|group| Box::new(group_asked(group))),
        action: class.into(),
        trigger,
        condition: optional::<Condition>("condition", asked.condition.as_ref())?,
        policy: optional::<Policy>("policy", asked.policy.as_ref())?,
    };
    Ok((spec, mode))
}

/// Reads what to do about a task of the same name.
pub(crate) fn mode(asked: &Word<RegisterMode>, missing: RegisterMode) -> Result<RegisterMode, Refused> {
    match asked {
        Word::Known(mode) => Ok(*mode),
        Word::Other(text) if text.is_empty() => Ok(missing),
        Word::Other(other) => {
            let modes = RegisterMode::ALL.map(RegisterMode::name).join(", ");
            let message = format!("unknown mode `{}`: the modes are {modes}", short(other));
            Err(Refused::new(Code::InvalidArgument, message, "choose one of them"))
        }
    }
}

/// Refuses a match rule that a bus would not accept, or that a task may not wait for.
pub(crate) fn check_rule(trigger: &Trigger) -> Result<(), Refused> {
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

/// Returns the value of an optional field.
pub(crate) fn optional<T>(what: &str, given: Option<&Word<T>>) -> Result<Option<Box<T>>, Refused>
where
    T: Clone + FromStr<Err: std::fmt::Display>,
{
    match given {
        None => Ok(None),
        Some(Word::Other(text)) if text.trim().is_empty() => Ok(None),
        Some(given) => understood(what, given).map(|value| Some(Box::new(value))),
    }
}

/// Returns the value of a field, or refuses a text that this version cannot parse, with the reason.
pub(crate) fn understood<T>(what: &str, given: &Word<T>) -> Result<T, Refused>
where
    T: Clone + FromStr<Err: std::fmt::Display>,
{
    // Limits the text in the refusal. Each form has a limit of its own, which is lower and says more.
    const LIMIT: usize = 16_384;
    let text = match given {
        Word::Known(value) => return Ok(value.clone()),
        Word::Other(text) => text,
    };
    if text.len() > LIMIT {
        let message = format!("the {what} is too long: {} bytes (limit: {LIMIT})", text.len());
        return Err(Refused::new(Code::InvalidArgument, message, "use a shorter one"));
    }
    text.parse()
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

/// Shortens a caller's text for an error message.
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

/// Writes a task.
pub fn task(view: TaskView) -> wire::TaskInfo {
    wire::TaskInfo {
        task_id: view.id,
        name: view.name.as_ref().into(),
        package: view.package.as_str().into(),
        group: view.group.map(group_shown),
        class_id: view.action.class().unwrap_or_default(),
        command: view.action.command().map(|command| CommandInfo::of(command)),
        trigger: view.trigger.into(),
        condition: view.condition.map(Word::Known),
        policy: Some(view.policy).filter(|policy| *policy != Policy::default()).map(Word::Known),
        state: view.state.into(),
        next_due: view.next_due,
        next_by: view.next_by,
        failing: words(view.failing),
        blocked: words(view.blocked),
        paused: view.paused.map(pause),
        all_paused: view.all_paused.map(pause),
        waiting: view.waiting.map(|firing| WaitingInfo { firings: firing.count, since: firing.at }),
        trouble: view.trouble.unwrap_or_default(),
        held_since: view.held_since,
        strikes: view.strikes,
        retry: view.retry.map(|(attempt, at)| RetryInfo { attempt, at }),
        instance_id: view.instance,
        fired_at: view.fired_at,
        started_at: view.started_at,
        progress: view.progress,
        note: view.note.as_deref().unwrap_or_default().into(),
        last: view.last.map(|last| LastRun {
            instance_id: last.instance,
            outcome: last.outcome.into(),
            ended_at: last.ended_at,
        }),
    }
}

/// Writes a pause.
#[must_use]
pub fn pause(Pause { since, until }: Pause) -> PauseInfo {
    PauseInfo { since, until }
}

/// Writes an entry of the ledger.
pub fn entry(entry: &LedgerEntry) -> wire::Entry {
    wire::Entry {
        instance_id: entry.instance,
        task_id: entry.task,
        name: entry.name.as_ref().into(),
        package: entry.package.as_str().into(),
        fired_at: entry.fired_at,
        started_at: entry.started_at,
        ended_at: entry.ended_at,
        outcome: entry.outcome.into(),
        reason: entry.reason.map(Into::into),
        progress: entry.progress,
        firings: entry.firings,
        exit_status: entry.exit.map(Word::Known),
        message: entry.message.clone(),
    }
}

/// Writes a run for its server.
pub fn activation(class: Guid, activation: &Activation) -> wire::Activation {
    let details = activation.firing.details.as_ref();
    wire::Activation {
        instance_id: activation.instance,
        task_id: activation.task,
        name: activation.name.as_ref().into(),
        group: activation.group.clone().map(group_shown),
        class_id: class,
        trigger: activation.trigger.clone().map(Word::Known),
        fired_at: activation.firing.at,
        firings: activation.firing.count,
        details: details.map(|details| details.items.clone()).unwrap_or_default(),
        left_out: details.map_or(0, |details| details.left_out),
    }
}

/// Writes the result of firing a task.
pub fn fired(task_id: TaskId, result: FireResult) -> wire::Fired {
    let (state, instance_id, failing, blocked) = match result {
        FireResult::Started(instance) => (RunState::Started, Some(instance), Vec::new(), Vec::new()),
        FireResult::Held { failing, blocked } => (RunState::Held, None, failing, blocked),
        FireResult::AfterThis(instance) => (RunState::AfterThis, Some(instance), Vec::new(), Vec::new()),
    };
    let (failing, blocked) = (words(failing), words(blocked));
    wire::Fired { task_id, state: state.into(), instance_id, failing, blocked }
}

fn words<T>(values: Vec<T>) -> Vec<Word<T>> {
    values.into_iter().map(Word::Known).collect()
}

/// Writes the result of a registration.
pub fn registered(task: TaskId, how: RegisterResult) -> wire::Registered {
    let (how, changes) = match how {
        RegisterResult::New => (How::New, Changes::default()),
        RegisterResult::Kept => (How::Kept, Changes::default()),
        RegisterResult::Replaced(changes) => (How::Replaced, changes),
    };
    let changed = changes.words().map(Into::into).collect();
    wire::Registered { task_id: task, how: how.into(), changed }
}

/// Writes the facts.
pub fn facts(facts: &Facts) -> Vec<wire::FactInfo> {
    let pinned: Vec<FactKind> = facts.pinned().collect();
    FactKind::ALL
        .into_iter()
        .map(|kind| {
            let seen = facts.observation(kind);
            wire::FactInfo {
                name: kind.into(),
                value: seen.and_then(|seen| seen.value).map(Word::Known),
                counts_as: facts.reading(kind).into(),
                pinned: pinned.contains(&kind),
                source: seen.map(|seen| seen.source.clone()).unwrap_or_default(),
                since: seen.map(|seen| seen.since),
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
        let asked = wire::TaskSpec {
            class_id: Guid::from_u128(1).into(),
            trigger: Word::read(&trigger),
            mode: RegisterMode::Always.into(),
            ..Default::default()
        };
        assert_eq!(spec(&asked).unwrap().0.trigger.to_string(), trigger);
    }
}
