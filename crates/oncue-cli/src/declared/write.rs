//! Writes a task in the form that files have.

use std::time::Duration;

use oncue::tools::CommandSpec;
use oncue_types::{
    Bus, Command, HoldEnd, HoldLimit, Missed, Policy, Priority, Statuses, Trigger, Watch, show_span,
};

use super::text::{key, list, text};
use crate::flags::command::PATH;

/// A key of a task with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The key; that of a variable is `env.NAME`.
    pub(crate) key: String,
    /// The value, as TOML.
    pub(crate) value: String,
    /// Whether the value may be secret.
    pub(crate) is_secret: bool,
}

/// Whether values that may be secret are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Hidden,
    Written,
}

/// Why a task cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("task `{name}` cannot be written to a file: {why}")]
pub(crate) struct Unwritable {
    name: String,
    why: String,
}

impl Part {
    /// A value that is not secret.
    pub(crate) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into(), is_secret: false }
    }

    /// A variable. All but `PATH` may be secret.
    pub(crate) fn variable(name: &str, value: &str) -> Self {
        Self { is_secret: name != PATH, ..Self::new(format!("env.{}", key(name)), text(value)) }
    }

    fn line(&self, values: Values) -> String {
        let Self { key, value, is_secret } = self;
        let is_hidden = *is_secret && values == Values::Hidden;
        format!("{key} = {}\n", if is_hidden { "{ hidden = true }" } else { value })
    }
}

/// Returns the table of a task.
pub(crate) fn table(name: &str, parts: &[Part], values: Values) -> String {
    let lines: String = parts.iter().map(|part| part.line(values)).collect();
    format!("[task.{}]\n{lines}", key(name))
}

/// Returns the keys and values of a task, in the order in which they are written.
pub(crate) fn parts(spec: &CommandSpec) -> Result<Vec<Part>, Unwritable> {
    let unwritable = |why: String| Unwritable { name: spec.name.clone(), why };
    let (task, _) = spec.spec().map_err(|refused| unwritable(refused.message))?;
    let trigger = trigger(&task.trigger)
        .ok_or_else(|| unwritable(format!("no key can say its trigger `{}`", task.trigger)))?;
    let command = spec.command.command().map_err(|refused| unwritable(refused.message))?;
    let mut parts = vec![words(&command)];
    parts.extend(trigger);
    parts.extend(task.condition.as_ref().map(|condition| Part::new("when", text(&condition.to_string()))));
    parts.extend(task.policy.iter().flat_map(|policy| policy_parts(policy)));
    parts.extend(surroundings(&command));
    Ok(parts)
}

fn words(command: &Command) -> Part {
    match (&*command.program, &command.arguments[..]) {
        ("/bin/sh", [option, script]) if option == "-c" => Part::new("shell", text(script)),
        (program, arguments) => {
            Part::new("command", list([program].into_iter().chain(arguments.iter().map(String::as_str))))
        }
    }
}

/// Returns the parts of a trigger; `None` if no flag gives it.
fn trigger(trigger: &Trigger) -> Option<Vec<Part>> {
    let part = |key: &str, value: &str| Some(vec![Part::new(key, text(value))]);
    let minutes = |minutes: u32| show_span(Duration::from_secs(u64::from(minutes) * 60));
    let once = |once: bool| if once { " once" } else { "" };
    match trigger {
        Trigger::Time { minutes: span, one_shot: false } => part("every", &minutes(*span)),
        Trigger::Time { minutes: span, one_shot: true } => part("in", &minutes(*span)),
        Trigger::Maintenance { minutes: span, one_shot: false } => part("maintenance", &minutes(*span)),
        Trigger::Maintenance { one_shot: true, .. } => None,
        Trigger::Calendar(schedule) => match schedule.split_once(' ') {
            Some(("cron", line)) => part("cron", line),
            Some(("calendar", expression)) => part("at", expression),
            _ => part("at", schedule),
        },
        Trigger::System { event, one_shot } => part("on", &format!("{event}{}", once(*one_shot))),
        Trigger::Application => Some(Vec::new()),
        Trigger::Signal { id, once: only } => part("on-signal", &format!("{id}{}", once(*only))),
        Trigger::After { task, end } => part("after", &format!("{task}:{end}")),
        Trigger::Startup => Some(vec![Part::new("at-login", "true")]),
        Trigger::Watch(watch) => watched(watch),
    }
}

fn watched(watch: &Watch) -> Option<Vec<Part>> {
    let part = |key: &str, value: &str| Part::new(key, text(value));
    match watch {
        Watch::Path { path, deep: false } => Some(vec![part("on-change", path)]),
        Watch::Path { path, deep: true } => {
            Some(vec![part("on-change", path), Part::new("recursive", "true")])
        }
        Watch::Device { subsystem, action: None } => Some(vec![part("on-device", subsystem)]),
        Watch::Device { subsystem, action: Some(action) } => {
            Some(vec![part("on-device", &format!("{subsystem} {}", action.name()))])
        }
        Watch::Bus { bus: Bus::Session, rule } => Some(vec![part("on-bus", rule)]),
        Watch::Bus { bus: Bus::System, rule } => Some(vec![part("on-bus", &format!("system {rule}"))]),
        Watch::Push => None,
    }
}

fn policy_parts(policy: &Policy) -> Vec<Part> {
    let Policy {
        disabled,
        missed,
        slack,
        cancel_on_condition_loss,
        hold_limit,
        time_limit,
        grace,
        priority,
        retry,
        notify,
        queue,
    } = policy;
    let span = |key: &str, span: &Option<Duration>| span.map(|span| Part::new(key, text(&show_span(span))));
    let missed = match missed {
        Missed::Once => None,
        Missed::Skip => Some(Part::new("missed", text("skip"))),
    };
    [
        missed,
        retry.map(|retry| Part::new("retry", text(&retry.to_string()))),
        span("slack", slack),
        span("time-limit", time_limit),
        span("grace", grace),
        hold_limit.map(|limit| Part::new("hold-limit", text(&hold(limit)))),
        (*priority != Priority::default()).then(|| Part::new("priority", text(priority.name()))),
        notify.map(|notify| Part::new("notify", text(notify.name()))),
        queue.as_ref().map(|queue| Part::new("queue", text(queue))),
        cancel_on_condition_loss.then(|| Part::new("cancel-on-loss", "true")),
        disabled.then(|| Part::new("enabled", "false")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn hold(HoldLimit { after, then }: HoldLimit) -> String {
    let end = match then {
        HoldEnd::Drop => "",
        HoldEnd::Run => ":run",
    };
    format!("{}{end}", show_span(after))
}

fn surroundings(command: &Command) -> Vec<Part> {
    let mut parts = vec![Part::new("cwd", text(&command.folder))];
    parts.extend(command.input.as_ref().map(|input| Part::new("stdin", text(input))));
    if command.success != Statuses::default() {
        parts.push(Part::new("success", text(&command.success.to_string())));
    }
    parts.extend(command.environment.iter().map(|(name, value)| Part::variable(name, value)));
    parts
}
