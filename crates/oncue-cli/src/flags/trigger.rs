//! The flags for a trigger: at most one.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use oncue_calendar::Schedule;
use oncue_types::{SystemEvent, Trigger, TriggerError, parse_span, show_span};

use super::when::marked;

/// When the command runs. At most one trigger is allowed; without one, it only runs on request.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "When it runs (choose one; without any, only by `oncue run NAME`)")]
#[group(id = "trigger", multiple = false)]
pub(crate) struct TriggerFlags {
    /// Every so often: 1m, 15m, 1h30m, 2d
    #[arg(long, value_name = "SPAN", value_parser = minutes)]
    every: Option<Duration>,
    /// Once, after this time; then the task is removed
    #[arg(long = "in", value_name = "SPAN", value_parser = minutes)]
    once_in: Option<Duration>,
    /// By the calendar, as in systemd.time(7): '03:00', 'Mon..Fri 9:00', '*-*-01 12:00 Europe/Berlin'
    #[arg(long, value_name = "EXPR", value_parser = calendar)]
    at: Option<String>,
    /// By the five fields of crontab(5): '*/5 * * * *', or @daily
    #[arg(long, value_name = "LINE", value_parser = cron)]
    cron: Option<String>,
    /// When something happens to the machine: network-state-change, internet-available, user-away, …
    #[arg(long, value_name = "EVENT", value_parser = event)]
    on: Option<Trigger>,
    /// When a file changes, or an entry of a folder; with --recursive, anything below the folder
    #[arg(long, value_name = "PATH")]
    on_change: Option<PathBuf>,
    /// When a device is added, removed or changed: usb, 'usb added', block
    #[arg(long, value_name = "KIND", value_parser = device)]
    on_device: Option<Trigger>,
    /// When `oncue signal NAME` is called
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    on_signal: Option<String>,
    /// On a D-Bus signal that matches the rule, on the session bus unless it begins with `system`
    #[arg(long, value_name = "RULE", value_parser = bus)]
    on_bus: Option<Trigger>,
    /// When a run of another command has ended: TASK, or TASK:failed, TASK:any; without a word, completed
    #[arg(long, value_name = "TASK[:END]", value_parser = after)]
    after: Option<Trigger>,
    /// When you log in, or the machine has started
    #[arg(long)]
    at_login: bool,
    /// Every so often, but only on mains power
    #[arg(long, value_name = "SPAN", value_parser = minutes)]
    maintenance: Option<Duration>,
}

/// Why the flags are not a trigger.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TriggerFlagError {
    /// The path is not valid UTF-8.
    #[error("the path `{}` is not UTF-8", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// The current folder is unknown, so a relative path cannot be resolved.
    #[error("finding the current folder")]
    Here(#[source] std::io::Error),
    /// The text is not a trigger.
    #[error(transparent)]
    Trigger(#[from] TriggerError),
}

impl TriggerFlags {
    /// Returns the trigger that the flags choose, if they choose one.
    pub(crate) fn trigger(&self, recursive: bool) -> Result<Option<Trigger>, TriggerFlagError> {
        if let Some(path) = &self.on_change {
            let path = std::path::absolute(path).map_err(TriggerFlagError::Here)?;
            let text = path.to_str().ok_or_else(|| TriggerFlagError::Path { path: path.clone() })?;
            let word = if recursive { "tree" } else { "path" };
            return Ok(Some(format!("{word} {text}").parse()?));
        }
        let text = self
            .every
            .map(|span| format!("every {}", show_span(span)))
            .or_else(|| self.once_in.map(|span| format!("once {}", show_span(span))))
            .or_else(|| self.maintenance.map(|span| format!("maintenance every {}", show_span(span))))
            .or_else(|| self.at.as_ref().map(|expression| format!("calendar {expression}")))
            .or_else(|| self.cron.as_ref().map(|line| format!("cron {line}")))
            .or_else(|| self.on_signal.as_ref().map(|name| format!("signal {name}")))
            .or_else(|| self.at_login.then(|| "startup".to_owned()));
        if let Some(text) = text {
            return Ok(Some(text.parse()?));
        }
        Ok(self
            .on
            .clone()
            .or_else(|| self.after.clone())
            .or_else(|| self.on_device.clone())
            .or_else(|| self.on_bus.clone()))
    }
}

fn minutes(text: &str) -> Result<Duration, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    if span.is_zero() || span.as_micros() % 60_000_000 != 0 {
        return Err("it must be a whole number of minutes, at least 1m".to_owned());
    }
    Ok(span)
}

fn calendar(text: &str) -> Result<String, String> {
    let text = text.strip_prefix("calendar ").unwrap_or(text);
    schedule(text, text, 0).map_err(|why| match Schedule::parse(&format!("cron {text}")) {
        Ok(_) => format!("this is a line of crontab(5): use `--cron '{text}'`"),
        Err(_) => why,
    })
}

fn cron(text: &str) -> Result<String, String> {
    let text = text.strip_prefix("cron ").unwrap_or(text);
    schedule(&format!("cron {text}"), text, "cron ".len())
}

/// Checks a schedule, of which the user wrote the part after `ahead` characters.
fn schedule(whole: &str, text: &str, ahead: usize) -> Result<String, String> {
    match Schedule::parse(whole) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.at.saturating_sub(ahead);
            Err(marked(&error.mistake.to_string(), text, at, error.length))
        }
    }
}

fn event(text: &str) -> Result<Trigger, String> {
    let told = |error: TriggerError| {
        if !matches!(error, TriggerError::NoEvent { .. }) {
            return error.to_string();
        }
        format!("{error}; the events are {}", SystemEvent::ALL.map(SystemEvent::name).join(", "))
    };
    format!("on {text}").parse().map_err(told)
}

fn after(text: &str) -> Result<Trigger, String> {
    let (task, end) = match text.rsplit_once(':') {
        None => (text, "completed"),
        Some((task, end @ ("completed" | "failed" | "any"))) => (task, end),
        Some((_, end)) => return Err(format!("unknown end `{end}`: write completed, failed or any")),
    };
    format!("after {end} {task}").parse().map_err(|error: TriggerError| error.to_string())
}

fn device(text: &str) -> Result<Trigger, String> {
    let text = text.replace(':', " ");
    format!("device {text}").parse().map_err(|_| {
        "write the kernel's name for its kind, and optionally added, removed or changed: usb, 'usb added'"
            .to_owned()
    })
}

fn bus(text: &str) -> Result<Trigger, String> {
    let named = text.starts_with("session ") || text.starts_with("system ");
    let text = if named { format!("bus {text}") } else { format!("bus session {text}") };
    text.parse().map_err(|error: TriggerError| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        trigger: TriggerFlags,
        #[arg(long)]
        recursive: bool,
    }

    fn parsed(words: &[&str]) -> Result<Option<String>, String> {
        let line = Line::try_parse_from([&["add"], words].concat()).map_err(|error| error.to_string())?;
        let trigger = line.trigger.trigger(line.recursive).map_err(|error| error.to_string())?;
        Ok(trigger.map(|trigger| trigger.to_string()))
    }

    #[test]
    fn every_flag_is_a_trigger() {
        for (words, trigger) in [
            (&["--every", "90m"][..], "every 1h30m"),
            (&["--in", "20min"], "once 20m"),
            (&["--at", "Mon..Fri 9:00"], "calendar Mon..Fri 9:00"),
            (&["--cron", "*/5 * * * *"], "cron */5 * * * *"),
            (&["--on", "internet-available"], "on internet-available"),
            (&["--on", "internet-available once"], "on internet-available once"),
            (&["--on-change", "/etc/hosts"], "path /etc/hosts"),
            (&["--on-change", "/srv", "--recursive"], "tree /srv"),
            (&["--after", "backup"], "after completed backup"),
            (&["--after", "backup:failed"], "after failed backup"),
            (&["--on-device", "usb"], "device usb"),
            (&["--on-device", "usb:added"], "device usb added"),
            (&["--on-signal", "backup.done"], "signal backup.done"),
            (&["--on-bus", "member='Next'"], "bus session member='Next'"),
            (&["--on-bus", "system member='Next'"], "bus system member='Next'"),
            (&["--at-login"], "startup"),
            (&["--maintenance", "6h"], "maintenance every 6h"),
        ] {
            assert_eq!(parsed(words).unwrap().as_deref(), Some(trigger), "{words:?}");
        }
        assert_eq!(parsed(&[]), Ok(None));
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (words, said) in [
            (&["--every", "30s"][..], "it must be a whole number of minutes, at least 1m"),
            (&["--every", "soon"], "not a length of time: `soon`"),
            (&["--at", "Mon..Fri 25:00"], "  Mon..Fri 25:00\n           ^^"),
            (&["--at", "*/5 * * * *"], "use `--cron '*/5 * * * *'`"),
            (&["--cron", "61 * * * *"], "  61 * * * *\n  ^^"),
            (&["--on", "tuesday"], "unknown system event `tuesday`; the events are "),
            (&["--on-device", "../usb"], "write the kernel's name for its kind"),
            (&["--every", "1h", "--at", "9:00"], "cannot be used with"),
        ] {
            let why = parsed(words).unwrap_err();
            assert!(why.contains(said), "{words:?}: {why}");
        }
    }
}
