//! A trigger's text form: `every 15m`, `calendar Mon..Fri 9:00`, `on internet-available`.

use alloc::string::ToString;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use super::{Bus, DeviceAction, SystemEvent, Trigger, TriggerError, Watch};
use crate::span::{parse_span, show_span};

/// The maximum number of bytes of a trigger: enough for the longest path, 4,095 bytes, and for the
/// longest match rule.
const LIMIT: usize = 4_200;

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { minutes, one_shot } => show_time(f, *minutes, *one_shot),
            Self::Maintenance { minutes, one_shot } => {
                f.write_str("maintenance ")?;
                show_time(f, *minutes, *one_shot)
            }
            Self::Calendar(schedule) => f.write_str(schedule),
            Self::System { event, one_shot } => write!(f, "on {event}{}", once(*one_shot)),
            Self::Application => f.write_str("application"),
            Self::Signal { id, once: only } => write!(f, "signal {id}{}", once(*only)),
            Self::Startup => f.write_str("startup"),
            Self::After { task, end } => write!(f, "after {end} {task}"),
            Self::Watch(watch) => watch.fmt(f),
        }
    }
}

fn show_time(f: &mut fmt::Formatter<'_>, minutes: u32, one_shot: bool) -> fmt::Result {
    let word = if one_shot { "once" } else { "every" };
    write!(f, "{word} {}", show_span(Duration::from_secs(u64::from(minutes) * 60)))
}

fn once(once: bool) -> &'static str {
    if once { " once" } else { "" }
}

impl FromStr for Trigger {
    type Err = TriggerError;

    fn from_str(text: &str) -> Result<Self, TriggerError> {
        let text = text.trim_start();
        // Spaces at the end of a path are part of its name.
        let text = if matches!(cut(text).0, "path" | "tree") { text } else { text.trim_end() };
        if let Some(at) = text.chars().position(char::is_control) {
            return Err(TriggerError::Unprintable { at });
        }
        let length = text.len();
        if length > LIMIT {
            return Err(TriggerError::TooLong { length, limit: LIMIT });
        }
        let (word, rest) = cut(text);
        let form = |form| TriggerError::Form { text: text.to_string(), form };
        Ok(match (word, rest) {
            ("", _) => return Err(TriggerError::Missing),
            ("every" | "once", _) => {
                let (minutes, one_shot) = time(text)?;
                Self::Time { minutes, one_shot }
            }
            ("maintenance", rest) if rest.starts_with("every ") || rest.starts_with("once ") => {
                let (minutes, one_shot) = time(rest)?;
                Self::Maintenance { minutes, one_shot }
            }
            ("maintenance", _) => return Err(form("maintenance every SPAN")),
            ("calendar", "") => return Err(form("calendar EXPRESSION")),
            ("cron", "") => return Err(form("cron EXPRESSION")),
            ("calendar" | "cron", rest) => Self::Calendar(alloc::format!("{word} {rest}").into()),
            ("on", rest) => system(rest).ok_or_else(|| form("on EVENT [once]"))??,
            ("signal", rest) => signal(rest).ok_or_else(|| form("signal NAME [once]"))?,
            ("application", "") => Self::Application,
            ("application", _) => return Err(form("application")),
            ("after", rest) => after(rest).ok_or_else(|| form("after completed|failed|any COMMAND"))?,
            ("startup", "") => Self::Startup,
            ("startup", _) => return Err(form("startup")),
            ("path" | "tree" | "device" | "bus" | "push", _) => Self::Watch(Arc::new(watch(text)?)),
            (word, _) => return Err(TriggerError::Unknown { word: word.to_string() }),
        })
    }
}

fn cut(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn time(text: &str) -> Result<(u32, bool), TriggerError> {
    let (word, rest) = cut(text);
    let span = parse_span(rest)?;
    match u32::try_from(span.as_secs() / 60) {
        Ok(minutes) if span == Duration::from_secs(u64::from(minutes) * 60) => Ok((minutes, word == "once")),
        _ => Err(TriggerError::NotMinutes { text: rest.to_string() }),
    }
}

/// Returns a word and whether `once` follows it; `None` if anything else follows.
fn word_and_once(text: &str) -> Option<(&str, bool)> {
    match cut(text) {
        ("", _) => None,
        (word, "") => Some((word, false)),
        (word, "once") => Some((word, true)),
        _ => None,
    }
}

fn system(text: &str) -> Option<Result<Trigger, TriggerError>> {
    let (name, one_shot) = word_and_once(text)?;
    let event = SystemEvent::named(name).ok_or_else(|| SystemEvent::unsupported(name));
    Some(event.map(|event| Trigger::System { event, one_shot }))
}

fn signal(text: &str) -> Option<Trigger> {
    let (id, once) = word_and_once(text)?;
    Some(Trigger::Signal { id: id.into(), once })
}

fn after(text: &str) -> Option<Trigger> {
    let (end, task) = cut(text);
    let end = end.parse().ok()?;
    (!task.is_empty()).then(|| Trigger::After { task: task.into(), end })
}

fn watch(text: &str) -> Result<Watch, TriggerError> {
    let (word, rest) = cut(text);
    let form = |form| TriggerError::Form { text: text.to_string(), form };
    match (word, rest) {
        ("path" | "tree", rest) if rest.starts_with('/') => {
            Ok(Watch::Path { path: rest.to_string(), deep: word == "tree" })
        }
        ("path", rest) if rest.trim().is_empty() => Err(form("path PATH")),
        ("tree", rest) if rest.trim().is_empty() => Err(form("tree PATH")),
        ("path" | "tree", path) => Err(TriggerError::NotAbsolute { path: path.to_string() }),
        ("device", rest) => device(rest).ok_or_else(|| form("device SUBSYSTEM [added|removed|changed]")),
        ("bus", rest) => bus(rest).ok_or_else(|| form("bus session|system RULE")),
        ("push", "") => Ok(Watch::Push),
        _ => Err(form("push")),
    }
}

fn device(text: &str) -> Option<Watch> {
    let (subsystem, rest) = cut(text);
    let action = match rest {
        "" => None,
        word => Some(DeviceAction::ALL.into_iter().find(|action| action.name() == word)?),
    };
    let word =
        !subsystem.is_empty() && subsystem.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    word.then(|| Watch::Device { subsystem: subsystem.to_string(), action })
}

fn bus(text: &str) -> Option<Watch> {
    let (which, rule) = cut(text);
    let bus = match which {
        "session" => Bus::Session,
        "system" => Bus::System,
        _ => return None,
    };
    (!rule.is_empty()).then(|| Watch::Bus { bus, rule: rule.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_it_reads() {
        for text in [
            "every 15m",
            "once 1h30m",
            "every 29d23h59m",
            "every 0s",
            "maintenance every 1h",
            "maintenance once 15m",
            "calendar Mon..Fri *-*-* 09:00:00 Europe/Berlin",
            "cron */5 * * * *",
            "on internet-available",
            "on servicing-complete once",
            "application",
            "signal contoso.ready",
            "signal contoso.ready once",
            "startup",
            "after completed sync mail",
            "path /etc/hosts",
            "tree /home/ann/My Photos",
            "path /ends in a blank ",
            "tree /ends in a no-break space\u{a0}",
            "device usb",
            "device block added",
            "bus session type='signal',interface='org.example.Player',member='Next'",
            "push",
        ] {
            assert_eq!(text.parse::<Trigger>().unwrap().to_string(), text);
        }
        assert_eq!("every 90 minutes".parse::<Trigger>().unwrap().to_string(), "every 1h30m");
        for event in SystemEvent::ALL {
            let trigger = Trigger::System { event, one_shot: false };
            assert_eq!(trigger.to_string().parse(), Ok(trigger));
        }
    }

    #[test]
    fn refuses_what_is_no_trigger() {
        for (text, refusal) in [
            ("", "the trigger is empty: write"),
            ("sometimes 15m", "unknown trigger `sometimes`"),
            ("every 90s", "`90s` is not a whole number of minutes"),
            ("every", "not a length of time"),
            ("maintenance 15m", "`maintenance 15m` should be written `maintenance every SPAN`"),
            ("calendar", "should be written `calendar EXPRESSION`"),
            ("on", "should be written `on EVENT [once]`"),
            ("on tuesday", "unknown system event `tuesday`"),
            ("on sms-received", "is not available on Linux: a Linux desktop has no service"),
            ("on internet-available twice", "should be written"),
            ("signal", "should be written `signal NAME [once]`"),
            ("signal two words", "should be written"),
            ("after sync", "should be written `after completed|failed|any COMMAND`"),
            ("startup now", "should be written `startup`"),
            ("path", "should be written `path PATH`"),
            ("tree  ", "should be written `tree PATH`"),
            ("path etc/hosts", "path `etc/hosts` is not absolute"),
            ("device ../usb", "should be written `device"),
            ("device usb broken", "should be written `device"),
            ("bus type='signal'", "should be written `bus session|system RULE`"),
            ("path /a\u{7}", "control character at position 8"),
        ] {
            let said = text.parse::<Trigger>().unwrap_err().to_string();
            assert!(said.contains(refusal), "`{text}`: {said}");
        }
        let long = alloc::format!("path /{}", "x".repeat(LIMIT));
        assert!(matches!(long.parse::<Trigger>(), Err(TriggerError::TooLong { .. })));
    }
}
