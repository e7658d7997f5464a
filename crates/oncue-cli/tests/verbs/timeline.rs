//! The timeline, with a real broker.

use std::fs;

use serde_json::json;

use crate::stage::Stage;

/// A stage on which one task has run, one has failed, and one waits.
fn played() -> Stage {
    let stage = Stage::new();
    stage.done(&["add", "good", "--every", "15m", "--", "/bin/true"]);
    stage.done(&["add", "<script>", "--", "/bin/sh", "-c", "echo '</script><b>bold</b>' >&2; exit 1"]);
    stage.done(&["add", "waits", "--when", "internet", "--", "/bin/true"]);
    stage.done(&["simulate", "internet=off"]);
    stage.done(&["run", "good", "--wait"]);
    assert_eq!(stage.says(&["run", "<script>", "--wait"]).code, Some(1));
    stage.done(&["run", "waits"]);
    stage
}

#[test]
fn a_timeline_shows_the_past_the_present_and_what_comes() {
    let stage = played();
    let text = stage.done(&["timeline"]);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("good").contains('█') && line("good").contains('o'), "{text}");
    assert!(line("<script>").contains('x') && !line("<script>").contains('o'), "{text}");
    assert!(line("waits").contains('░'), "it is held until the end: {text}");
    assert!(text.lines().take(4).all(|line| line.chars().count() <= 100), "{text}");

    let shape = stage.json(&["timeline", "good", "--json", "--until", "+2h"]);
    let task = &shape["tasks"][0];
    assert_eq!(
        (&task["name"], &task["past"][0]["outcome"]),
        (&json!("good"), &json!("completed")),
        "{shape}"
    );
    assert_eq!(shape["tasks"].as_array().unwrap().len(), 1);
    let coming = task["coming_count"].as_u64().unwrap();
    assert!((7..=8).contains(&coming), "{shape}");

    stage.done(&["remove", "good"]);
    let shape = stage.json(&["timeline", "--json"]);
    let gone = shape["tasks"].as_array().unwrap().iter().find(|task| task["name"] == "good").unwrap();
    assert_eq!((&gone["is_registered"], &gone["coming_count"]), (&json!(false), &json!(0)));
}

#[test]
fn a_page_is_written_as_a_whole_and_text_stays_text() {
    let stage = played();
    let file = stage.write("page.html", "an older page");
    let path = file.to_str().unwrap();
    assert_eq!(stage.done(&["timeline", "-o", path]), format!("{path}\n"));
    let html = fs::read_to_string(&file).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"), "{html}");
    assert_eq!(html.matches("<script").count(), 1, "only the page's own");
    assert!(!html.contains("<b>") && html.contains("&lt;script&gt; was running."), "{html}");
    assert!(html.contains("&lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;"), "{html}");
    assert!(html.contains("its output: `oncue logs "), "{html}");

    let folder = stage.path("state");
    let said = stage.says(&["timeline", "-o", folder.to_str().unwrap()]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("Is a directory") && said.err.contains("try: name a file"), "{said:?}");
    let said = stage.says(&["timeline", "-o", "/nowhere/page.html"]);
    assert!(said.err.contains("/nowhere/page.html"), "{said:?}");
    assert_eq!(stage.says(&["timeline", "--json", "-o", path]).code, Some(2));
}
