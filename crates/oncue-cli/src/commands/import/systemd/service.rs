//! Translates what a service says.

use std::time::Duration;

use oncue_types::{Command, show_span};

use super::super::draft::Draft;
use super::command::{expanded, words};
use super::timer::{note, unknown};
use super::unit::{Setting, Unit};
use crate::declared::{Part, text::list, text::text};

/// How often a failed run is retried if the service does not say.
const ATTEMPTS: u32 = 5;
/// The shortest delay of a retry.
const LEAST_DELAY: Duration = Duration::from_secs(1);

/// Translates a service, beginning with its command; `None` if there is none.
pub(super) fn translate(service: &Unit, draft: &mut Draft) -> Option<Vec<Part>> {
    let mut parts = vec![command(service, draft)?];
    let is_oneshot = service.last("Service", "Type").is_some_and(|setting| setting.value == "oneshot");
    for setting in service.settings() {
        let span = |key: &str| setting.span().map(|span| Part::new(key, text(&show_span(span))));
        match (&*setting.section, &*setting.key) {
            ("Service", "WorkingDirectory") => parts.extend(folder(setting)),
            ("Service", "Environment") => parts.extend(variables(service, setting, draft)),
            ("Service", "RuntimeMaxSec") => parts.extend(span("time-limit")),
            ("Service", "TimeoutStartSec" | "TimeoutSec") if is_oneshot => parts.extend(span("time-limit")),
            ("Service", "TimeoutStopSec") => parts.extend(span("grace")),
            ("Service", "SuccessExitStatus") => parts.extend(success(service, setting, draft)),
            ("Service", "StandardInput") => parts.extend(input(service, setting, draft)),
            ("Service", "Restart") => parts.extend(retry(service, setting, draft)),
            ("Unit", "ConditionACPower") => {
                note(service, setting, "the task waits for this; systemd would skip the run", draft);
                parts.push(Part::new("when", text(if setting.is_yes() { "ac" } else { "not ac" })));
            }
            (
                "Service",
                "Nice"
                | "IOSchedulingClass"
                | "IOSchedulingPriority"
                | "CPUSchedulingPolicy"
                | "OOMScoreAdjust",
            ) => {
                note(service, setting, "ignored: runs have a low priority", draft);
            }
            ("Service", "ExecStartPre" | "ExecStartPost" | "ExecStop" | "ExecStopPost") => {
                let what =
                    format!("{}={}: a task has one command; add it to a script", setting.key, setting.value);
                draft.loss(service.file(), setting.line, what);
            }
            ("Service", "Type") => kind(service, setting, draft),
            (
                "Service",
                "ExecStart" | "ExecSearchPath" | "RestartSec" | "RestartSteps" | "RestartMaxDelaySec",
            )
            | ("Unit", "Description" | "Documentation")
            | ("Service" | "Unit", "StartLimitBurst" | "StartLimitIntervalSec")
            | ("Install", _) => {}
            _ => unknown(service, setting, draft),
        }
    }
    Some(last_of_each(parts))
}

/// Of several values of one key, the last one counts.
fn last_of_each(parts: Vec<Part>) -> Vec<Part> {
    let mut kept: Vec<Part> = Vec::new();
    for part in parts {
        match kept.iter_mut().find(|other| other.key == part.key) {
            Some(other) => *other = part,
            None => kept.push(part),
        }
    }
    kept
}

/// A command line of a service.
struct Line {
    words: Vec<String>,
    /// Whether its failure does not count.
    may_fail: bool,
}

fn command(service: &Unit, draft: &mut Draft) -> Option<Part> {
    let mut settings = Vec::new();
    let is_start = |setting: &&Setting| (&*setting.section, &*setting.key) == ("Service", "ExecStart");
    for setting in service.settings().iter().filter(is_start) {
        // An empty value resets the list.
        if setting.value.is_empty() { settings.clear() } else { settings.push(setting) }
    }
    if settings.is_empty() {
        draft.loss(service.file(), 1, "the service has no command");
    }
    let lines: Option<Vec<Line>> = settings.iter().map(|setting| line(service, setting, draft)).collect();
    match &lines?[..] {
        [] => None,
        [Line { words, may_fail: false }] => Some(Part::new("command", list(words))),
        several => {
            let scripts: Vec<String> = several.iter().map(Line::script).collect();
            Some(Part::new("shell", text(&scripts.join(" &&\n"))))
        }
    }
}

fn line(service: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Line> {
    let line = setting.value.trim_start_matches(['-', '@', ':', '+', '!', '|']);
    let prefix = &setting.value[..setting.value.len() - line.len()];
    let replaces_variables = !prefix.contains(':');
    let ignored = prefix.replace(['-', ':'], "");
    if !ignored.is_empty() {
        note(service, setting, &format!("the prefix `{ignored}` is ignored"), draft);
    }
    let expand = |words: Vec<String>| words.iter().map(|word| expanded(word)).collect::<Result<Vec<_>, _>>();
    match words(line).and_then(expand) {
        Ok(words) if !replaces_variables => Some(Line { words, may_fail: prefix.contains('-') }),
        Ok(words) => {
            if words.iter().any(|word| word.replace("$$", "").contains('$')) {
                note(service, setting, "variables in it are not expanded", draft);
            }
            let words = words.iter().map(|word| word.replace("$$", "$")).collect();
            Some(Line { words, may_fail: prefix.contains('-') })
        }
        Err(what) => {
            draft.loss(service.file(), setting.line, format!("ExecStart={}: {what}", setting.value));
            None
        }
    }
}

impl Line {
    /// Returns the command line for a shell.
    fn script(&self) -> String {
        let (program, arguments) =
            self.words.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
        let command = Command { arguments: arguments.to_vec(), ..Command::new(program, "/") };
        if self.may_fail { format!("{{ {command} || true; }}") } else { command.to_string() }
    }
}

fn folder(setting: &Setting) -> Option<Part> {
    let folder = expanded(setting.value.trim_start_matches('-')).ok()?;
    (!folder.is_empty()).then(|| Part::new("cwd", text(&folder)))
}

fn variables(service: &Unit, setting: &Setting, draft: &mut Draft) -> Vec<Part> {
    let words = words(&setting.value).and_then(|words| words.iter().map(|word| expanded(word)).collect());
    match words {
        Ok(words) => {
            let words: Vec<String> = words;
            let pair = |word: &String| word.split_once('=').map(|(name, value)| Part::variable(name, value));
            words.iter().filter_map(pair).collect()
        }
        Err(what) => {
            note(service, setting, &format!("ignored: {what}"), draft);
            Vec::new()
        }
    }
}

fn success(service: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Part> {
    let statuses: Result<Vec<u8>, _> = setting.value.split_whitespace().map(str::parse).collect();
    match statuses {
        Ok(statuses) => {
            let all: Vec<String> = [0].into_iter().chain(statuses).map(|status| status.to_string()).collect();
            Some(Part::new("success", text(&all.join(","))))
        }
        Err(_) => {
            note(service, setting, "ignored: only numbers can mean success", draft);
            None
        }
    }
}

fn input(service: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Part> {
    match setting.value.strip_prefix("file:") {
        Some(path) => Some(Part::new("stdin", text(&expanded(path).ok()?))),
        None if setting.value == "null" => None,
        None => {
            unknown(service, setting, draft);
            None
        }
    }
}

fn retry(service: &Unit, setting: &Setting, draft: &mut Draft) -> Option<Part> {
    if setting.value == "no" {
        return None;
    }
    let delay = service.last("Service", "RestartSec").and_then(Setting::span).unwrap_or(LEAST_DELAY);
    let burst = ["Unit", "Service"].into_iter().find_map(|section| service.last(section, "StartLimitBurst"));
    // The limit counts the first start as well.
    let attempts = match burst.and_then(|burst| burst.value.parse::<u32>().ok()) {
        Some(starts @ 1..) => starts - 1,
        Some(0) | None => ATTEMPTS,
    };
    let delay = delay.max(LEAST_DELAY);
    let growth = if doubles(service, delay) { "exponential" } else { "linear" };
    let retry = format!("{growth}:{}:{attempts}", show_span(delay));
    note(service, setting, &format!("only failed runs are retried: {retry}"), draft);
    (attempts > 0).then(|| Part::new("retry", text(&retry)))
}

/// Returns whether the delay doubles with each attempt.
fn doubles(service: &Unit, delay: Duration) -> bool {
    let steps = service.last("Service", "RestartSteps").and_then(|steps| steps.value.parse().ok());
    let last = service.last("Service", "RestartMaxDelaySec").and_then(Setting::span);
    let doubled = steps.and_then(|steps| 1_u32.checked_shl(steps)).and_then(|times| delay.checked_mul(times));
    doubled.is_some() && doubled == last
}

fn kind(service: &Unit, setting: &Setting, draft: &mut Draft) {
    if !["simple", "exec", "oneshot"].contains(&setting.value.as_str()) {
        note(service, setting, "the run ends with the process that the command line starts", draft);
    }
}
