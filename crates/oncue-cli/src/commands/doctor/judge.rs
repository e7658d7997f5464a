//! `oncue doctor --when`: checks a condition against the current facts.

use std::io::{self, Write};

use oncue::tools::{FactInfo, Word};
use oncue_types::Facts;

use crate::exit::Exit;
use crate::flags::when::When;
use crate::render::needs;
use crate::render::time::Clock;

/// Says whether the condition holds now, and if not, which facts are the cause.
pub(super) fn judge(
    When(condition): &When,
    told: &[FactInfo],
    clock: &Clock,
    screen: &mut impl Write,
) -> io::Result<Exit> {
    let reading = |fact: &FactInfo| Some((*fact.name.known()?, *fact.counts_as.known()?));
    let facts: Facts = told.iter().filter_map(reading).collect();
    let failing: Vec<_> = condition.failing(&facts).into_iter().cloned().map(Word::Known).collect();
    if failing.is_empty() {
        writeln!(screen, "{condition} holds now")?;
        return Ok(Exit::Done);
    }
    writeln!(screen, "{condition} does not hold now:")?;
    for line in needs::failing(&failing, told, clock) {
        writeln!(screen, "  {line}")?;
    }
    Ok(Exit::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use oncue::tools::Wall;

    fn fact(name: &str, value: &str) -> FactInfo {
        FactInfo {
            name: Word::read(name),
            value: Some(Word::read(value)),
            counts_as: Word::read(value),
            pinned: false,
            source: "a test".into(),
            since: None,
            why: String::new(),
        }
    }

    fn said(condition: &str, facts: &[FactInfo]) -> (Exit, String) {
        let mut screen = Vec::new();
        let clock = Clock::at(Wall(0), TimeZone::UTC);
        let exit = judge(&condition.parse().unwrap(), facts, &clock, &mut screen).unwrap();
        (exit, String::from_utf8(screen).unwrap())
    }

    #[test]
    fn a_condition_is_judged_by_what_the_broker_tells() {
        let facts = [fact("internet", "on"), fact("ac", "off"), fact("battery", "40%")];
        let (exit, text) = said("internet and (ac or battery-above-30)", &facts);
        assert_eq!((exit, text.as_str()), (Exit::Done, "internet and (ac or battery-above-30) holds now\n"));
        let (exit, text) = said("internet and battery-above-50", &facts);
        assert_eq!(exit, Exit::Failed);
        assert!(text.contains("  battery-above-50: the battery is at 40% (reported by a test)"), "{text}");
    }

    #[test]
    fn a_mistake_is_shown_in_its_place() {
        let shown = "internet and intrnet".parse::<When>().unwrap_err();
        assert!(shown.ends_with("\n  internet and intrnet\n               ^"), "{shown}");
    }
}
