//! The flags for a task's policy.

use std::sync::Arc;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use oncue_types::{HoldEnd, HoldLimit, Missed, Notify, Policy, Priority, Retry, parse_span};

/// What else is decided about runs.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "How it runs")]
pub(crate) struct PolicyFlags {
    /// What happens to firings that are missed while the machine is off
    #[arg(long, value_name = "WHAT")]
    missed: Option<MissedFlag>,
    /// Retry a failed run: a number of attempts, or linear:SPAN:ATTEMPTS or exponential:SPAN:ATTEMPTS
    #[arg(long, value_name = "POLICY", value_parser = retry)]
    retry: Option<Retry>,
    /// How long a firing may be delayed to share a wake-up with others
    #[arg(long, value_name = "SPAN", value_parser = span)]
    slack: Option<Duration>,
    /// Cancel a run that takes longer than this
    #[arg(long, value_name = "SPAN", value_parser = span)]
    time_limit: Option<Duration>,
    /// How long a cancelled run has to end, after SIGTERM, before it is killed
    #[arg(long, value_name = "SPAN", value_parser = span)]
    grace: Option<Duration>,
    /// How long a firing may wait for the condition; then it is dropped, or with :run it runs anyway
    #[arg(long, value_name = "SPAN[:run]", value_parser = hold_limit)]
    hold_limit: Option<HoldLimit>,
    /// How its processes share the machine with what you do: after it, or equally
    #[arg(long, value_name = "PRIORITY", value_parser = PossibleValuesParser::new(Priority::ALL.map(Priority::name)).map(priority))]
    priority: Option<Priority>,
    /// Show a notification on the desktop when a run ends
    #[arg(long, value_name = "WHEN", value_parser = PossibleValuesParser::new(Notify::ALL.map(Notify::name)).map(notify))]
    notify: Option<Notify>,
    /// Put it in this queue; only one task of a queue runs at a time
    #[arg(long, value_name = "NAME", value_parser = queue)]
    queue: Option<Arc<str>>,
    /// Cancel a run when its condition stops holding
    #[arg(long)]
    cancel_on_loss: bool,
}

/// What happens to missed firings.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum MissedFlag {
    /// They run once, at the next chance
    Once,
    /// They are skipped
    Skip,
}

/// How long a retry waits first if only the number of attempts is given.
const FIRST_RETRY: Duration = Duration::from_secs(30);

impl PolicyFlags {
    /// Changes what the flags choose.
    pub(crate) fn apply(&self, policy: &mut Policy) {
        if let Some(missed) = self.missed {
            policy.missed = match missed {
                MissedFlag::Once => Missed::Once,
                MissedFlag::Skip => Missed::Skip,
            };
        }
        policy.retry = self.retry.or(policy.retry);
        policy.slack = self.slack.or(policy.slack);
        policy.time_limit = self.time_limit.or(policy.time_limit);
        policy.grace = self.grace.or(policy.grace);
        policy.priority = self.priority.unwrap_or(policy.priority);
        policy.notify = self.notify.or(policy.notify);
        policy.queue = self.queue.clone().or_else(|| policy.queue.take());
        policy.hold_limit = self.hold_limit.or(policy.hold_limit);
        policy.cancel_on_condition_loss |= self.cancel_on_loss;
    }
}

fn span(text: &str) -> Result<Duration, String> {
    parse_span(text).map_err(|error| error.to_string())
}

fn retry(text: &str) -> Result<Retry, String> {
    if let Ok(attempts) = text.parse() {
        return Ok(Retry::exponential(FIRST_RETRY, attempts));
    }
    text.parse().map_err(|error: oncue_types::RetryError| error.to_string())
}

/// The argument parser accepts only valid names.
fn priority(name: String) -> Priority {
    name.parse().unwrap_or_default()
}

/// The argument parser accepts only valid names.
fn notify(name: String) -> Notify {
    name.parse().unwrap_or_default()
}

fn queue(text: &str) -> Result<Arc<str>, String> {
    let policy: Result<Policy, _> = format!("queue={text}").parse();
    policy.ok().and_then(|policy| policy.queue).ok_or_else(|| "use letters, digits and ._-".to_owned())
}

fn hold_limit(text: &str) -> Result<HoldLimit, String> {
    let (after, then) = match text.split_once(':') {
        None | Some((_, "drop")) => (text.split(':').next().unwrap_or(text), HoldEnd::Drop),
        Some((after, "run")) => (after, HoldEnd::Run),
        Some((_, other)) => return Err(format!("unknown end `{other}`: write SPAN, SPAN:drop or SPAN:run")),
    };
    Ok(HoldLimit { after: span(after)?, then })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        policy: PolicyFlags,
    }

    #[test]
    fn flags_change_only_what_they_name() {
        let line = "add --missed skip --retry 5 --slack 30s --time-limit 1h --grace 1m --hold-limit 2h:run --cancel-on-loss --priority normal";
        let mut policy = Policy::default();
        Line::parse_from(line.split(' ')).policy.apply(&mut policy);
        let all = "missed=skip cancel-on-loss run-after=2h slack=30s time-limit=1h grace=1m priority=normal retry=exponential:30s:5";
        assert_eq!(policy.to_string(), all);
        Line::parse_from(["add", "--retry", "linear:1m:3", "--hold-limit", "1h"]).policy.apply(&mut policy);
        let all = "missed=skip cancel-on-loss drop-after=1h slack=30s time-limit=1h grace=1m priority=normal retry=linear:1m:3";
        assert_eq!(policy.to_string(), all);
        for wrong in
            [["--retry", "often"], ["--hold-limit", "1h:later"], ["--slack", "some"], ["--queue", "a b"]]
        {
            assert!(Line::try_parse_from([&["add"][..], &wrong].concat()).is_err(), "{wrong:?}");
        }
    }
}
