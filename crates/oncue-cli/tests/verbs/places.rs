//! Folders and files that are not what they should be: nothing of it stops the broker.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

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
