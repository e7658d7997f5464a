//! The service that runs a task.

use std::path::Path;

use oncue_types::{AfterEnd, Condition, Predicate, Priority, show_span};

use super::super::names::is_variable;
use super::super::subject::{Subject, last_delay};
use super::super::translation::Notes;
use super::{Follower, quote};
use crate::declared::Values;
use crate::flags::command::PATH;

/// The settings of a run in the background.
const BACKGROUND: [&str; 5] = [
    "Nice=10",
    "CPUSchedulingPolicy=batch",
    "IOSchedulingClass=best-effort",
    "IOSchedulingPriority=7",
    "OOMScoreAdjust=300",
];

/// Returns the text of the service; `None` if its command cannot be written.
pub(super) fn of(
    subject: &Subject,
    unit: &str,
    followers: &[Follower],
    values: Values,
    notes: &mut Notes,
) -> Option<String> {
    let mut unit_lines = vec![format!("Description={}", quote::description(&subject.name))];
    unit_lines.extend(condition(subject, notes));
    subject.note_policy(notes);
    unit_lines.extend(follower_lines(followers));
    let (mut lines, limits) = retry(subject, notes);
    unit_lines.extend(limits);
    let mut service = vec!["Type=oneshot".to_owned()];
    service.extend(command(subject, notes)?);
    service.extend(surroundings(subject, notes)?);
    service.extend(variables(subject, unit, values, notes));
    service.append(&mut lines);
    service.extend(subject.policy.time_limit.map(|span| format!("TimeoutStartSec={}", show_span(span))));
    service.extend(subject.policy.grace.map(|span| format!("TimeoutStopSec={}", show_span(span))));
    if subject.policy.priority == Priority::Background {
        service.extend(BACKGROUND.map(str::to_owned));
    }
    Some(format!("[Unit]\n{}\n\n[Service]\n{}\n", unit_lines.join("\n"), service.join("\n")))
}

/// The only condition that systemd has as well; there, a firing is skipped instead of held.
fn condition(subject: &Subject, notes: &mut Notes) -> Option<String> {
    let ac = Condition::Is(Predicate::Ac);
    let not_ac = Condition::Not(Box::new(ac.clone()));
    let conditions = [subject.trigger.implied(), subject.condition.as_ref()];
    let (on_ac, others): (Vec<_>, Vec<_>) =
        conditions.into_iter().flatten().partition(|condition| **condition == ac || **condition == not_ac);
    for other in others {
        notes.differs(format!("when `{other}`: no counterpart; it runs whether this holds or not"));
    }
    on_ac.first().map(|condition| {
        notes.differs(format!("when `{condition}`: systemd skips the run instead of waiting for this"));
        format!("ConditionACPower={}", **condition == ac)
    })
}

fn follower_lines(followers: &[Follower]) -> Vec<String> {
    let line = |setting: &str, fits: fn(AfterEnd) -> bool| {
        let services = followers.iter().filter(|follower| fits(follower.end));
        let services: Vec<&str> = services.map(|follower| follower.service.as_str()).collect();
        (!services.is_empty()).then(|| format!("{setting}={}", services.join(" ")))
    };
    [
        line("OnSuccess", |end| matches!(end, AfterEnd::Completed | AfterEnd::Any)),
        line("OnFailure", |end| matches!(end, AfterEnd::Failed | AfterEnd::Any)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn command(subject: &Subject, notes: &mut Notes) -> Option<Vec<String>> {
    let mut words: Vec<String> = subject.words().into_iter().map(str::to_owned).collect();
    let program = &mut words[0];
    let mut lines = Vec::new();
    if program.contains('/') {
        // systemd demands an absolute path.
        *program = Path::new(&subject.command.folder).join(&*program).to_str()?.to_owned();
    } else if let Some(path) = subject.path() {
        // Without this, systemd looks only in its own path.
        let folders: Vec<&str> = path.split(':').filter(|folder| folder.starts_with('/')).collect();
        lines.extend(
            (!folders.is_empty()).then(|| format!("ExecSearchPath={}", quote::word(&folders.join(":")))),
        );
    }
    if program.starts_with(['-', '@', ':', '+', '!', '|']) {
        notes.lost(format!("command `{program}`: the first character has a meaning of its own in a unit"));
        return None;
    }
    // With a colon, systemd does not replace variables.
    let colon = if words.iter().any(|word| word.contains('$')) { ":" } else { "" };
    let words: Vec<String> = words.iter().map(|word| quote::word(word)).collect();
    lines.push(format!("ExecStart={colon}{}", words.join(" ")));
    Some(lines)
}

fn surroundings(subject: &Subject, notes: &mut Notes) -> Option<Vec<String>> {
    let mut line = |setting: &str, path: &String| match quote::path(path) {
        Some(path) => Some(format!("{setting}{path}")),
        None => {
            notes.lost(format!("{path:?}: a unit cannot name this path"));
            None
        }
    };
    let command = &subject.command;
    let mut lines = vec![line("WorkingDirectory=", &command.folder)?];
    if let Some(input) = &command.input {
        lines.push(line("StandardInput=file:", input)?);
    }
    let statuses: Vec<u8> = command.success.iter().collect();
    let others: Vec<String> = statuses.iter().filter(|status| **status != 0).map(u8::to_string).collect();
    if !others.is_empty() {
        lines.push(format!("SuccessExitStatus={}", others.join(" ")));
    }
    if !statuses.contains(&0) {
        notes.differs(format!("success {}: there, exit status 0 also means success", command.success));
    }
    Some(lines)
}

fn variables(subject: &Subject, unit: &str, values: Values, notes: &mut Notes) -> Vec<String> {
    let mut lines: Vec<String> = subject.path().map(|path| variable(PATH, path)).into_iter().collect();
    let mut hidden = Vec::new();
    for (name, value) in subject.variables() {
        let is_valid = |value: &str| !value.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
        match values {
            _ if !is_variable(name) => {
                notes.differs(format!("env {name}: systemd refuses this name; left out"))
            }
            Values::Hidden => hidden.push(name),
            Values::Written if is_valid(value) => lines.push(variable(name, value)),
            Values::Written => {
                notes.differs(format!(
                    "env {name}: systemd refuses a value with control characters; left out"
                ));
            }
        }
    }
    if !hidden.is_empty() {
        let file = format!("%E/systemd/user/{unit}.env");
        let names = hidden.join(", ");
        notes.differs(format!(
            "env {names}: the values are not written: put lines NAME=VALUE into {unit}.env, beside the units in \
             ~/.config/systemd/user, or use --with-values"
        ));
        lines.push(format!("EnvironmentFile={file}"));
    }
    lines
}

fn variable(name: &str, value: &str) -> String {
    format!("Environment={}", quote::word(&format!("{name}={value}")))
}

/// Returns the settings of the service, and those of its section `[Unit]`.
fn retry(subject: &Subject, notes: &mut Notes) -> (Vec<String>, Vec<String>) {
    let Some(retry) = subject.policy.retry.filter(|retry| retry.attempts > 0) else {
        return (Vec::new(), Vec::new());
    };
    let delay = format!("RestartSec={}", show_span(retry.base));
    let mut service = vec!["Restart=on-failure".to_owned(), delay];
    let steps = last_delay(retry).filter(|_| retry.attempts > 1);
    if let Some(last) = steps {
        service.push(format!("RestartMaxDelaySec={}", show_span(last)));
        service.push(format!("RestartSteps={}", retry.attempts - 1));
        let first = show_span(retry.base);
        notes.differs(format!("retry {retry}: before systemd 254, it waits {first} before each attempt"));
    } else {
        subject.note_constant_delay(retry, notes);
    }
    if subject.policy.time_limit.is_some() {
        notes.differs("time-limit: systemd also retries a run that takes too long");
    }
    // systemd limits the starts within a time. It begins with the first start and has to include the last.
    let delays = steps.map_or(retry.base * retry.attempts, |last| last * 2);
    let runs = subject.policy.time_limit.unwrap_or_default() * (retry.attempts + 1);
    let interval = show_span(delays + runs + retry.base);
    let starts = retry.attempts + 1;
    notes.differs(format!(
        "retry {retry}: systemd counts {starts} starts within {interval}, whoever caused them, instead of attempts"
    ));
    (service, vec![format!("StartLimitIntervalSec={interval}"), format!("StartLimitBurst={starts}")])
}
