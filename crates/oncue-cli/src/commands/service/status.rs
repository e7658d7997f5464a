//! `oncue service status`: what starts the broker, and what runs.

use std::io::Write as _;

use anstyle::Style;
use clap::Args;
use oncue::tools::{BrokerInfo, StartedBy, Word};
use oncue_broker::service::{Installer, Linger, NameOnBus};
use oncue_wire::Place;
use oncue_wire::names::BROKER_INTERFACE;
use serde::Serialize;

use super::look::{Look, State};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::card::Card;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::style::{BAD, HELD, PLAIN};
use crate::render::time::Clock;

/// Show whether the broker starts when you log in, and which one runs now
///
/// This does not start a broker.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  oncue service status\n  oncue service status --json")]
pub(crate) struct Arguments {
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Shape<'a> {
    log_in: Option<String>,
    installed_by: Option<&'static str>,
    declined: bool,
    program: Option<String>,
    program_state: Option<&'static str>,
    broker: Option<json::Broker<'a>>,
    executable_state: Option<&'static str>,
    linger: Option<bool>,
    session_bus: &'static str,
    session_bus_pid: Option<u32>,
}

/// Shows the service.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let look = Look::around()?;
    let (clock, mut screen) = (Clock::here(), Screen::open());
    if arguments.json {
        screen.json(&shape(&look, &clock))?;
    } else {
        screen.write_all(card(&look, &clock, Place::is_own_home()).draw(screen.width()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn shape<'a>(look: &'a Look, clock: &Clock) -> Shape<'a> {
    Shape {
        log_in: look.starter.as_ref().map(|starter| starter.file.display().to_string()),
        installed_by: look.installer.map(|installer| match installer {
            Installer::User => "user",
            Installer::Broker => "broker",
        }),
        declined: look.declined,
        program: look.program.as_ref().map(|program| program.path.display().to_string()),
        program_state: look.program.as_ref().map(|program| program.state.word()),
        broker: look.broker.as_ref().map(|broker| json::Broker::of(broker, clock)),
        executable_state: look.running.map(State::word),
        linger: match look.linger {
            Linger::On => Some(true),
            Linger::Off => Some(false),
            Linger::Unknown => None,
        },
        session_bus: match look.bus {
            NameOnBus::NoBus => "none",
            NameOnBus::Free { activatable: true } => "activatable",
            NameOnBus::Free { activatable: false } => "free",
            NameOnBus::Owned { pid } if is_broker(pid, look.broker.as_ref()) => "broker",
            NameOnBus::Owned { .. } => "other",
        },
        session_bus_pid: match look.bus {
            NameOnBus::Owned { pid } => pid,
            NameOnBus::NoBus | NameOnBus::Free { .. } => None,
        },
    }
}

fn is_broker(pid: Option<u32>, broker: Option<&BrokerInfo>) -> bool {
    pid.is_some() && pid == broker.map(|broker| broker.pid)
}

fn card(look: &Look, clock: &Clock, own_home: bool) -> Card {
    let mut card = Card::default();
    match &look.starter {
        Some(starter) => {
            card.row("log-in", format!("started by {}", starter.file.display()));
            card.row("", installed(look.installer));
        }
        None if own_home => card.row("log-in", "never started at log-in, because ONCUE_HOME is set"),
        None if look.declined => {
            card.row("log-in", "not started at log-in, because `oncue service uninstall` was called");
        }
        None => card.styled("log-in", "not started at log-in; to change that: oncue service install", HELD),
    }
    if let Some(program) = &look.program {
        let path = program.path.display();
        match program.state {
            State::There | State::Replaced => card.row("program", path.to_string()),
            State::Gone => {
                let what = format!("{path} is gone; to use this program instead: oncue service install");
                card.styled("program", &what, BAD);
            }
        }
    }
    match &look.broker {
        Some(broker) => running(&mut card, broker, look.running, clock),
        None => card.row("broker", "none is running; programs and `oncue` start one when they need it"),
    }
    let (bus, style) = session_bus(look, own_home);
    card.styled("session bus", &bus, style);
    card.row("linger", linger(look.linger));
    card
}

fn installed(by: Option<Installer>) -> &'static str {
    match by {
        Some(Installer::User) => "installed by `oncue service install`",
        Some(Installer::Broker) => "installed by the broker, because tasks are registered",
        None => "not written by oncue",
    }
}

fn running(card: &mut Card, broker: &BrokerInfo, state: Option<State>, clock: &Clock) {
    let BrokerInfo { version, pid, executable, started_at, started_by, .. } = broker;
    let by = match started_by {
        Word::Known(StartedBy::User) => "by hand".to_owned(),
        Word::Known(StartedBy::Client) => "by a program that needed it".to_owned(),
        Word::Known(StartedBy::Service) => "by the service".to_owned(),
        Word::Other(other) => other.to_string(),
    };
    let since = clock.local(*started_at);
    card.row("broker", format!("version {version}, pid {pid}, started {by} on {since}"));
    let (what, style) = match state {
        Some(State::Gone) => ("; the file is gone", BAD),
        Some(State::Replaced) => {
            ("; the file was replaced; a newer version takes over when no task runs", HELD)
        }
        Some(State::There) | None => ("", PLAIN),
    };
    card.styled("", &format!("{executable}{what}"), style);
}

/// Describes who can be called on the session bus.
fn session_bus(look: &Look, own_home: bool) -> (String, Style) {
    let name = BROKER_INTERFACE;
    match look.bus {
        NameOnBus::NoBus => ("there is none; the broker can be called at its socket".into(), PLAIN),
        NameOnBus::Owned { pid } if is_broker(pid, look.broker.as_ref()) => {
            (format!("{name} is this broker"), PLAIN)
        }
        NameOnBus::Owned { pid } => {
            let process = pid.map_or_else(String::new, |pid| format!(", pid {pid}"));
            let style = if own_home { PLAIN } else { HELD };
            (format!("{name} is another program{process}"), style)
        }
        NameOnBus::Free { .. } if own_home => {
            (format!("{name} is not offered, because ONCUE_HOME is set"), PLAIN)
        }
        NameOnBus::Free { activatable: true } => {
            (format!("{name} starts the broker when it is called"), PLAIN)
        }
        NameOnBus::Free { activatable: false } => {
            let what = format!(
                "{name} is not offered: no broker runs that may take the name (`session_bus` in config.toml)"
            );
            (what, PLAIN)
        }
    }
}

fn linger(linger: Linger) -> &'static str {
    match linger {
        Linger::On => "on: the broker starts with the machine, and runs while you are logged out",
        Linger::Off => {
            "off: tasks run while you are logged in; to run them without that: loginctl enable-linger"
        }
        Linger::Unknown => "not available: logind is not running",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use oncue::tools::Wall;
    use oncue_broker::service::Starter;

    use super::super::look::Program;
    use super::*;
    use crate::render::json::documented::{assert_documented, value};

    fn look() -> Look {
        Look {
            starter: Some(Starter { file: "/a/oncue.service".into(), program: None }),
            installer: Some(Installer::Broker),
            declined: false,
            program: Some(Program { path: "/usr/bin/oncue".into(), state: State::There }),
            broker: None,
            running: None,
            linger: Linger::Off,
            bus: NameOnBus::NoBus,
        }
    }

    #[test]
    fn the_shape_is_as_documented() {
        let look = look();
        let mut shape = value(&shape(&look, &Clock::at(Wall(0), TimeZone::UTC)));
        assert!(shape["broker"].is_null());
        shape["broker"] = serde_json::json!({});
        shape["executable_state"] = "there".into();
        shape["session_bus_pid"] = 7.into();
        assert_documented("The service", &shape);
    }

    #[test]
    fn another_program_with_the_name_on_the_bus_is_said() {
        let drawn = |bus| {
            let look = Look { bus, ..look() };
            card(&look, &Clock::at(Wall(0), TimeZone::UTC), false).draw(None)
        };
        let other = drawn(NameOnBus::Owned { pid: Some(7) });
        assert!(other.contains("org.oncue.Broker1 is another program, pid 7"), "{other}");
        let free = drawn(NameOnBus::Free { activatable: true });
        assert!(free.contains("org.oncue.Broker1 starts the broker when it is called"), "{free}");
    }

    #[test]
    fn what_does_not_start_or_is_gone_says_what_to_do() {
        let clock = Clock::at(Wall(0), TimeZone::UTC);
        let drawn = |look: &Look, own| card(look, &clock, own).draw(None);
        let gone = Program { path: "/x/oncue".into(), state: State::Gone };
        let gone = drawn(&Look { program: Some(gone), ..look() }, false);
        assert!(gone.contains("/x/oncue is gone") && gone.contains("oncue service install"), "{gone}");
        let nothing = Look { starter: None, installer: None, program: None, ..look() };
        assert!(drawn(&nothing, false).contains("oncue service install"));
        assert!(drawn(&nothing, true).contains("ONCUE_HOME is set"));
        assert!(drawn(&nothing, false).contains("loginctl enable-linger"));
    }
}
