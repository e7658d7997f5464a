//! Tasks as periodic batch jobs of Nomad.

mod hcl;

use std::time::Duration;

use oncue_types::Trigger;

use super::cron::Lines;
use super::names::{Names, is_variable};
use super::subject::Subject;
use super::translation::{Notes, Translation};
use crate::declared::Values;
use crate::flags::command::PATH;
use hcl::{Block, Value};

/// The longest name of a job that is written.
const LONGEST: usize = 128;
/// At most so many lines of cron are written for a task.
const MOST: usize = 60;
/// How long a cancelled run has to end, unless the task says otherwise.
const GRACE: Duration = Duration::from_secs(5);
/// The time within which attempts count, unless they take longer.
const DAY: Duration = Duration::from_secs(86_400);

/// Translates tasks.
pub(super) fn translate(subjects: &[Subject], image: Option<&str>, values: Values) -> Translation {
    let (mut translation, mut names) = (Translation::default(), Names::default());
    for subject in subjects {
        let mut notes = Notes::of(&subject.name);
        let file = file(subject, image, values, &mut names, &mut notes);
        translation.add(notes, file.into_iter().collect());
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
    let start = start(subject, notes)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let name = names.take(&subject.name.replace(|c| !is_plain(c), "-"), LONGEST);
    if name != subject.name {
        notes.differs(format!("there, its name is {name}"));
    }
    let task = task(subject, &name, image, values, notes)?;
    let group = Block::new("group", [&*name])
        .block(restart(subject, notes))
        .block(Block::new("reschedule", []).set("attempts", 0_u32).set("unlimited", false))
        .block(task);
    subject.note_what_only_oncue_has(notes);
    note_policy(subject, notes);
    let job = Block::new("job", [&*name]).set("type", "batch").block(start).block(group);
    Some((format!("{name}.nomad.hcl"), job.to_string()))
}

/// Returns the block that says when the job runs.
fn start(subject: &Subject, notes: &mut Notes) -> Option<Block> {
    if subject.trigger == Trigger::Application {
        notes.differs("it has no trigger: `nomad job dispatch` runs it");
        return Some(Block::new("parameterized", []));
    }
    let Lines { lines, zone } = Lines::of(subject, MOST, notes)?;
    let mut periodic =
        Block::new("periodic", []).set("crons", lines).set("time_zone", zone).set("prohibit_overlap", true);
    if subject.policy.disabled {
        periodic = periodic.set("enabled", false);
    }
    Some(periodic)
}

fn restart(subject: &Subject, notes: &mut Notes) -> Block {
    let block = Block::new("restart", []);
    let Some(retry) = subject.policy.retry.filter(|retry| retry.attempts > 0) else {
        return block.set("attempts", 0_u32).set("mode", "fail");
    };
    subject.note_constant_delay(retry, notes);
    let interval = DAY.max((retry.base * retry.attempts).saturating_mul(2));
    block
        .set("attempts", retry.attempts)
        .set("delay", span(retry.base))
        .set("interval", span(interval))
        .set("mode", "fail")
}

fn task(
    subject: &Subject,
    name: &str,
    image: Option<&str>,
    values: Values,
    notes: &mut Notes,
) -> Option<Block> {
    let command = &subject.command;
    let mut words: Vec<String> = limited(subject, notes);
    words.extend(subject.words().into_iter().map(str::to_owned));
    note_variables(&words, notes);
    let (driver, config) = match image {
        Some(image) => {
            subject.note_this_machine("the image", notes);
            let arguments = words.split_off(1);
            let config = Block::new("config", []).set("image", image).set("entrypoint", words);
            ("docker", config.set("args", arguments).set("work_dir", command.folder.as_str()))
        }
        None => {
            subject.note_this_machine("every client", notes);
            notes.differs("driver raw_exec: clients have to enable it; with --image, it runs in a container");
            // The driver has no search path, and starts everything in a folder of its own.
            if command.program.contains('=') {
                notes.lost(format!("command `{}`: env(1) would take it for a variable", command.program));
                return None;
            }
            words.insert(0, format!("--chdir={}", command.folder));
            ("raw_exec", Block::new("config", []).set("command", "/usr/bin/env").set("args", words))
        }
    };
    let mut task = Block::new("task", [name]).set("driver", driver);
    if let Some(grace) = subject.policy.grace {
        task = task.set("kill_timeout", span(grace));
    }
    let (env, template) = variables(subject, name, image.is_none(), values, notes);
    if !env.is_empty() {
        task = task.set("env", Value::Map(env));
    }
    Some(task.block(config).blocks(template))
}

/// Returns the words that limit the time of a run: Nomad has no such limit.
fn limited(subject: &Subject, notes: &mut Notes) -> Vec<String> {
    let Some(limit) = subject.policy.time_limit else { return Vec::new() };
    notes.differs("time-limit: timeout(1) keeps it; a run that takes too long fails with exit status 124");
    let grace = subject.policy.grace.unwrap_or(GRACE);
    vec!["timeout".to_owned(), format!("--kill-after={}", seconds(grace)), seconds(limit)]
}

/// Notes what Nomad replaces when it starts the task; there is no way to escape it.
fn note_variables(words: &[String], notes: &mut Notes) {
    if words.iter().any(|word| word.contains("${")) {
        notes.differs("${NAME} in its command: Nomad replaces the names that it knows, such as variables");
    }
}

/// Returns the variables, and the template for those whose values are hidden.
fn variables(
    subject: &Subject,
    job: &str,
    with_path: bool,
    values: Values,
    notes: &mut Notes,
) -> (Vec<(String, String)>, Option<Block>) {
    let path = subject.path().filter(|_| with_path);
    let mut env: Vec<(String, String)> =
        path.map(|path| (PATH.to_owned(), path.to_owned())).into_iter().collect();
    let mut hidden = Vec::new();
    for (name, value) in subject.variables() {
        match values {
            _ if !is_variable(name) => {
                notes.differs(format!("env {name}: Nomad changes this name; left out"))
            }
            Values::Written => env.push((name.to_owned(), value.to_owned())),
            Values::Hidden => hidden.push(name),
        }
    }
    let Some(first) = hidden.first() else { return (env, None) };
    let names = hidden.join(", ");
    notes.differs(format!(
        "env {names}: the values are not written: `nomad var put nomad/jobs/{job} {first}=…`, or use --with-values"
    ));
    // Nomad reads the file as lines in which quotes and comments count.
    let line = |name: &str| {
        format!(
            "{name}={{{{ with nomadVar \"nomad/jobs/{job}\" }}}}{{{{ .{name} | toJSON }}}}{{{{ end }}}}\n"
        )
    };
    let template = Block::new("template", [])
        .set("data", hidden.iter().map(|name| line(name)).collect::<String>())
        .set("destination", "secrets/env")
        .set("env", true);
    (env, Some(template))
}

fn note_policy(subject: &Subject, notes: &mut Notes) {
    let policy = &subject.policy;
    if !subject.makes_up() {
        notes.differs("missed skip: no counterpart; a firing that is missed runs later");
    }
    if policy.retry.is_some() && policy.time_limit.is_some() {
        notes.differs("time-limit: Nomad also retries a run that takes too long");
    }
    subject.note_priority(notes);
}

/// Returns a length of time as Nomad reads it, which knows no days.
fn span(span: Duration) -> String {
    let millis = span.as_millis();
    if millis.is_multiple_of(1_000) { format!("{}s", millis / 1_000) } else { format!("{millis}ms") }
}

/// Returns a length of time as timeout(1) reads it.
fn seconds(span: Duration) -> String {
    let millis = span.as_millis();
    if millis.is_multiple_of(1_000) {
        format!("{}", millis / 1_000)
    } else {
        format!("{}", span.as_secs_f64())
    }
}
