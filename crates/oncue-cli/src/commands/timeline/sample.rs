//! A sample timeline, for tests.

use std::time::Duration;

use oncue::Outcome;
use oncue::tools::{Entry, InstanceId, TaskId};

use super::gather::Timeline;
use crate::ahead::Ahead;
use crate::commands::next::sample::tasks;
use crate::commands::sample::{NOW, guid, minutes};

/// The name of a task that is no longer registered, and what another has written.
pub(super) const NAME: &str = "<script>alert('gone')</script>";
pub(super) const MESSAGE: &str = "</script><img src=x onerror=alert(2)> &amp; \"quoted\"";

/// Returns a timeline of two hours back and a day ahead.
pub(super) fn timeline() -> Timeline {
    let tasks = tasks();
    let id = |name: &str| tasks.iter().find(|task| task.name == name).map(|task| task.task_id);
    let mut number = 0;
    let mut entry = |name: &str, fired: i64, started: Option<i64>, ended: i64, outcome: Outcome| {
        number += 1;
        Entry {
            instance_id: InstanceId(guid(number)),
            task_id: id(name).unwrap_or(TaskId(guid(0xffff_ffff))),
            name: name.into(),
            package: "commands".into(),
            fired_at: minutes(fired),
            started_at: started.map(minutes),
            ended_at: minutes(ended),
            outcome: outcome.into(),
            firings: 1,
            ..Entry::default()
        }
    };
    let entries = vec![
        entry("mail", -3, Some(-3), -2, Outcome::Completed),
        Entry { message: Some(MESSAGE.into()), ..entry("mail", -18, Some(-18), -17, Outcome::Failed) },
        entry("mail", -33, Some(-33), -32, Outcome::Completed),
        entry("backup", -90, Some(-90), -60, Outcome::Completed),
        entry("scrub", -90, Some(-60), -40, Outcome::Cancelled),
        entry("upload", -80, None, -50, Outcome::Dropped),
        entry(NAME, -30, Some(-30), -29, Outcome::Completed),
    ];
    let ahead = Ahead::of(NOW, tasks, Duration::from_secs(86_400), 300);
    Timeline::of(ahead, entries, None, (minutes(-120), minutes(1_440)))
}
