//! `oncue doctor`: finds problems, each with what to do.

use std::fs;

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::run::{furnish, set};
use crate::small_bus::SmallBus;
use crate::stage::{Said, Stage, said};

/// Returns the problems that doctor finds, each with its way out in one text.
fn found(stage: &Stage) -> Vec<String> {
    let said = stage.says(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(report["healthy"], problems.is_empty());
    assert_eq!(said.code, Some(if problems.is_empty() { 0 } else { 1 }));
    problems.iter().map(|problem| format!("{}: {}", problem["what"], problem["way_out"])).collect()
}

fn assert_found(found: &[String], what: &str, way_out: &str) {
    let finds = |one: &&String| one.contains(what) && one.contains(way_out);
    assert!(found.iter().any(|one| finds(&one)), "{what}: {found:#?}");
}

#[tokio::test]
async fn where_nothing_is_wrong_nothing_is_found() {
    let mut stage = Stage::new();
    let bus = SmallBus::open(&stage.path("bus"));
    let address = bus.address().to_owned();
    let healthy = spawn_blocking(move || {
        stage.start_broker_with("DBUS_SYSTEM_BUS_ADDRESS", &address);
        furnish(&stage);
        stage.done(&["run", "--wait", "quick"]);
        stage.done(&["doctor"])
    });
    let healthy = healthy.await.unwrap();
    assert!(healthy.ends_with("✓ no problems found\n"), "{healthy}");
    assert!(healthy.contains("never started at log-in, because ONCUE_HOME is set"), "{healthy}");
}

#[test]
fn each_thing_that_is_wrong_is_found_with_what_to_do() {
    let stage = set();
    assert_found(&found(&stage), "the system bus is not available", "start the system's D-Bus service");
    stage.says(&["run", "--wait", "failing"]);
    for _ in 0..5 {
        stage.says(&["run", "--wait", "crashing"]);
    }
    stage.done(&["simulate", "internet=off"]);
    let found = found(&stage);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert_found(&found, "last run of task Stage/failing failed", "`oncue why failing`");
    assert_found(&found, "task Stage/crashing is quarantined", "`oncue release crashing`");
    assert_found(&found, "internet is simulated: it counts as off", "`oncue simulate clear internet`");
    let shown = stage.says(&["doctor"]);
    assert_eq!(shown.code, Some(1));
    assert!(!shown.out.contains("no problems found") && shown.out.contains("\n  try: "), "{shown:?}");
}

#[test]
fn a_package_whose_files_are_gone_is_found_while_the_broker_runs_and_after() {
    let mut stage = set();
    let package = stage.path("package");
    fs::rename(package.join("primes"), stage.path("away")).unwrap();
    assert_found(&found(&stage), "primes.exe does not exist", "`oncue package remove Stage_");
    fs::rename(&package, stage.path("gone")).unwrap();
    assert_found(
        &found(&stage),
        "no AppxManifest.xml in",
        "restore its files; or remove the package: `oncue",
    );
    stage.kill_broker();
    // The verbs start a broker if none is running.
    assert_found(&found(&stage), "no AppxManifest.xml in", "`oncue package remove Stage_");
    fs::rename(stage.path("gone"), &package).unwrap();
    fs::rename(stage.path("away"), package.join("primes")).unwrap();
}

#[test]
fn a_zone_that_does_not_exist_is_found() {
    let stage = set();
    let mut doctor = stage.oncue(&["doctor"]);
    let said = said(doctor.env("TZ", "Mars/Olympus").output().unwrap());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("✗ TZ is `Mars/Olympus`, which is not a known time zone"), "{said:?}");
}

/// Runs `oncue` with the user's own home, as specified by XDG.
fn at_home(stage: &Stage, arguments: &[&str]) -> Said {
    let mut command = stage.oncue(arguments);
    command.env_remove("ONCUE_HOME").env("HOME", stage.path("user")).env("XDG_RUNTIME_DIR", stage.path("r"));
    said(command.output().unwrap())
}

#[test]
fn what_starts_the_broker_at_log_in_is_said() {
    let stage = Stage::new();
    let unit = stage.write("user/readme", "");
    let unit = unit.with_file_name(".config/autostart/oncue.desktop");
    let said = at_home(&stage, &["doctor"]);
    assert!(said.out.contains("  log-in  not started at log-in"), "{said:?}");
    fs::create_dir_all(unit.parent().unwrap()).unwrap();
    fs::write(&unit, "[Desktop Entry]\nType=Application\nName=oncue\nExec=oncue daemon\n").unwrap();
    let said = at_home(&stage, &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["log_in"], unit.to_str().unwrap());
    at_home(&stage, &["daemon", "--stop"]);
}
