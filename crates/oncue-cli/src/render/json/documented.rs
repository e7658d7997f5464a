//! What `docs/interface/json.md` says about a shape, for tests that compare both.

use serde::Serialize;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../../../docs/interface/json.md");

/// Returns the JSON of a shape.
pub(crate) fn value(shape: &impl Serialize) -> Value {
    serde_json::to_value(shape).unwrap()
}

/// Returns the rows of the table under a heading: key and type.
pub(crate) fn rows(heading: &str) -> Vec<(String, String)> {
    let section = DOCUMENT.split("\n## ").find(|section| section.lines().next() == Some(heading));
    let section = section.unwrap_or_else(|| panic!("json.md has no section `{heading}`"));
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = section.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|row| (row[1].trim_matches('`').to_owned(), row[2].clone())).collect()
}

/// Whether a value has a type as named in the documentation.
fn is_a(value: &Value, kind: &str) -> bool {
    kind.split(" or ").any(|kind| match kind {
        "null" => value.is_null(),
        "text" => value.is_string(),
        "time" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "number" => value.is_u64(),
        "yes/no" => value.is_boolean(),
        kind if kind.starts_with("list of") => value.is_array(),
        "object" => value.is_object(),
        other => panic!("json.md has an unknown type `{other}`"),
    })
}

/// Asserts that a value has exactly the keys and types of the table under a heading.
pub(crate) fn assert_documented(heading: &str, value: &Value) {
    let documented = rows(heading);
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let mut expected: Vec<&String> = documented.iter().map(|row| &row.0).collect();
    expected.sort();
    assert_eq!(keys, expected, "the keys of `{heading}`");
    for (key, kind) in &documented {
        assert!(is_a(&value[key], kind), "`{key}` of `{heading}` is {}, not {kind}", value[key]);
    }
}
