//! `oncue simulate`: pretends that facts have other values, for development.

use std::io::Write as _;
use std::str::FromStr;

use clap::{Args, Subcommand};
use oncue::tools::{Broker, FactInfo, FactKind, Reading, Word};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::clean::clean;
use crate::render::json;
use crate::render::screen::Screen;
use crate::render::time::Clock;

/// Pretend to be offline, on battery, …, for development
///
/// A simulated value replaces the real one: tasks are held, run and fire according to it, and
/// `doctor`, `why` and the ledger say so. It lasts until `simulate clear` or until the broker ends.
#[derive(Debug, Args)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  oncue simulate internet=on ac=off battery=15%\n  oncue simulate list\n  \
                        oncue simulate clear internet"
)]
pub(crate) struct Arguments {
    /// A fact and its value: on, off, or a percentage such as 15%; `oncue doctor` lists the facts
    #[arg(value_name = "FACT=VALUE")]
    pins: Vec<Pin>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the simulated facts
    #[command(after_help = "Examples:\n  oncue simulate list\n  oncue simulate list --json")]
    List {
        /// Write JSON, as described in docs/interface/json.md
        #[arg(long)]
        json: bool,
    },
    /// Stop simulating facts
    #[command(after_help = "Examples:\n  oncue simulate clear internet\n  oncue simulate clear")]
    Clear {
        /// The facts; all of them if none is named
        facts: Vec<String>,
    },
}

/// A fact and its simulated value. The broker decides whether it knows them.
#[derive(Clone, Debug)]
struct Pin {
    fact: Word<FactKind>,
    value: Word<Reading>,
}

impl FromStr for Pin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((fact, value)) if !fact.is_empty() && !value.is_empty() => {
                Ok(Self { fact: Word::read(fact), value: Word::read(value) })
            }
            _ => Err("write it as FACT=VALUE, for example internet=off"),
        }
    }
}

/// Performs a verb of `simulate`.
pub(super) fn perform(arguments: &Arguments) -> Result<Exit, Failure> {
    let broker = Broker::connect()?;
    match &arguments.verb {
        None => {
            for Pin { fact, value } in &arguments.pins {
                broker.pin(fact, value)?;
            }
            list(&broker, false)
        }
        Some(Verb::List { json }) => list(&broker, *json),
        Some(Verb::Clear { facts }) => clear(&broker, facts),
    }
}

fn list(broker: &Broker, json: bool) -> Result<Exit, Failure> {
    let (clock, mut screen) = (Clock::here(), Screen::open());
    let pinned: Vec<FactInfo> = broker.facts()?.into_iter().filter(|fact| fact.pinned).collect();
    if json {
        let facts: Vec<_> = pinned.iter().map(|fact| json::Fact::of(fact, &clock)).collect();
        screen.json(&facts)?;
        return Ok(Exit::Done);
    }
    if pinned.is_empty() {
        writeln!(screen, "no facts are simulated")?;
    }
    for FactInfo { name, counts_as, since, .. } in &pinned {
        let since = since.map(|since| format!(", since {}", clock.brief(since))).unwrap_or_default();
        let (name, value) = (name.to_string(), counts_as.to_string());
        writeln!(screen, "{} is simulated as {}{since}", clean(&name), clean(&value))?;
    }
    Ok(Exit::Done)
}

fn clear(broker: &Broker, named: &[String]) -> Result<Exit, Failure> {
    let pinned = broker.facts()?.into_iter().filter(|fact| fact.pinned).map(|fact| fact.name);
    let facts: Vec<Word<FactKind>> = match named {
        [] => pinned.collect(),
        named => named.iter().map(|fact| Word::read(fact)).collect(),
    };
    for fact in &facts {
        broker.unpin(fact)?;
    }
    list(broker, false)
}
