//! What the command line accepts, and what scripts see.

use std::process::Stdio;

use crate::stage::{Stage, said};

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let stage = Stage::new();
    for arguments in [
        &["lisst"][..],
        &["run"],
        &["history", "--most", "0"],
        &["history", "task", "--package", "package"],
        &["demo", "--for", "soon"],
        &["daemon", "--stop", "--from-client"],
        &["package"],
        &["access"],
        &["access", "set", "package", "sometimes"],
        &["release"],
        &["signal", ""],
        &["run", "--timeout", "1m", "task"],
        &["history", "--since", "2999-01-01"],
        &["list", "--sort", "colour"],
    ] {
        let said = stage.says(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{arguments:?}: {said:?}");
    }
}

#[test]
fn help_is_no_error() {
    let stage = Stage::new();
    assert!(stage.done(&["--help"]).contains("Exit codes: 0 done"));
    assert!(stage.done(&["help", "package", "check"]).contains("Windows would refuse"));
    assert_eq!(stage.done(&["--version"]), format!("oncue {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_verb_has_its_help_and_its_page() {
    let stage = Stage::new();
    let help = stage.done(&["--help"]);
    let verbs = help.lines().skip_while(|line| *line != "Verbs:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(verbs.contains(&"list") && verbs.contains(&"doctor"), "{verbs:?}");
    for verb in verbs.into_iter().filter(|verb| *verb != "help") {
        assert!(stage.done(&[verb, "--help"]).contains("Usage: oncue"), "{verb}");
        assert!(stage.done(&["man", verb]).contains(".SH NAME"), "{verb}");
    }
    assert!(stage.done(&["man", "package", "add"]).contains("AppxManifest"));
}

#[test]
fn a_broker_that_cannot_be_started_is_out_of_reach() {
    let stage = Stage::new();
    let mut list = stage.oncue(&["list"]);
    let said = said(list.env("ONCUE_BROKER", "/nowhere/oncue").output().unwrap());
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(said.err.starts_with("error: ONCUE_BROKER is `/nowhere/oncue`"), "{said:?}");
    assert!(said.err.contains("\n  try: "), "{said:?}");
}

#[test]
fn a_wrong_configuration_is_told_to_every_client() {
    let stage = Stage::new();
    stage.write("config/config.toml", "[time]\n  min_minuets = 1\n");
    for (verb, code) in [("daemon", 3), ("list", 5), ("history", 5), ("doctor", 1)] {
        let said = stage.says(&[verb]);
        assert_eq!(said.code, Some(code), "{verb}: {said:?}");
        let all = said.out + &said.err;
        let flat = all.split_whitespace().collect::<Vec<_>>().join(" ");
        let place = format!("{}:2:3: unknown key `min_minuets`", stage.path("config/config.toml").display());
        assert!(flat.contains(&place), "{verb}: {all}");
        assert!(flat.contains("the keys of [time] are min_minutes, max_minutes,"), "{verb}: {all}");
        assert!(flat.contains("try: correct that line or remove it"), "{verb}: {all}");
    }
    stage.write("config/config.toml", "[time]\n  min_minutes = 1\n");
    stage.done(&["list"]);
}

#[test]
fn the_configuration_has_a_manual_page() {
    let page = Stage::new().done(&["man", "config"]);
    assert!(page.contains(".TH oncue\\-config 5") || page.contains(".TH oncue-config 5"), "{page}");
    for (key, default) in [("min_minutes", "15"), ("slack", "1m"), ("keep_per_task", "1000")] {
        assert!(page.contains(key) && page.contains(default), "{key}: {page}");
    }
}

#[test]
fn every_verb_that_needs_the_broker_says_when_it_is_out_of_reach() {
    let stage = Stage::new();
    for arguments in [
        &["list"][..],
        &["show", "task"],
        &["why", "task"],
        &["run", "task"],
        &["cancel", "task"],
        &["release", "task"],
        &["remove", "task"],
        &["history"],
        &["signal", "event"],
        &["simulate", "internet=on"],
        &["simulate", "list"],
        &["simulate", "clear"],
        &["package", "list"],
        &["package", "show", "package"],
        &["package", "add", "."],
        &["package", "remove", "package"],
        &["access", "list"],
        &["access", "set", "package", "denied"],
    ] {
        let mut command = stage.oncue(arguments);
        let said = said(command.env("ONCUE_BROKER", "/nowhere/oncue").output().unwrap());
        assert_eq!(said.code, Some(5), "{arguments:?}: {said:?}");
    }
    // doctor reports what cannot be reached.
    let mut doctor = stage.oncue(&["doctor", "--json"]);
    let said = said(doctor.env("ONCUE_BROKER", "/nowhere/oncue").output().unwrap());
    assert_eq!(said.code, Some(1), "{said:?}");
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert!(report["broker"].is_null() && report["problems"][0]["way_out"].is_string(), "{report}");
}

#[test]
fn every_verb_tells_a_name_that_is_not_there_from_a_no() {
    let stage = crate::run::set();
    for (code, arguments) in [
        (4, &["show", "nobody"][..]),
        (4, &["why", "nobody"]),
        (4, &["why", "nobody", "--at", "yesterday 10:30"]),
        (4, &["run", "--wait", "nobody"]),
        (4, &["cancel", "nobody"]),
        (4, &["release", "nobody"]),
        (4, &["remove", "nobody"]),
        (4, &["history", "nobody"]),
        (4, &["history", "--package", "nobody"]),
        (4, &["list", "nobody"]),
        (4, &["list", "--group", "nobody"]),
        (4, &["package", "show", "nobody"]),
        (4, &["package", "remove", "nobody"]),
        (4, &["access", "set", "nobody", "denied"]),
        (3, &["cancel", "quick"]),
        (3, &["release", "quick"]),
        (3, &["package", "add", "nowhere"]),
        (3, &["package", "check", "nowhere"]),
        (3, &["simulate", "gravity=off"]),
        (3, &["simulate", "clear", "gravity"]),
        (3, &["calendar", "*-02-30"]),
        (2, &["calendar", "now and then"]),
        (2, &["doctor", "--when", "the sun shines"]),
        (1, &["doctor", "--when", "internet and no-internet"]),
    ] {
        let said = stage.says(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.code == Some(1) || !said.err.is_empty(), "{arguments:?}: {said:?}");
    }
}

#[test]
fn stopping_a_broker_that_does_not_run_is_done_already() {
    let stage = Stage::new();
    assert_eq!(stage.done(&["daemon", "--stop"]), "no broker is running\n");
}

#[test]
fn who_closes_the_pipe_has_read_enough() {
    let stage = Stage::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = stage.oncue(&["completions", "bash"]).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let said = said(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}
