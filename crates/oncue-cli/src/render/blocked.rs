//! What keeps a task from running besides its condition, in words, and what can be done.

use oncue::tools::TaskInfo;

use crate::render::words::short_package;

/// One thing that keeps a task from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// The broker's word for it: `quarantined`.
    pub(crate) word: String,
    /// The facts.
    pub(crate) what: String,
    /// What the user can do.
    pub(crate) way_out: String,
}

/// Returns in words what keeps a task, which the user calls `named`, from running; a word that this
/// version does not know stays.
pub(crate) fn blocked(words: &[String], task: &TaskInfo, named: &str) -> Vec<Blocked> {
    let one = |word: &String| {
        let (what, way_out) = match word.as_str() {
            "quarantined" => (
                format!("{}, so it is quarantined", crashes(task.strikes)),
                format!("fix what crashes, then let it run again: `oncue release {}`", handle(task, named)),
            ),
            "denied" => (
                format!(
                    "{} is not allowed to run in the background; you set that, see `oncue access list`",
                    short_package(&task.package)
                ),
                format!("allow it: `oncue access set {} policy`", task.package),
            ),
            "energy_saver" => (
                "the energy saver is on".into(),
                format!(
                    "switch it off, or let it run all the same: `oncue access set {} always`",
                    task.package
                ),
            ),
            "memory_short" => (
                "memory was short a moment ago".into(),
                "nothing: it runs once memory has not been short for half a minute".into(),
            ),
            "shortage" => (
                "oncue itself is short of open files, processes or memory to start a program with".into(),
                "nothing: oncue retries by itself; close programs that you do not need if this persists"
                    .into(),
            ),
            "out_of_reach" => (
                format!(
                    "the file system that holds the program of {} does not answer",
                    short_package(&task.package)
                ),
                "reconnect the file system, or unmount it (`umount -l`); oncue retries by itself, and \
                 `oncue doctor` says what does not answer"
                    .into(),
            ),
            "circling" => (
                "its last runs changed what it watches, perhaps through other tasks, and so fired it again"
                    .into(),
                "make it write elsewhere or watch something else; until then it runs at most once a minute, \
                 or immediately when something else makes a change"
                    .into(),
            ),
            "asleep" => {
                ("the machine is going to sleep".into(), "nothing: it runs when the machine is awake".into())
            }
            "session_ending" => (
                "the session is about to end".into(),
                "nothing: it runs after the next start, or when that is called off".into(),
            ),
            "stopping" => {
                ("the broker is about to end".into(), "the next broker takes it up by itself".into())
            }
            other => (format!("it is {other}"), "see `oncue doctor`".into()),
        };
        Blocked { word: word.clone(), what, way_out }
    };
    words.iter().map(one).collect()
}

/// Returns how often it crashed, as a sentence says it.
pub(crate) fn crashes(strikes: u32) -> String {
    match strikes {
        1 => "its last activation crashed or never registered".into(),
        strikes => format!("{strikes} activations in a row crashed or never registered"),
    }
}

/// Returns how a command line names the task: as the user did, where a shell reads that as one word.
pub(crate) fn handle<'a>(task: &'a TaskInfo, named: &'a str) -> &'a str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if named.chars().all(is_plain) { named } else { &task.task_id }
}
