//! The names that complete arguments, as the running broker knows them.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::{Arg, Command, CommandFactory as _};
use clap_complete::CompletionCandidate;
use clap_complete::engine::ArgValueCandidates;
use oncue::Error;
use oncue::tools::{Broker, FactKind, Reading, TaskInfo, Watched, Word};
use oncue_types::{AfterEnd, SystemEvent, Trigger};

use crate::render::blocked::is_one_word;
use crate::render::ids::{FEWEST, short};
use crate::render::words::{short_package, trigger_of};

/// How long a shell waits for the broker.
const PATIENCE: Duration = Duration::from_secs(1);

/// Lists the names of one kind.
type Names = fn() -> Vec<CompletionCandidate>;

/// The arguments whose values are names: the verb, or none for every verb; the argument; its names.
const NAMED: [(Option<&str>, &str, Names); 18] = [
    (None, "task", tasks),
    (None, "tasks", tasks),
    (None, "package", packages),
    (None, "group", groups),
    (None, "queue", queues),
    (None, "on", events),
    (None, "after", ends),
    (Some("edit"), "task", commands),
    (Some("enable"), "task", commands),
    (Some("disable"), "task", commands),
    (Some("rename"), "task", commands),
    (Some("export"), "names", commands),
    (Some("remove"), "name", packages),
    (Some("show"), "name", packages),
    (Some("signal"), "name", signals),
    (Some("simulate"), "pins", pins),
    (Some("clear"), "facts", facts),
    (Some("man"), "verb", verbs),
];

/// Has the names of tasks, packages, facts and events complete the arguments of all verbs.
pub(super) fn named(command: Command) -> Command {
    let verb = command.get_name().to_owned();
    command.mut_args(|argument| with_names(&verb, argument)).mut_subcommands(named)
}

fn with_names(verb: &str, argument: Arg) -> Arg {
    let is_meant =
        |whose: &Option<&str>, id: &str| whose.is_none_or(|whose| whose == verb) && argument.get_id() == id;
    let found = NAMED.iter().rev().find(|(whose, id, _)| is_meant(whose, id)).map(|(_, _, names)| *names);
    match found {
        Some(names) => argument.add(ArgValueCandidates::new(names)),
        None => argument,
    }
}

/// Asks the running broker. Without one, or if it does not answer in time, there are no names.
fn asked<T: Send + 'static>(ask: impl FnOnce(&Broker) -> Result<Vec<T>, Error> + Send + 'static) -> Vec<T> {
    let (send, answer) = mpsc::channel();
    thread::spawn(move || {
        // The receiver is gone if the patience has run out.
        let _ = Broker::connect_running().and_then(|broker| ask(&broker)).map(|names| send.send(names));
    });
    answer.recv_timeout(PATIENCE).unwrap_or_default()
}

fn registered() -> Vec<TaskInfo> {
    let mut tasks = asked(|broker| broker.tasks(Watched::All));
    tasks.sort_by(|a, b| a.name.cmp(&b.name));
    tasks
}

fn candidate(name: impl Into<String>, help: impl Into<String>) -> CompletionCandidate {
    CompletionCandidate::new(name.into()).help(Some(help.into().into()))
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    let mut names: Vec<String> = names.filter(|name| is_one_word(name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// A name that a shell would have to quote is completed as the start of the task's id.
fn of_task(task: &TaskInfo) -> CompletionCandidate {
    if is_one_word(&task.name) {
        return candidate(&task.name, trigger_of(task));
    }
    candidate(short(task.task_id, FEWEST), format!("{}: {}", task.name, trigger_of(task)))
}

fn tasks() -> Vec<CompletionCandidate> {
    registered().iter().map(of_task).collect()
}

fn commands() -> Vec<CompletionCandidate> {
    registered().iter().filter(|task| task.command.is_some()).map(of_task).collect()
}

fn ends() -> Vec<CompletionCandidate> {
    let tasks = registered();
    let commands = tasks.iter().filter(|task| task.command.is_some() && is_one_word(&task.name));
    let all = commands.flat_map(|task| {
        let others = [AfterEnd::Failed, AfterEnd::Any].map(|end| format!("{}:{}", task.name, end.name()));
        [task.name.clone()].into_iter().chain(others)
    });
    all.map(CompletionCandidate::new).collect()
}

fn packages() -> Vec<CompletionCandidate> {
    let packages = asked(Broker::packages);
    packages
        .iter()
        .map(|package| candidate(short_package(&package.family_name), &package.display_name))
        .collect()
}

fn groups() -> Vec<CompletionCandidate> {
    distinct(registered().into_iter().filter_map(|task| Some(task.group?.id)))
}

fn queues() -> Vec<CompletionCandidate> {
    distinct(registered().into_iter().filter_map(|task| queue_of(&task)))
}

fn queue_of(task: &TaskInfo) -> Option<String> {
    task.policy.as_ref().and_then(Word::known)?.queue.as_deref().map(ToOwned::to_owned)
}

fn events() -> Vec<CompletionCandidate> {
    SystemEvent::ALL.iter().map(|event| CompletionCandidate::new(event.name())).collect()
}

fn verbs() -> Vec<CompletionCandidate> {
    let command = crate::arguments::Arguments::command();
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(|verb| verb.get_name());
    shown.chain(["config"]).map(CompletionCandidate::new).collect()
}

fn signals() -> Vec<CompletionCandidate> {
    let of = |task: TaskInfo| match task.trigger {
        Word::Known(Trigger::Signal { id, .. }) => Some(id.to_string()),
        Word::Known(_) | Word::Other(_) => None,
    };
    distinct(registered().into_iter().filter_map(of))
}

fn facts() -> Vec<CompletionCandidate> {
    FactKind::ALL.iter().map(|fact| CompletionCandidate::new(fact.name())).collect()
}

fn pins() -> Vec<CompletionCandidate> {
    let of = |fact: &FactKind| {
        let values = match fact {
            FactKind::Battery => [Reading::Percent(80), Reading::Percent(10)],
            FactKind::Internet
            | FactKind::FreeNetwork
            | FactKind::UserPresent
            | FactKind::SessionConnected
            | FactKind::OnAc
            | FactKind::StorageNotLow
            | FactKind::EnergySaver => [Reading::Is(true), Reading::Is(false)],
        };
        let name = fact.name();
        values.map(|value| format!("{name}={value}"))
    };
    FactKind::ALL.iter().flat_map(of).map(CompletionCandidate::new).collect()
}
