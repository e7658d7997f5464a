//! Packages that are updated, downgraded and removed while their tasks are running, with real
//! processes.

use std::fs;

use crate::run::{CANCELLED, set, wait_for_waiting};
use crate::stage::{Stage, said};

/// Changes the version of the package's manifest.
fn version(stage: &Stage, number: u32) {
    let path = stage.path("package/AppxManifest.xml");
    let manifest = fs::read_to_string(&path).unwrap();
    let from = manifest.find("    Version=\"").unwrap();
    let to = from + manifest[from..].find('\n').unwrap();
    let with = format!("{}    Version=\"{number}.0.0.0\"{}", &manifest[..from], &manifest[to..]);
    fs::write(&path, with.replace("\"/>", "\" />")).unwrap();
}

#[test]
fn an_update_ends_what_runs_and_the_next_run_has_a_new_server() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    version(&stage, 2);
    let added = stage.done(&["package", "add", "package"]);
    assert!(added.contains(" 2.0.0.0 is added as Stage_"), "{added}");
    let waited = said(waits.wait_with_output().unwrap());
    assert!(waited.out.contains("\ncancelled (ServicingUpdate) after "), "{waited:?}");
    let entry = stage.json(&["history", "waiting", "--json"])[0].clone();
    assert_eq!(entry["progress"], CANCELLED + 3, "the task was told why");
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["tasks"], 5, "all are kept");
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}

#[test]
fn an_older_version_is_refused_unless_asked_for() {
    let stage = set();
    version(&stage, 3);
    stage.done(&["package", "add", "package"]);
    version(&stage, 2);
    let refused = stage.says(&["package", "add", "package"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.err.contains("is already installed at 3.0.0.0; 2.0.0.0 is older"), "{refused:?}");
    assert!(refused.err.contains("--allow-downgrade"), "{refused:?}");
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["version"], "3.0.0.0");
    stage.done(&["package", "add", "--allow-downgrade", "package"]);
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["version"], "2.0.0.0");
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}

#[test]
fn a_class_that_vanished_takes_its_tasks_along() {
    let stage = set();
    let path = stage.path("package/AppxManifest.xml");
    let manifest = fs::read_to_string(&path).unwrap();
    let failing = crate::run::FAILS.to_string();
    let from = manifest.find(&format!("<com:Class Id=\"{failing}\"")).unwrap();
    let to = from + manifest[from..].find("/>").unwrap() + 2;
    fs::write(&path, manifest[..from].to_owned() + &manifest[to..]).unwrap();
    version(&stage, 2);
    stage.done(&["package", "add", "package"]);
    assert_eq!(stage.says(&["show", "failing"]).code, Some(4));
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["tasks"], 4);
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}

#[test]
fn a_removal_ends_what_runs() {
    let stage = set();
    let (waits, _stderr) = wait_for_waiting(&stage);
    stage.done(&["package", "remove", "Stage"]);
    let waited = said(waits.wait_with_output().unwrap());
    assert!(waited.out.contains("\ncancelled (Uninstall) after "), "{waited:?}");
    let entry = stage.json(&["history", "--json"])[0].clone();
    assert_eq!((&entry["reason"], &entry["progress"]), (&"Uninstall".into(), &(CANCELLED + 5).into()));
    assert_eq!(stage.done(&["list", "--json"]), "[]\n");
}

/// Also lays out the package in another folder, like a second checkout of the same app.
fn second_folder(stage: &Stage) {
    fs::create_dir(stage.path("other")).unwrap();
    for file in ["AppxManifest.xml", "primes"] {
        fs::hard_link(stage.path("package").join(file), stage.path("other").join(file)).unwrap();
    }
}

fn location(stage: &Stage) -> String {
    stage.json(&["package", "show", "Stage", "--json"])["location"].as_str().unwrap().to_owned()
}

#[test]
fn a_second_folder_does_not_take_a_package_over_unless_the_user_says_so() {
    let stage = set();
    second_folder(&stage);
    let here = stage.path("package").display().to_string();
    let there = stage.path("other").display().to_string();
    let mut program = stage.program(&stage.path("other/primes"), &["--exact", "--ignored", "run::registers"]);
    let registers = said(program.output().unwrap());
    assert_ne!(registers.code, Some(0), "nobody asked for its package to be taken up");
    assert!(registers.out.contains(&format!("installed at {here}")), "{registers:?}");
    assert_eq!(location(&stage), here);

    let refused = stage.says(&["package", "add", "other"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    for said in [&*here, &*there, "--move"] {
        assert!(refused.err.contains(said), "{refused:?}");
    }
    assert_eq!(location(&stage), here);
    stage.done(&["package", "add", "--move", "other"]);
    assert_eq!(location(&stage), there);
    assert_eq!(stage.json(&["package", "show", "Stage", "--json"])["tasks"], 5, "all are kept");
}

#[test]
fn a_package_whose_folder_was_moved_is_found_where_it_went() {
    let stage = set();
    fs::rename(stage.path("package"), stage.path("moved")).unwrap();
    stage.done(&["package", "add", "moved"]);
    assert_eq!(location(&stage), stage.path("moved").display().to_string());
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
}
