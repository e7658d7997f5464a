//! `oncue package new`: turns a crate into a package.

use std::fs;
use std::path::Path;

use crate::stage::{Said, Stage, said, with_cargo};

const PICTURES: [(&str, u32); 3] =
    [("StoreLogo.png", 50), ("Square150x150Logo.png", 150), ("Square44x44Logo.png", 44)];

/// Creates a crate without dependencies.
fn krate(stage: &Stage, lines: &str) {
    let text = format!("[package]\nname = \"hello_there\"\nedition = \"2024\"\n{lines}\n[workspace]\n");
    stage.write("crate/Cargo.toml", &text);
    stage.write("crate/src/main.rs", "fn main() {}\n");
}

fn oncue(stage: &Stage, verb: &str, arguments: &[&str]) -> Said {
    let mut command = stage.oncue(&["package", verb]);
    command.args(arguments).current_dir(stage.path("crate/src"));
    with_cargo(&mut command);
    said(command.output().unwrap())
}

fn new(stage: &Stage, arguments: &[&str]) -> Said {
    oncue(stage, "new", &[&["--publisher", "CN=Contoso"], arguments].concat())
}

/// Returns the side of a square image.
fn side(picture: &Path) -> u32 {
    let bytes = fs::read(picture).unwrap();
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(number(16), number(20), "{} is square", picture.display());
    number(16)
}

#[test]
fn a_crate_becomes_a_package_that_is_fine() {
    let stage = Stage::new();
    krate(&stage, "version = \"2.1.0\"\ndescription = \"Says hello.\"");
    let made = new(&stage, &[]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.out.contains("the package is hello-there_h91ms92gdsmmt 2.1.0.0\n"), "{}", made.out);
    for (picture, wanted) in PICTURES {
        assert_eq!(side(&stage.path("crate/Assets").join(picture)), wanted);
    }
    // The suggested next step works.
    let laid_out = oncue(&stage, "layout", &[]);
    assert_eq!(laid_out.code, Some(0), "{laid_out:?}");
    let checked = stage.done(&["package", "check", laid_out.out.trim_end()]);
    assert_eq!(checked, "✓ hello_there 2.1.0.0 (hello-there_h91ms92gdsmmt) is fine\n");
}

#[test]
fn what_is_there_is_not_overwritten_unless_it_shall_be() {
    let stage = Stage::new();
    krate(&stage, "version = \"0.1.0\"");
    let mine = stage.write("crate/Assets/Square44x44Logo.png", "mine");
    let refused = new(&stage, &[]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.err.contains("Square44x44Logo.png already exists"), "{refused:?}");
    assert!(!stage.path("crate/AppxManifest.xml").exists(), "nothing was written");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");

    let id = "3A0E5D5C-6A1F-4F0E-8F0B-2D6F6F0C9A11";
    let forced = new(&stage, &["--force", "--json", "--class-id", id, "--name", "Contoso.Hello"]);
    let shape: serde_json::Value = serde_json::from_str(&forced.out).unwrap();
    assert_eq!(shape["class_id"].as_str().unwrap().to_uppercase(), id);
    assert_eq!(shape["family_name"], "Contoso.Hello_h91ms92gdsmmt");
    assert_eq!(shape["version"], "1.0.0.0", "Windows takes none that begins with 0");
    assert_eq!(side(&mine), 44);
}

#[test]
fn each_package_gets_a_class_of_its_own() {
    let stage = Stage::new();
    krate(&stage, "");
    let class = |said: Said| {
        let shape: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        shape["class_id"].as_str().unwrap().to_owned()
    };
    assert_ne!(class(new(&stage, &["--json"])), class(new(&stage, &["--json", "--force"])));
}

#[test]
fn what_cannot_become_a_package_is_refused_by_its_reason() {
    let stage = Stage::new();
    stage.write("crate/src/lib.rs", "");
    let refused = |arguments: &[&str], facts: &str, way_out: &str| {
        let publisher =
            if arguments.contains(&"--publisher") { &[][..] } else { &["--publisher", "CN=Contoso"] };
        let said = oncue(&stage, "new", &[publisher, arguments].concat());
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(said.err.contains(facts) && said.err.contains(way_out), "{facts}: {}", said.err);
        assert!(!stage.path("crate/AppxManifest.xml").exists(), "{arguments:?}");
    };
    refused(&[], "no Cargo.toml in", "go to the crate's folder");

    krate(&stage, "");
    refused(&["--name", "Hello World"], "`Name` contains ' '", "--name");
    refused(&["--name", "ab"], "`Name` has 2 characters", "--name");
    refused(&["--publisher", "Contoso"], "Contoso", "--publisher");
    refused(&["--bin", "other"], "has no binary called other, only hello_there", "--bin hello_there");

    stage.write("crate/src/bin/second.rs", "fn main() {}\n");
    refused(&[], "choose the one that serves the class", "--bin hello_there");

    krate(&stage, "autobins = false");
    refused(&[], "crate hello_there has no binary", "src/main.rs");
}
