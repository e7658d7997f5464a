//! The text of a notification.

use std::time::Duration;

use oncue_core::{LedgerEntry, Notify, Outcome, show_span};

use super::Notice;

/// The longest line of a message that is shown, in characters.
const LONGEST: usize = 200;

impl Notice {
    /// Describes the end of a run.
    pub(super) fn about(entry: &LedgerEntry) -> Self {
        let title = format!("{} {}", entry.name, ending(entry.outcome));
        let body: Vec<String> = [how(entry), last_line(entry)].into_iter().flatten().collect();
        Self {
            task: entry.task,
            instance: entry.instance,
            title: plain(&title),
            body: escaped(&plain(&body.join("\n"))),
            is_bad: Notify::Failure.includes(entry),
        }
    }
}

fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "has completed",
        Outcome::Failed => "has failed",
        Outcome::Cancelled => "was cancelled",
        Outcome::Killed => "was killed",
        Outcome::Crashed => "has crashed",
        Outcome::NotActivated => "could not be started",
        Outcome::Lost => "was interrupted",
        Outcome::Skipped | Outcome::Dropped | Outcome::Coalesced => "did not run",
    }
}

/// Returns the reason, how the process ended, and how long it took.
fn how(entry: &LedgerEntry) -> Option<String> {
    let reason = entry.reason.map(|reason| reason.to_string());
    let exit = entry.exit.filter(|_| entry.outcome != Outcome::Completed).map(|exit| exit.to_string());
    let took = entry.started_at.map(|started| {
        // Milliseconds are of no interest here.
        let took = Duration::from_secs(entry.ended_at.since(started).as_secs());
        format!("after {}", show_span(took))
    });
    let parts: Vec<String> = [reason, exit, took].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn last_line(entry: &LedgerEntry) -> Option<String> {
    let line = entry.message.as_ref()?.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    Some(match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    })
}

/// Replaces what could control a terminal or a layout.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// A body may contain markup: *Desktop Notifications Specification*, section Markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use oncue_core::{Cause, Exit, FamilyName, Firing, Guid, InstanceId, TaskId, Wall};

    use super::*;

    #[test]
    fn a_failure_is_named_with_its_cause_and_its_last_line() {
        let id = Guid::from_u128(1);
        let whose = (TaskId(id), "backup".into(), FamilyName::commands());
        let firing = Firing::once(Wall(0), Cause::Trigger);
        let entry = LedgerEntry {
            started_at: Some(Wall(0)),
            exit: Some(Exit::Code(3)),
            message: Some("reading a & b\nno space <left>\n\n".into()),
            ..LedgerEntry::of(InstanceId(id), whose, &firing, Outcome::Failed, Wall(2_500_000))
        };
        let notice = Notice::about(&entry);
        assert_eq!((notice.title.as_str(), notice.is_bad), ("backup has failed", true));
        assert_eq!(notice.body, "exit 3, after 2s\nno space &lt;left&gt;");
    }
}
