//! `oncue calendar`, which needs no broker.

use crate::stage::{Stage, said};

#[test]
fn an_expression_shows_when_it_comes_true() {
    let stage = Stage::new();
    let text = stage.done(&["calendar", "Mon..Fri 9:00", "--from", "2026-11-22 12:00", "--count", "2"]);
    assert!(text.contains("normalised  Mon..Fri *-*-* 09:00:00\n"), "{text}");
    assert!(text.contains("Mon 2026-11-23 09:00:00 UTC") && text.contains("in 21 h\n"), "{text}");
    assert!(text.contains("Tue 2026-11-24") && !text.contains("Wed 2026-11-25"), "{text}");
}

#[test]
fn local_time_is_that_of_the_zone_that_is_set() {
    let stage = Stage::new();
    let mut calendar = stage.oncue(&["calendar", "02:30", "--from", "2026-03-28 12:00", "-n", "1", "--json"]);
    let said = said(calendar.env("TZ", "Europe/Berlin").output().unwrap());
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    // On the 29th, clocks are set forward from 2:00 to 3:00.
    assert_eq!(answer["firings"][0]["at"], "2026-03-30T02:30:00.000000+02:00");
    assert_eq!(answer["firings"][0]["utc"], "2026-03-30T00:30:00.000000+00:00");
    assert_eq!(answer["last"], "2026-03-28T02:30:00.000000+01:00");
}

#[test]
fn cron_has_its_prefix_and_its_words() {
    let stage = Stage::new();
    for (written, normalised) in
        [("cron */5 * * * *", "cron */5 * * * *"), ("@daily", "cron 0 0 * * *"), ("daily", "*-*-* 00:00:00")]
    {
        assert_eq!(stage.json(&["calendar", written, "--json"])["normalised"], normalised);
    }
}

#[test]
fn a_mistake_is_marked_and_a_no_is_a_refusal() {
    let stage = Stage::new();
    for (text, code, marked) in [
        ("2026-13-01", 2, "\n  2026-13-01\n       ^^\n"),
        ("cron 5/15 * * * *", 2, "\n  cron 5/15 * * * *\n        ^^^\n"),
        ("*-02-30", 3, "\n  *-02-30\n  ^^^^^^^\n"),
        ("daily Mars", 3, "\n  daily Mars\n        ^^^^\n"),
    ] {
        let said = stage.says(&["calendar", text]);
        assert_eq!(said.code, Some(code), "{text}: {said:?}");
        assert!(said.err.contains(marked) && said.out.is_empty(), "{text}: {said:?}");
    }
    assert_eq!(stage.says(&["calendar", "daily", "--from", "soon"]).code, Some(2));
}

#[test]
fn five_fields_without_the_word_cron_are_led_to_it() {
    let stage = Stage::new();
    for fields in ["0 3 * * *", "*/5 8-18 * * mon-fri"] {
        let said = stage.says(&["calendar", fields]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(&format!("`oncue calendar 'cron {fields}'`")), "{said:?}");
        stage.done(&["calendar", &format!("cron {fields}")]);
    }
}

#[test]
fn a_zone_that_does_not_exist_is_said() {
    let stage = Stage::new();
    let mut calendar = stage.oncue(&["calendar", "daily"]);
    let said = said(calendar.env("TZ", "Mars/Olympus").output().unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err.starts_with("warning: TZ is `Mars/Olympus`, which is not a known time zone"),
        "{said:?}"
    );
    assert!(said.err.contains("\n  try: set TZ to a name"), "{said:?}");
    assert_eq!(stage.says(&["calendar", "daily"]).err, "");
}

#[test]
fn what_is_over_is_an_answer() {
    let stage = Stage::new();
    let text = stage.done(&["calendar", "2020-02-29 12:00"]);
    assert!(text.contains("never again; the last time was Sat 2020-02-29 12:00:00 UTC"), "{text}");
    assert_eq!(stage.json(&["calendar", "2020-02-29", "--json"])["firings"], serde_json::json!([]));
}
