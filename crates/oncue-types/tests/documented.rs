//! The tables of events and conditions in `docs/triggers.md` are those of the types.
//!
//! `ONCUE_BLESS=1 cargo test -p oncue-types` writes them; review the difference.

use std::path::Path;

use oncue_types::{Facts, Predicate, SystemEvent};

fn events() -> String {
    let mut table = String::from("| text | fires when |\n|---|---|\n");
    for event in SystemEvent::ALL {
        table += &format!("| `{event}` | {} |\n", event.when());
    }
    table
}

fn conditions() -> String {
    let mut table = String::from("| text | holds if | while that is unknown |\n|---|---|---|\n");
    let with_number = Predicate::BatteryAbove(50);
    for predicate in Predicate::PLAIN.into_iter().chain([with_number]) {
        let text = predicate.to_string().replace("50", "N");
        let unknown = if predicate.holds(&Facts::default()) { "holds" } else { "fails" };
        table += &format!("| `{text}` | {} | {unknown} |\n", predicate.states());
    }
    table
}

/// Compares the text between two comments with what is generated; with `ONCUE_BLESS` it is written.
fn assert_documented(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/triggers.md");
    let page = std::fs::read_to_string(&path).expect("the page can be read");
    let (begin, end) = (format!("<!-- {name} -->\n\n"), format!("\n<!-- end of {name} -->\n"));
    let (before, rest) = page.split_once(&begin).expect("the page has the table");
    let (written, after) = rest.split_once(&end).expect("the table ends");
    if std::env::var_os("ONCUE_BLESS").is_some() {
        let page = [before, &begin, table, &end, after].concat();
        return std::fs::write(path, page).expect("the page can be written");
    }
    assert_eq!(written, table, "docs/triggers.md differs from the types; update it with ONCUE_BLESS=1");
}

#[test]
fn the_tables_of_events_and_conditions_are_documented() {
    assert_documented("events", &events());
    assert_documented("conditions", &conditions());
}
