//! Describes what prevents a task from running besides its condition, and what to do about it.

use oncue::tools::TaskInfo;

use crate::render::words::short_package;

/// One cause that prevents a task from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// The broker's word for it, such as `quarantined`.
    pub(crate) word: String,
    /// The facts.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) way_out: String,
}

/// Describes what prevents a task, which the user calls `named`, from running. A word that this
/// version does not know is kept.
pub(crate) fn blocked(words: &[String], task: &TaskInfo, named: &str) -> Vec<Blocked> {
    let one = |word: &String| {
        let (what, way_out) = match word.as_str() {
            "quarantined" => (
                format!("{}, so it is quarantined", crashes(task.strikes)),
                format!("fix the crash, then release the task: `oncue release {}`", handle(task, named)),
            ),
            "denied" => (
                format!(
                    "{} is not allowed to run in the background (you denied it, see `oncue access list`)",
                    short_package(&task.package)
                ),
                format!("allow it: `oncue access set {} policy`", task.package),
            ),
            "energy_saver" => (
                "the energy saver is on".into(),
                format!(
                    "switch it off, or always allow the package to run: `oncue access set {} always`",
                    task.package
                ),
            ),
            "memory_short" => (
                "memory was short within the last half minute".into(),
                "nothing: it runs after half a minute without a shortage".into(),
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
                "its last runs, perhaps through other tasks, changed what it watches and fired it again"
                    .into(),
                "make it write or watch other files; until then it runs at most once a minute, \
                 or immediately when something else makes a change"
                    .into(),
            ),
            "asleep" => {
                ("the machine is going to sleep".into(), "nothing: it runs when the machine wakes up".into())
            }
            "session_ending" => (
                "the session is about to end".into(),
                "nothing: it runs after the next start, or if the shutdown is called off".into(),
            ),
            "stopping" => {
                ("the broker is about to end".into(), "nothing: the next broker continues with it".into())
            }
            other => (format!("it is {other}"), "see `oncue doctor`".into()),
        };
        Blocked { word: word.clone(), what, way_out }
    };
    words.iter().map(one).collect()
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
pub(crate) fn handle<'a>(task: &'a TaskInfo, named: &'a str) -> &'a str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if named.chars().all(is_plain) { named } else { &task.task_id }
}
