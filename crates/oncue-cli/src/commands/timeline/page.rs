//! The timeline as a page of HTML, in one file that needs nothing else.
//!
//! All texts are written into the markup, escaped; the script only shows and hides them.

mod element;

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};

use anstream::adapter::strip_str;
use oncue::tools::{FactInfo, Reading, Wall, Word};
use oncue::why::{Why, behind};

use super::axis::Axis;
use super::gather::Timeline;
use super::lane::Lane;
use super::mark::{About, Kind, Mark, joined};
use super::{coming, past};
use crate::commands::timeline::page::element::{Button, Place, escaped};
use crate::commands::why::{Now, Then};
use crate::kept::Kept;
use crate::render::clean::clean;
use crate::render::needs;
use crate::render::time::Clock;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Marks of the same kind that begin within this part of the axis are drawn as one.
const SLOTS: usize = 400;

/// The maximum number of ticks.
const TICKS: u64 = 12;

/// Returns the page.
pub(super) fn page(timeline: &Timeline, clock: &Clock, kept: &Kept) -> String {
    let (nonce, mut html) = (nonce(), String::new());
    let axis = Axis { since: timeline.since, until: timeline.until };
    let now = axis.place(timeline.now()) * 100.0;
    let [since, until, at] = [timeline.since, timeline.until, timeline.now()].map(|at| clock.local(at));
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'nonce-{nonce}'\">\n\
         <title>oncue timeline, {at}</title>\n<style>\n{STYLE}</style>\n</head>\n<body style=\"--now:{now:.3}%\">\n\
         <header>\n<h1>oncue timeline</h1>\n<p>{since} to {until}, as of {at}</p>\n\
         <label>Filter <input id=\"filter\" type=\"search\" placeholder=\"name\" autocomplete=\"off\"></label>\n\
         <p id=\"count\" role=\"status\"></p>\n{}</header>\n<main tabindex=\"-1\">\n",
        legend()
    );
    html += &axis_row(&axis, clock);
    for fact in facts(timeline) {
        html += &fact_row(timeline, fact, &axis, clock);
    }
    let mut marks = 0;
    for lane in &timeline.lanes {
        html += &task_row(timeline, lane, &axis, &mut marks, (clock, kept));
    }
    let _ = write!(
        html,
        "</main>\n<aside aria-label=\"Why\"><pre id=\"text\" role=\"status\">\
         Choose a name, a run or a hold to see what `oncue why TASK` tells about it. \
         The arrow keys lead from one to the next.</pre></aside>\n<footer>{}</footer>\n\
         <script nonce=\"{nonce}\">\n{SCRIPT}</script>\n</body>\n</html>\n",
        notes(timeline, clock)
    );
    html
}

/// Returns a word that nobody can guess, so that no other script than the page's own runs.
fn nonce() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn legend() -> String {
    let mut html = String::from("<ul class=\"legend\">\n");
    for kind in Kind::ALL.iter().rev() {
        let _ = writeln!(
            html,
            "<li><i class=\"{0}\" style=\"background-color:var(--colour)\"></i>{1}</li>",
            kind.class(),
            kind.name()
        );
    }
    html + "</ul>\n"
}

fn notes(timeline: &Timeline, clock: &Clock) -> String {
    let mut notes = vec![
        "What comes (outlined) is played ahead by the broker's own rules, if facts stay as they are and runs \
         complete after their usual time."
            .to_owned(),
        "Of facts, only the present value and since when is known; what held a run in the past is not recorded."
            .to_owned(),
    ];
    if timeline.is_cut {
        notes.push("There are older entries in this time that are not shown.".to_owned());
    }
    if timeline.ahead.outlook.is_cut {
        let reached = clock.local(timeline.ahead.outlook.reached);
        notes.push(format!("Too much happens to look ahead further than {reached}."));
    }
    notes.join(" ")
}

fn axis_row(axis: &Axis, clock: &Clock) -> String {
    let mut html = String::from("<div class=\"row axis\"><span class=\"name\"></span><div class=\"bar\">");
    for (at, label) in axis.ticks(TICKS, clock) {
        let place = axis.place(at);
        // Close to the end, there is no room for a label.
        let label = if place > 0.96 { "" } else { &label };
        let _ = write!(html, "<span class=\"tick\" style=\"left:{:.3}%\">{label}</span>", place * 100.0);
    }
    html + "</div></div>\n"
}

/// Returns the facts that matter: those that a condition of a task depends on, and those that have changed.
fn facts(timeline: &Timeline) -> impl Iterator<Item = &FactInfo> {
    let facts = &timeline.ahead.facts;
    let conditions = timeline.lanes.iter().filter_map(|lane| lane.task.condition.as_ref());
    let mut needed: Vec<&FactInfo> = conditions.flat_map(|condition| behind(condition, facts)).collect();
    needed.dedup_by(|a, b| a.name == b.name);
    let has_changed = |fact: &FactInfo| fact.since.is_some_and(|since| since > timeline.since);
    facts.iter().filter(move |fact| {
        fact.value.is_some() && (has_changed(fact) || needed.iter().any(|needed| needed.name == fact.name))
    })
}

fn fact_row(timeline: &Timeline, fact: &FactInfo, axis: &Axis, clock: &Clock) -> String {
    let why = format!(
        "{}\n  before that, its values are not recorded\n  what comes assumes that it stays so",
        needs::fact(fact, clock)
    );
    let button = |class, label| Button { class, number: None, title: label, why: &why, label };
    let name = fact.name.to_string();
    let mut html = format!("<div class=\"row fact\">{}<div class=\"bar\">", button("name", &name).name());
    let since = fact.since.unwrap_or(timeline.since).max(timeline.since);
    let mut band = |class, from, to, label| {
        if to > from {
            html += &button(class, label).at(&Place { axis, from, to, is_past: false });
        }
    };
    band("mark unknown", timeline.since, since, "not recorded");
    let holds = fact.value.as_ref().is_some_and(|value| *value == Word::Known(Reading::Is(true)));
    let value = fact.value.as_ref().map(ToString::to_string).unwrap_or_default();
    band(if holds { "mark holds" } else { "mark" }, since, timeline.until, &value);
    html + "</div></div>\n"
}

fn task_row(
    timeline: &Timeline,
    lane: &Lane,
    axis: &Axis,
    number: &mut usize,
    (clock, kept): (&Clock, &Kept),
) -> String {
    let name = clean(&lane.task.name);
    let button = Button {
        class: if lane.is_gone { "name gone" } else { "name" },
        number: None,
        title: &format!("{name} ({})", lane.task.package),
        why: &present(timeline, lane, clock, kept),
        label: &name,
    };
    let mut html = format!(
        "<div class=\"row task\" data-name=\"{}\">{}<div class=\"bar\">",
        escaped(&name.to_lowercase()),
        button.name()
    );
    let slot = |at: Wall| axis.slot(at, SLOTS);
    let marks = joined(past::marks(timeline, lane, clock), slot);
    for mark in marks.into_iter().chain(joined(coming::marks(timeline, lane, clock), slot)) {
        if mark.to < timeline.since || mark.from > timeline.until {
            continue;
        }
        *number += 1;
        let why = match &mark.about {
            About::Past(entry, at) => then(lane, *entry, *at, clock, kept),
            About::Text(text) => plain(text),
            About::Now => present(timeline, lane, clock, kept),
        };
        html += &drawn(&mark, &name, &why, *number, axis);
    }
    html + "</div></div>\n"
}

fn drawn(mark: &Mark, name: &str, why: &str, number: usize, axis: &Axis) -> String {
    let (title, why) = match mark.count {
        1 => (format!("{name}: {}", mark.title), why.to_owned()),
        count => (
            format!("{name}: {count} runs here; the first: {}", mark.title),
            format!("{count} runs are drawn as one here. The first:\n{why}"),
        ),
    };
    let class = format!("mark {}", mark.kind.class());
    let button = Button { class: &class, number: Some(number), title: &title, why: &why, label: "" };
    button.at(&Place { axis, from: mark.from, to: mark.to, is_past: mark.kind.is_past() })
}

/// Returns what `oncue why` tells about a task now.
fn present(timeline: &Timeline, lane: &Lane, clock: &Clock, kept: &Kept) -> String {
    if lane.is_gone {
        let last = lane.past.len().saturating_sub(1);
        return lane
            .past
            .last()
            .map(|entry| then(lane, last, entry.ended_at, clock, kept))
            .unwrap_or_default();
    }
    let why = Why::new(lane.task.clone(), timeline.ahead.facts.clone(), lane.last_entries());
    plain(&Now { why: &why, named: &lane.task.name, kept }.draw(clock, None))
}

/// Returns what `oncue why --at` tells about an instant.
fn then(lane: &Lane, entry: usize, at: Wall, clock: &Clock, kept: &Kept) -> String {
    let why = lane.why_at(entry, at);
    plain(&Then { why: &why, at, is_gone: lane.is_gone, kept }.draw(clock, None))
}

fn plain(drawn: &str) -> String {
    strip_str(drawn).to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sample::NOW;
    use crate::commands::timeline::sample::{MESSAGE, NAME, timeline};
    use jiff::tz::TimeZone;

    fn drawn() -> String {
        page(&timeline(), &Clock::at(NOW, TimeZone::UTC), &Kept::nothing())
    }

    #[test]
    fn what_programs_write_stays_text() {
        let html = drawn();
        assert_eq!(html.matches("<script").count(), 1, "only the page's own");
        assert_eq!(html.matches("</script").count(), 1);
        assert!(!html.contains("<img"));
        assert!(!html.contains('\u{1b}'), "nothing that only a terminal understands");
        assert!(html.contains(&escaped(NAME)) && html.contains(&escaped(MESSAGE)), "but it is shown");
        assert_eq!(html.matches("<button").count(), html.matches("</button>").count());
    }

    #[test]
    fn a_run_that_shared_a_wake_up_was_not_held() {
        let mut timeline = timeline();
        let lane = timeline.lanes.iter_mut().find(|lane| lane.task.name == "mail").unwrap();
        let entry = lane.past.last_mut().unwrap();
        entry.started_at = entry.started_at.map(|at| at.after(std::time::Duration::from_secs(55)));
        let html = page(&timeline, &Clock::at(NOW, TimeZone::UTC), &Kept::nothing());
        assert!(!html.contains("mail: held"), "intervals have a minute of slack");
    }

    #[test]
    fn the_page_needs_nothing_else_and_runs_only_its_own_script() {
        let html = drawn();
        for needs in ["src=\"", "href=\"", "url(", "@import", "fetch("] {
            assert!(!html.contains(needs), "{needs}");
        }
        assert!(html.contains("default-src 'none'"));
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn each_mark_tells_what_why_tells() {
        let html = drawn();
        for tells in [
            "At 1970-01-01 01:42:00, mail was running.",
            "mail: 1970-01-01 01:42:00: failed after 1 min",
            "held for 30 min: backup was running, which is in the same queue",
            "scan has been running since",
            "At 1970-01-01 02:20:00, once will run, if nothing changes.",
            "fetch has fired but is not running yet",
            "upload: 1970-01-01 01:10:00: dropped",
        ] {
            assert!(html.contains(&escaped(tells)), "{tells}");
        }
        assert!(html.contains(">internet</button>"), "the fact that conditions depend on");
    }
}
