//! `oncue doctor`: what the broker knows about itself and the machine, and what is wrong.

mod bus;
mod finding;
mod folders;
mod judge;
mod log_in;
mod look;
mod patience;
mod store;

use std::io::Write as _;

use clap::Args;
use oncue::tools::{BrokerInfo, FactInfo, PackageInfo};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::when::When;
use crate::render::card::Card;
use crate::render::clean::clean;
use crate::render::json;
use crate::render::pause::Whose;
use crate::render::report::lines;
use crate::render::screen::Screen;
use crate::render::style::{BAD, GOOD, HELD, PLAIN, TITLE, paint};
use crate::render::time::Clock;
use finding::Finding;
use log_in::LogIn;
use look::Look;

/// Check the broker, store, configuration, packages, facts and tasks for problems
///
/// Finds missing folders; tasks that are quarantined, that failed, or whose trigger is not
/// available; facts that are simulated or unknown; and whether the broker starts at log-in.
/// Suggests a fix for each problem.
#[derive(Debug, Args)]
#[command(
    after_help = "The exit code is 1 if there is a problem, or if the condition does not hold.\n\nExamples:\n  \
                        oncue doctor\n  oncue doctor --when 'internet and (ac or battery-above-50)'"
)]
pub(crate) struct Arguments {
    /// Only check whether a condition holds according to the current facts
    #[arg(long, value_name = "CONDITION", conflicts_with = "json")]
    when: Option<When>,
    /// Write JSON, as described in docs/interface/json.md
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Shape<'a> {
    healthy: bool,
    version: &'a str,
    broker: Option<json::Broker<'a>>,
    started: bool,
    socket: String,
    runtime_folder: String,
    config: ConfigShape,
    log_in: Option<String>,
    packages: Vec<json::Package<'a>>,
    facts: Vec<json::Fact<'a>>,
    problems: &'a [Finding],
}

#[derive(Debug, Serialize)]
struct ConfigShape {
    path: String,
    present: bool,
}

/// Looks for problems.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let (clock, mut screen) = (Clock::here(), Screen::open());
    let look = look::around(&clock);
    if let Some(condition) = &arguments.when {
        return Ok(judge::judge(condition, &look.facts, &clock, &mut screen)?);
    }
    if arguments.json {
        screen.json(&shape(&look, &clock))?;
    } else {
        screen.write_all(card(&look, &clock).draw(screen.width()).as_bytes())?;
        screen.write_all(problems(&look.problems).as_bytes())?;
    }
    Ok(if look.problems.is_empty() { Exit::Done } else { Exit::Failed })
}

fn shape<'a>(look: &'a Look, clock: &Clock) -> Shape<'a> {
    Shape {
        healthy: look.problems.is_empty(),
        version: env!("CARGO_PKG_VERSION"),
        broker: look.broker.as_ref().map(|broker| json::Broker::of(broker, clock)),
        started: look.started,
        socket: look.socket.display().to_string(),
        runtime_folder: look.runtime.display().to_string(),
        config: ConfigShape { path: look.config.display().to_string(), present: look.has_config },
        log_in: match &look.log_in {
            LogIn::Starts(starter) => Some(starter.file.display().to_string()),
            LogIn::Nothing | LogIn::OwnHome => None,
        },
        packages: look.packages.iter().map(json::Package::of).collect(),
        facts: look.facts.iter().map(|fact| json::Fact::of(fact, clock)).collect(),
        problems: &look.problems,
    }
}

fn card(look: &Look, clock: &Clock) -> Card {
    let mut card = Card::default();
    match &look.broker {
        Some(info) => broker(&mut card, info, look.started, clock),
        None => card.styled("broker", "no broker answers", BAD),
    }
    card.row_if("log", Some(&look.log).filter(|_| look.has_log).map(|log| log.display().to_string()));
    // Without the places, nothing can be checked.
    if look.socket.as_os_str().is_empty() {
        return card;
    }
    card.row("socket", look.socket.display().to_string());
    let config = look.config.display().to_string();
    let note = if look.has_config { "" } else { " (does not exist; using defaults)" };
    card.row("config", format!("{config}{note}"));
    card.row("log-in", look.log_in.shown());
    for (at, info) in look.facts.iter().enumerate() {
        let style = if info.value.is_none() { HELD } else { PLAIN };
        card.styled(if at == 0 { "facts" } else { "" }, &fact(info, clock), style);
    }
    for (at, info) in look.packages.iter().enumerate() {
        let style = if info.problem.is_empty() { PLAIN } else { BAD };
        card.styled(if at == 0 { "packages" } else { "" }, &package(info), style);
    }
    card
}

fn broker(card: &mut Card, info: &BrokerInfo, started: bool, clock: &Clock) {
    let BrokerInfo { version, pid, executable, started_at, store, tasks, packages, .. } = info;
    let since = if started {
        "started just now".to_owned()
    } else {
        format!("running since {} ({})", clock.local(*started_at), clock.distance(*started_at))
    };
    card.row("broker", format!("version {version}, pid {pid}, {since}"));
    card.row("", executable);
    let count = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    card.row("store", format!("{store} ({}, {})", count(*tasks, "task"), count(*packages, "package")));
    card.row_if("pause", info.all_paused.map(|pause| Whose::All.described(pause, clock)));
}

fn fact(info: &FactInfo, clock: &Clock) -> String {
    let name = &info.name;
    match &info.value {
        Some(value) => {
            let since = info.since.map(|since| format!(" since {}", clock.local(since))).unwrap_or_default();
            let says =
                if info.pinned { "simulated".to_owned() } else { format!("reported by {}", info.source) };
            format!("{name}: {value}{since}, {says}")
        }
        None => {
            format!("{name}: unknown, counts as {}: {}", info.counts_as, info.why)
        }
    }
}

fn package(info: &PackageInfo) -> String {
    let (name, version, family) = (&info.display_name, &info.version, &info.family_name);
    let tasks = if info.tasks == 1 { "1 task".to_owned() } else { format!("{} tasks", info.tasks) };
    format!("{name} {version} ({family}): {tasks}, {}", info.origin)
}

fn problems(problems: &[Finding]) -> String {
    if problems.is_empty() {
        return format!("{} no problems found\n", paint(GOOD, "✓"));
    }
    let one = |problem: &Finding| {
        let (mark, what) = (paint(BAD, "✗"), clean(&problem.what));
        format!("{mark} {what}\n  {} {}\n", paint(TITLE, "try:"), lines(&problem.way_out))
    };
    problems.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::documented::{assert_documented, value};
    use jiff::tz::TimeZone;
    use oncue::tools::{FactKind, StartedBy, TaskInfo, Wall};
    use oncue::{Outcome, TaskState};

    #[test]
    fn the_shape_is_as_documented() {
        let problems = vec![Finding { what: "a".into(), way_out: "b".into() }];
        let look = Look { problems, ..Look::default() };
        let mut shape = value(&shape(&look, &Clock::at(Wall(0), TimeZone::UTC)));
        assert_eq!(shape["healthy"], false);
        assert!(shape["broker"].is_null());
        shape["broker"] = serde_json::json!({});
        assert_documented("A doctor's report", &shape);
    }

    #[test]
    fn the_transcript_shows_the_broker_and_the_problems() {
        use crate::commands::sample::{self, NOW, assert_transcript, last, minutes};
        let info = BrokerInfo {
            version: "0.1.0".into(),
            features: Vec::new(),
            pid: 4711,
            executable: "/usr/bin/oncue".into(),
            started_at: minutes(-90),
            config: "/home/ann/.config/oncue/config.toml".into(),
            store: "/home/ann/.local/state/oncue/store.db".into(),
            tasks: 2,
            packages: 1,
            store_problem: String::new(),
            started_by: StartedBy::Client.into(),
            all_paused: None,
        };
        let clock = Clock::at(NOW, TimeZone::UTC);
        let failing = TaskInfo { last: last(Outcome::Failed, minutes(-1)), ..sample::task(TaskState::Armed) };
        let pinned = FactInfo { pinned: true, ..sample::no_internet() };
        let unknown = FactInfo {
            name: FactKind::FreeNetwork.into(),
            value: None,
            why: "NetworkManager is not running, and only it reports whether the connection is metered"
                .into(),
            ..sample::no_internet()
        };
        let facts = vec![pinned, unknown];
        let look = Look {
            problems: finding::of_tasks(&[failing], &clock)
                .into_iter()
                .chain(finding::of_facts(&facts))
                .collect(),
            broker: Some(info),
            socket: "/run/user/1000/oncue/broker.sock".into(),
            config: "/home/ann/.config/oncue/config.toml".into(),
            facts,
            ..Look::default()
        };
        let text = card(&look, &clock).draw(Some(100)) + &problems(&look.problems);
        assert_transcript("doctor", &text);
    }
}
