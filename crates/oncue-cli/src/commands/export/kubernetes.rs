//! Tasks as CronJobs of Kubernetes.

mod manifest;

use std::time::Duration;

use super::cron::Lines;
use super::names::{Names, label};
use super::subject::Subject;
use super::translation::{Notes, Translation};
use crate::declared::Values;
use manifest::{Container, CronJob, KeyRef, Source, Variable};

/// The longest name of a CronJob, whose jobs have longer ones.
const LONGEST: usize = 52;
/// At most so many CronJobs are written for a task.
const MOST: usize = 4;
/// After this time, a firing counts as missed.
const MISSED: Duration = Duration::from_secs(60);

/// Translates tasks.
pub(super) fn translate(subjects: &[Subject], image: Option<&str>, values: Values) -> Translation {
    let (mut translation, mut names) = (Translation::default(), Names::default());
    for subject in subjects {
        let mut notes = Notes::of(&subject.name);
        let files = file(subject, image, values, &mut names, &mut notes);
        translation.add(notes, files.into_iter().collect());
    }
    translation
}

fn file(
    subject: &Subject,
    image: Option<&str>,
    values: Values,
    names: &mut Names,
    notes: &mut Notes,
) -> Option<(String, String)> {
    let Lines { lines, zone } = Lines::of(subject, MOST, notes)?;
    let first = names.take(&label(&subject.name), LONGEST);
    if first != subject.name {
        notes.differs(format!("there, its name is {first}"));
    }
    if lines.len() > 1 {
        let count = lines.len();
        notes.differs(format!("its schedule takes {count} CronJobs, whose runs can overlap; at a time that several name, each of them runs"));
    }
    let container = container(subject, &first, image, values, notes);
    let file = format!("{first}.yaml");
    let rest: Vec<String> = lines[1..].iter().map(|_| names.take(&first, LONGEST)).collect();
    let names = std::iter::once(first).chain(rest);
    let jobs = lines.into_iter().zip(names);
    let jobs: Vec<CronJob<'_>> =
        jobs.map(|(line, name)| job(subject, name, line, zone.clone(), container.clone())).collect();
    subject.note_what_only_oncue_has(notes);
    note_policy(subject, notes);
    let texts: Vec<String> = jobs.iter().map(|job| format!("---\n{}", manifest::yaml(job))).collect();
    Some((file, texts.concat()))
}

fn job<'a>(
    subject: &Subject,
    name: String,
    schedule: String,
    zone: String,
    container: Container<'a>,
) -> CronJob<'a> {
    let policy = &subject.policy;
    let mut job = CronJob::new(name, schedule, zone, container);
    job.spec.suspend = policy.disabled;
    job.spec.starting_deadline_seconds = (!subject.makes_up()).then(|| seconds(MISSED));
    let spec = &mut job.spec.job_template.spec;
    spec.backoff_limit = policy.retry.map_or(0, |retry| retry.attempts);
    spec.template.spec.active_deadline_seconds = policy.time_limit.map(seconds);
    spec.template.spec.termination_grace_period_seconds = policy.grace.map(seconds);
    job
}

/// There, only whole seconds can be written.
fn seconds(span: Duration) -> u64 {
    span.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX).max(1)
}

fn container<'a>(
    subject: &'a Subject,
    name: &str,
    image: Option<&str>,
    values: Values,
    notes: &mut Notes,
) -> Container<'a> {
    let placeholder = || {
        let image = format!("registry.example/{name}:latest");
        notes.differs(format!(
            "image {image}: a placeholder; name the image that has the command with --image"
        ));
        image
    };
    let image = image.map_or_else(placeholder, str::to_owned);
    subject.note_this_machine("the image", notes);
    if subject.path().is_some() {
        notes.differs("env PATH: left out; that of the image is used");
    }
    let command = &subject.command;
    Container {
        name: name.to_owned(),
        image,
        command: [escaped(&command.program)],
        args: command.arguments.iter().map(|argument| escaped(argument)).collect(),
        working_dir: &command.folder,
        env: variables(subject, name, values, notes),
    }
}

fn variables<'a>(subject: &'a Subject, name: &str, values: Values, notes: &mut Notes) -> Vec<Variable<'a>> {
    let secret = format!("{name}-env");
    let (mut variables, mut hidden) = (Vec::new(), Vec::new());
    for (name, value) in subject.variables() {
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
            notes.differs(format!("env {name}: Kubernetes refuses this name; left out"));
            continue;
        }
        let source = match values {
            Values::Written => Source::Value(escaped(value)),
            Values::Hidden => {
                hidden.push(name);
                Source::ValueFrom { secret_key_ref: KeyRef { name: secret.clone(), key: name } }
            }
        };
        variables.push(Variable { name, source });
    }
    if !hidden.is_empty() {
        let (names, first) = (hidden.join(", "), hidden[0]);
        notes.differs(format!(
            "env {names}: the values are not written: `kubectl create secret generic {secret} \
             --from-literal={first}=…`, or use --with-values"
        ));
    }
    variables
}

/// Escapes what Kubernetes would take for a reference to a variable.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        escaped.push(c);
        if c == '$' && matches!(characters.peek(), Some('$' | '(')) {
            escaped.push(c);
        }
    }
    escaped
}

fn note_policy(subject: &Subject, notes: &mut Notes) {
    let policy = &subject.policy;
    if let Some(retry) = policy.retry {
        notes.differs(format!("retry {retry}: the delays are Kubernetes' own, from 10s, doubled up to 6m"));
        if policy.time_limit.is_some() {
            notes.differs("time-limit: Kubernetes also retries a run that takes too long");
        }
    }
    subject.note_priority(notes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_reference_is_escaped() {
        for (text, expected) in
            [("$HOME $(date) $$", "$HOME $$(date) $$$"), ("$$(x)", "$$$$(x)"), ("a$", "a$")]
        {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn seconds_are_whole() {
        assert_eq!([0, 1, 1_000, 1_500].map(|ms| seconds(Duration::from_millis(ms))), [1, 1, 1, 2]);
    }
}
