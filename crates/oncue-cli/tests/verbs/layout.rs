//! `oncue package layout`: builds a package's folder from a crate. This builds crates, so it takes
//! a while.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::stage::{Said, Stage, said, with_cargo};

/// A manifest whose program is in a folder, like the article's.
fn manifest() -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/primes/AppxManifest.xml");
    fs::read_to_string(sample).unwrap().replace("primes.exe", r"Tiny\tiny.exe")
}

/// Creates a crate without dependencies.
fn tiny(stage: &Stage, manifest: &str) {
    stage.write("tiny/Cargo.toml", "[package]\nname = \"tiny\"\nedition = \"2024\"\n\n[workspace]\n");
    stage.write("tiny/src/main.rs", "fn main() {}\n");
    stage.write("tiny/AppxManifest.xml", manifest);
    for picture in ["StoreLogo", "Square150x150Logo", "Square44x44Logo.scale-200"] {
        stage.write(&format!("tiny/Assets/{picture}.png"), "");
    }
}

fn layout(stage: &Stage, arguments: &[&str]) -> Said {
    let mut command: Command = stage.oncue(&["package", "layout"]);
    command.args(arguments).current_dir(stage.path("tiny/src"));
    with_cargo(&mut command);
    said(command.output().unwrap())
}

#[test]
fn a_crate_becomes_a_package_and_again_after_a_change() {
    let stage = Stage::new();
    tiny(&stage, &manifest());
    let folder = stage.path("tiny/target/oncue/tiny");

    let first = layout(&stage, &[]);
    assert_eq!((first.code, first.out.trim_end()), (Some(0), folder.to_str().unwrap()), "{first:?}");
    assert!(first.err.contains("✓ Primes 1.0.0.0"), "{first:?}");
    assert!(folder.join("Assets/Square44x44Logo.scale-200.png").is_file());

    stage.write("tiny/src/main.rs", "fn main() { println!(\"changed\") }\n");
    let second = layout(&stage, &["--json"]);
    assert_eq!(second.code, Some(0), "{second:?}");
    let shape: serde_json::Value = serde_json::from_str(&second.out).unwrap();
    assert_eq!(shape["folder"], folder.to_str().unwrap());
    assert_eq!(shape["check"]["usable"], true);
    let ran = Command::new(folder.join("Tiny/tiny")).output().unwrap();
    assert_eq!(ran.stdout, b"changed\n");

    stage.write("tiny/src/main.rs", "fn main() { nonsense }\n");
    let third = layout(&stage, &[]);
    assert_eq!((third.code, third.out.as_str()), (Some(1), ""), "{third:?}");
    assert!(third.err.contains("error: cargo build of tiny ended with"), "{third:?}");
    assert!(folder.join("Tiny/tiny").is_file(), "what was laid out before stays");
}

#[test]
fn what_cannot_be_laid_out_is_refused_by_its_reason() {
    let stage = Stage::new();
    tiny(&stage, &manifest().replace("tiny.exe", "huge.exe"));
    let other = layout(&stage, &[]);
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(
        other.err.contains("names the program Tiny/huge, but the binaries of crate tiny are: tiny"),
        "{other:?}"
    );

    fs::remove_file(stage.path("tiny/AppxManifest.xml")).unwrap();
    let missing = layout(&stage, &[]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.err.contains("AppxManifest.xml does not exist"), "{missing:?}");

    stage.write("tiny/Cargo.toml", "[workspace]\n");
    let workspace = layout(&stage, &[]);
    assert_eq!(workspace.code, Some(3), "{workspace:?}");
    assert!(workspace.err.contains("belongs to a workspace, not to a crate"), "{workspace:?}");
}

/// Makes the tiny crate one that depends on the SDK, or on what is called so.
fn with_sdk(stage: &Stage, main: &str) {
    tiny(stage, "");
    fs::remove_file(stage.path("tiny/AppxManifest.xml")).unwrap();
    fs::remove_dir_all(stage.path("tiny/Assets")).unwrap();
    stage.write("sdk/Cargo.toml", "[package]\nname = \"oncue\"\nedition = \"2024\"\n");
    stage.write("sdk/src/lib.rs", "");
    let crates = "[package]\nname = \"tiny\"\nedition = \"2024\"\n\n[dependencies]\noncue.path = \"../sdk\"\n\n[workspace]\n";
    stage.write("tiny/Cargo.toml", crates);
    stage.write("tiny/src/main.rs", main);
}

#[test]
fn a_crate_without_a_manifest_is_laid_out_by_the_one_that_its_program_prints() {
    let stage = Stage::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sync/AppxManifest.xml");
    let printed = fs::read_to_string(sample).unwrap().replace("sync.exe", "tiny.exe");
    stage.write("tiny/printed.xml", &printed);
    let main = "fn main() { assert_eq!(std::env::args().nth(1).unwrap(), \"--oncue-manifest\"); \
                print!(\"{}\", include_str!(\"../printed.xml\")) }";
    with_sdk(&stage, main);
    let said = layout(&stage, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let folder = stage.path("tiny/target/oncue/tiny");
    assert_eq!(fs::read_to_string(folder.join("AppxManifest.xml")).unwrap(), printed);
    assert!(folder.join("tiny").is_file() && folder.join("Assets/Square44x44Logo.png").is_file());

    stage.write("tiny/src/main.rs", "fn main() {}\n");
    let silent = layout(&stage, &[]);
    assert_eq!(silent.code, Some(3), "{silent:?}");
    assert!(silent.err.contains("program tiny did not print a manifest"), "{silent:?}");
}
