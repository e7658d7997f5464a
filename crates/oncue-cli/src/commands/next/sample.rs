//! Sample tasks that show all that can come, for tests.

use oncue::TaskState;
use oncue::tools::{Blocker, CommandInfo, InstanceId, PauseInfo, TaskId, TaskInfo, Word};

use crate::commands::sample::{self, NOW, guid, minutes, retry, waiting};

/// Returns the tasks, ordered by id.
pub(crate) fn tasks() -> Vec<TaskInfo> {
    let mut number = 0;
    let mut task = |name: &str, trigger: &str, due: Option<i64>| {
        number += 1;
        TaskInfo {
            task_id: TaskId(guid(0x1f2e_3d4c + number)),
            name: name.into(),
            package: "commands".into(),
            command: Some(CommandInfo::default()),
            trigger: Word::read(trigger),
            condition: None,
            next_due: due.map(minutes),
            ..sample::task(TaskState::Armed)
        }
    };
    vec![
        task("mail", "every 15m", Some(12)),
        TaskInfo {
            policy: Some(Word::read("queue=disk")),
            ..task("backup", "calendar *-*-* 03:00:00 UTC", Some(60))
        },
        TaskInfo {
            policy: Some(Word::read("queue=disk")),
            ..task("scrub", "calendar *-*-* 03:00:00 UTC", Some(60))
        },
        task("check", "after completed backup", None),
        TaskInfo { retry: retry(2, minutes(3)), ..task("flaky", "application", None) },
        TaskInfo {
            state: TaskState::Running.into(),
            instance_id: Some(InstanceId(guid(7))),
            fired_at: Some(minutes(-1)),
            started_at: Some(minutes(0)),
            ..task("scan", "application", None)
        },
        TaskInfo { condition: Some(Word::read("internet")), ..task("upload", "every 15m", Some(5)) },
        TaskInfo {
            state: TaskState::Held.into(),
            condition: Some(Word::read("internet")),
            waiting: waiting(2, minutes(-20)),
            held_since: Some(minutes(-20)),
            failing: vec![Word::read("internet")],
            ..task("fetch", "signal fetch", None)
        },
        TaskInfo {
            paused: Some(PauseInfo { since: NOW, until: None }),
            blocked: vec![Blocker::Paused.into()],
            ..task("rests", "every 15m", Some(5))
        },
        TaskInfo { policy: Some(Word::read("disabled")), ..task("off", "every 15m", None) },
        task("watches", "path /srv/in", None),
        task("newer", "moonrise", None),
        TaskInfo { next_due: Some(minutes(40 * 1_440)), ..task("late", "once 58000m", None) },
        TaskInfo { trigger: Word::read("once 20m"), ..task("once", "once 20m", Some(20)) },
    ]
}
