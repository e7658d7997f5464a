//! Describes what prevents a task from running besides its condition, and what to do about it.

use oncue::tools::{Blocker, TaskInfo, Word};

use crate::render::pause::{self, Whose};
use crate::render::time::Clock;
use crate::render::words::short_package;

/// One cause that prevents a task from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked<'a> {
    /// The cause.
    pub(crate) by: &'a Word<Blocker>,
    /// The facts.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) way_out: String,
}

/// Returns the name of a cause, as in JSON.
pub(crate) fn name(by: &Word<Blocker>) -> &str {
    match by {
        Word::Known(blocker) => blocker.name(),
        Word::Other(word) => word,
    }
}

/// Describes a cause in a few words. The end of the pause of all is said once, not for each task.
pub(crate) fn brief(by: &Word<Blocker>, task: &TaskInfo, clock: &Clock) -> String {
    match by {
        Word::Known(Blocker::Paused) => format!("paused{}", pause::brief(task.paused, clock)),
        Word::Known(Blocker::Queue(running)) => format!("behind {running}"),
        Word::Known(_) | Word::Other(_) => name(by).replace('_', " "),
    }
}

/// Describes what prevents a task, which the user calls `named`, from running. A cause that this
/// version does not know is shown as it was sent.
pub(crate) fn blocked<'a>(
    causes: &'a [Word<Blocker>],
    task: &TaskInfo,
    named: &str,
    clock: &Clock,
) -> Vec<Blocked<'a>> {
    let one = |by: &'a Word<Blocker>| {
        let (what, way_out) = match by {
            Word::Known(blocker) => described(blocker, task, named, clock),
            Word::Other(word) => (format!("it is {word}"), "see `oncue doctor`".to_owned()),
        };
        Blocked { by, what, way_out }
    };
    causes.iter().map(one).collect()
}

/// Returns the facts, and what to do.
fn described(blocker: &Blocker, task: &TaskInfo, named: &str, clock: &Clock) -> (String, String) {
    let (package, family) = (short_package(&task.package), &task.package);
    match blocker {
        Blocker::Quarantined => (
            format!("{}, so it is quarantined", crashes(task.strikes)),
            format!("fix the crash, then release the task: `oncue release {}`", handle(task, named)),
        ),
        Blocker::Denied => (
            format!(
                "{package} is not allowed to run in the background (you denied it, see `oncue access list`)"
            ),
            format!("allow it: `oncue access set {family} policy`"),
        ),
        Blocker::Paused => {
            let (handle, pause) = (handle(task, named), task.paused.unwrap_or_default());
            let whose = Whose::Task(&handle);
            (whose.described(pause, clock), whose.way_out(pause))
        }
        Blocker::AllPaused => {
            let pause = task.all_paused.unwrap_or_default();
            (Whose::All.described(pause, clock), Whose::All.way_out(pause))
        }
        Blocker::EnergySaver => (
            "the energy saver is on".into(),
            format!("switch it off, or always allow the package to run: `oncue access set {family} always`"),
        ),
        Blocker::MemoryShort => (
            "memory was short within the last half minute".into(),
            "nothing: it runs after half a minute without a shortage".into(),
        ),
        Blocker::Shortage(reason) => (
            format!(
                "oncue itself is short of open files, processes or memory to start a program with ({reason})"
            ),
            "nothing: oncue retries by itself; close programs that you do not need if this persists".into(),
        ),
        Blocker::OutOfReach(reason) => (
            format!("the file system that holds the program of {package} does not answer ({reason})"),
            "reconnect the file system, or unmount it (`umount -l`); oncue retries by itself, and \
             `oncue doctor` says what does not answer"
                .into(),
        ),
        Blocker::Queue(name) => (
            format!("{name} runs, which is in the same queue"),
            format!("nothing: it runs when that has ended; or `oncue cancel {name}`"),
        ),
        Blocker::Circling => (
            "its last runs, perhaps through other tasks, changed what it watches and fired it again".into(),
            "make it write or watch other files; until then it runs at most once a minute, \
             or immediately when something else makes a change"
                .into(),
        ),
        Blocker::Asleep => {
            ("the machine is going to sleep".into(), "nothing: it runs when the machine wakes up".into())
        }
        Blocker::SessionEnding => (
            "the session is about to end".into(),
            "nothing: it runs after the next start, or if the shutdown is called off".into(),
        ),
        Blocker::Stopping => {
            ("the broker is about to end".into(), "nothing: the next broker continues with it".into())
        }
    }
}

/// Describes how often the task crashed.
pub(crate) fn crashes(strikes: u32) -> String {
    match strikes {
        1 => "its last activation crashed or did not register the class".into(),
        strikes => format!("{strikes} activations in a row crashed or never registered the class"),
    }
}

/// Returns how to name the task on a command line: as the user did, if a shell reads that as one
/// word.
pub(crate) fn handle(task: &TaskInfo, named: &str) -> String {
    if is_one_word(named) { named.to_owned() } else { task.task_id.to_string() }
}

/// Returns whether a shell reads a text as one word, and as nothing else.
pub(crate) fn is_one_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    !text.starts_with('-') && text.chars().all(is_plain)
}
