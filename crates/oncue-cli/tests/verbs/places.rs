//! Folders and files in unexpected states: none of them stops the broker.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, mknodat};

use crate::run::set;
use crate::stage::Stage;

fn fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, 0o600.into(), 0).unwrap();
}

#[test]
fn a_manifest_that_is_not_a_regular_file_is_refused_by_its_kind() {
    let mut stage = Stage::new();
    stage.start_broker();
    let manifest = stage.write("odd/AppxManifest.xml", "");
    let socket = stage.path("s");
    let _listener = UnixListener::bind(&socket).unwrap();
    let cases: [(&str, &dyn Fn()); 5] = [
        ("a FIFO", &|| fifo(&manifest)),
        ("a socket", &|| symlink(&socket, &manifest).unwrap()),
        ("a folder", &|| fs::create_dir(&manifest).unwrap()),
        ("a device", &|| symlink("/dev/zero", &manifest).unwrap()),
        ("bytes", &|| File::create(&manifest).unwrap().set_len(1 << 40).unwrap()),
    ];
    for (what, make) in cases {
        fs::remove_file(&manifest).or_else(|_| fs::remove_dir(&manifest)).unwrap();
        make();
        let refused = stage.says(&["package", "add", "odd"]);
        assert_eq!(refused.code, Some(3), "{what}: {refused:?}");
        assert!(refused.err.contains(what), "{what}: {refused:?}");
    }
    assert_eq!(stage.done(&["package", "list", "--json"]), "[]\n");
}

#[test]
fn a_package_that_cannot_be_read_is_shown_so_and_runs_again_once_it_can() {
    let mut stage = set();
    stage.kill_broker();
    let (manifest, aside) = (stage.path("package/AppxManifest.xml"), stage.path("aside.xml"));
    fs::rename(&manifest, &aside).unwrap();
    fifo(&manifest);
    stage.start_broker();
    let shown = stage.json(&["package", "show", "Stage", "--json"]);
    assert!(shown["problem"].as_str().unwrap().contains("it is a FIFO"), "{shown}");
    let waited = stage.says(&["run", "--wait", "quick"]);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    let entry = stage.json(&["history", "quick", "--json"])[0].clone();
    assert_eq!(entry["outcome"], "not_activated");
    assert!(entry["message"].as_str().unwrap().contains("it is a FIFO"), "{entry}");

    fs::rename(&aside, &manifest).unwrap();
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
    assert!(stage.json(&["package", "show", "Stage", "--json"])["problem"].is_null());
}

#[test]
fn a_program_that_calls_from_a_folder_with_an_odd_manifest_is_told_why_it_has_no_package() {
    let stage = set();
    fs::create_dir(stage.path("odd")).unwrap();
    fs::hard_link(stage.path("package/primes"), stage.path("odd/primes")).unwrap();
    fs::write(stage.path("odd/AppxManifest.xml"), "hello").unwrap();
    let mut program = stage.program(&stage.path("odd/primes"), &["--exact", "--ignored", "run::registers"]);
    let registers = crate::stage::said(program.output().unwrap());
    assert!(registers.out.contains("odd/AppxManifest.xml:1:1:"), "{registers:?}");
}

/// Waits until the log of the stage's broker contains this text.
fn wait_for_log(stage: &Stage, wanted: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(stage.path("state/broker.log")).is_ok_and(|log| log.contains(wanted)) {
        assert!(Instant::now() < until, "the log never says `{wanted}`");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn pid(stage: &Stage) -> u64 {
    let report: serde_json::Value = serde_json::from_str(&stage.says(&["doctor", "--json"]).out).unwrap();
    report["broker"]["pid"].as_u64().unwrap()
}

#[test]
fn a_socket_and_a_runtime_folder_that_are_removed_are_put_back() {
    let mut stage = Stage::new();
    stage.start_broker();
    let broker = pid(&stage);
    let socket = stage.path("run/broker.sock");
    for remove in
        [|path: &Path| fs::remove_file(path.join("broker.sock")), |path: &Path| fs::remove_dir_all(path)]
    {
        remove(&stage.path("run")).unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        while !socket.exists() {
            assert!(Instant::now() < until, "it is not put back");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(pid(&stage), broker, "it is the same broker, and no other was started");
    }
    let second = stage.says(&["daemon"]);
    assert_eq!(second.code, Some(3), "the lock is held: {second:?}");
}

#[test]
fn a_broker_whose_home_is_cleared_leaves_and_brings_nothing_back() {
    let mut stage = set();
    for folder in ["run", "state"] {
        fs::remove_dir_all(stage.path(folder)).unwrap();
    }
    assert!(stage.take_broker().wait().unwrap().success());
    for folder in ["run", "state"] {
        assert!(!stage.path(folder).exists(), "{folder} is there again");
    }
}

#[test]
fn a_state_folder_that_is_removed_is_said_and_put_back_with_what_was_recorded() {
    let mut stage = set();
    fs::remove_dir_all(stage.path("state")).unwrap();
    let report = stage.says(&["doctor"]);
    assert_eq!(report.code, Some(1), "{report:?}");
    assert!(report.out.contains("store.db was removed while the broker has it open"), "{report:?}");
    let mut program =
        stage.program(&stage.path("package/primes"), &["--exact", "--ignored", "run::registers"]);
    let registers = crate::stage::said(program.output().unwrap());
    assert!(
        registers.out.contains("StoreUnwritable") || registers.out.contains("was removed"),
        "{registers:?}"
    );
    stage.done(&["daemon", "--stop"]);
    stage.take_broker().wait().unwrap();
    stage.start_broker();
    let tasks = stage.json(&["list", "--json"]);
    assert_eq!(
        tasks.as_array().unwrap().len(),
        5,
        "all that was recorded, and nothing that was refused: {tasks}"
    );
}

#[test]
fn a_change_that_was_done_and_could_not_be_recorded_is_said_to_be_so() {
    let mut stage = set();
    fs::remove_dir_all(stage.path("state")).unwrap();
    let denied = stage.says(&["access", "set", "Stage", "denied"]);
    assert_eq!(denied.code, Some(3), "{denied:?}");
    assert!(denied.err.contains("it was done, but could not be recorded"), "{denied:?}");
    let shown = stage.json(&["package", "show", "Stage", "--json"]);
    assert_eq!(shown["access"], "denied", "{shown}");
    stage.done(&["daemon", "--stop"]);
    stage.take_broker().wait().unwrap();
    stage.start_broker();
    let shown = stage.json(&["package", "show", "Stage", "--json"]);
    assert_eq!(shown["access"], "denied", "it was recorded later: {shown}");
}

#[test]
fn a_damaged_ledger_keeps_nobody_from_starting_and_is_said() {
    let mut stage = set();
    stage.done(&["run", "--wait", "quick"]);
    stage.done(&["daemon", "--stop"]);
    stage.take_broker().wait().unwrap();
    let store = stage.path("state/store.db");
    let db = rusqlite::Connection::open(&store).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'";
    let root: u32 = db.query_row(root, [], |row| row.get(0)).unwrap();
    drop(db);
    let mut bytes = fs::read(&store).unwrap();
    bytes[(root as usize - 1) * 4_096..][..4_096].fill(0);
    fs::write(&store, bytes).unwrap();

    stage.start_broker();
    assert!(stage.done(&["run", "--wait", "quick"]).contains("completed"));
    assert_eq!(stage.json(&["history", "--json"]).as_array().unwrap().len(), 1);
    let report = stage.says(&["doctor"]);
    assert_eq!(report.code, Some(1), "{report:?}");
    assert!(report.out.contains("state/store.damaged-1.db"), "{report:?}");
}

#[test]
fn an_empty_store_and_an_odd_one_are_refused_with_a_way_out_to_whoever_asks() {
    let stage = Stage::new();
    let store = stage.write("state/store.db", "");
    let said = stage.says(&["list"]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(said.err.contains("a store never is") && said.err.contains("remove it to start"), "{said:?}");
    fs::remove_file(&store).unwrap();
    fifo(&store);
    let said = stage.says(&["list"]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(
        said.err.contains("store.db: it is a FIFO")
            && said.err.contains("move that file or folder elsewhere"),
        "{said:?}"
    );
}

#[test]
fn a_folder_that_others_may_write_to_is_taken_back_and_the_log_says_so() {
    let mut stage = Stage::new();
    for folder in ["run", "state"] {
        fs::create_dir(stage.path(folder)).unwrap();
        fs::set_permissions(stage.path(folder), Permissions::from_mode(0o777)).unwrap();
    }
    stage.start_broker();
    for folder in ["run", "state"] {
        let path = stage.path(folder);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        wait_for_log(&stage, &format!("other users could change files in {}", path.display()));
    }
}
