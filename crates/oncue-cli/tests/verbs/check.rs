//! `oncue package check`: finds all problems, without a broker.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::stage::Stage;
use serde_json::json;

fn sample() -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/primes/AppxManifest.xml");
    fs::read_to_string(manifest).unwrap()
}

/// Creates a package from a manifest, with the sample's program and images.
fn package(stage: &Stage, manifest: &str) -> PathBuf {
    stage.write("package/AppxManifest.xml", manifest);
    let program = stage.write("package/primes", "#!/bin/sh\n");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    for picture in ["StoreLogo", "Square150x150Logo", "Square44x44Logo"] {
        stage.write(&format!("package/Assets/{picture}.png"), "");
    }
    stage.path("package")
}

#[test]
fn a_good_package_is_fine() {
    let stage = Stage::new();
    package(&stage, &sample());
    let family = "SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt";
    let fine = format!("✓ Primes 1.0.0.0 ({family}) is fine\n");
    assert_eq!(stage.done(&["package", "check", "package"]), fine);
    assert_eq!(stage.done(&["package", "check", "package/AppxManifest.xml"]), fine);
    assert!(!stage.path("run").exists(), "no broker was started");
}

#[test]
fn the_check_in_json_says_who_the_package_is() {
    let stage = Stage::new();
    package(&stage, &sample());
    let check = stage.json(&["package", "check", "package", "--json"]);
    assert_eq!(check["package"]["display_name"], "Primes");
    assert_eq!(check["problems"], json!([]));
}

#[test]
fn every_problem_is_named_with_its_place_and_a_way_out() {
    let stage = Stage::new();
    let broken = sample()
        .replace("14C5882B-35D3-41BE-86B2-5106269B97E6", "14C5882B")
        .replace("Version=\"1.0.0.0\"", "Version=\"1.0\"");
    package(&stage, &broken);
    let said = stage.says(&["package", "check", "package"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let problems = said.out.lines().filter(|line| line.contains(": error: ")).count();
    let ways_out = said.out.lines().filter(|line| line.starts_with("  try: ")).count();
    assert!(problems >= 2 && ways_out >= problems, "{}", said.out);
    assert!(said.out.starts_with("package/AppxManifest.xml:12:"), "{}", said.out);
    assert!(said.out.ends_with("✗ package/AppxManifest.xml cannot be used\n"), "{}", said.out);
}

#[test]
fn a_misspelt_namespace_is_not_fine() {
    let stage = Stage::new();
    for wrong in [
        "https://schemas.microsoft.com/appx/manifest/com/",
        "http://schemas.microsoft.com/appx/manifest/comm/",
    ] {
        package(&stage, &sample().replace("http://schemas.microsoft.com/appx/manifest/com/", wrong));
        let said = stage.says(&["package", "check", "package"]);
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(
            said.out.contains("left without a task server") && !said.out.contains("is fine"),
            "{}",
            said.out
        );
        assert!(
            said.out.contains("try: write `http://schemas.microsoft.com/appx/manifest/com/windows10`"),
            "{}",
            said.out
        );
    }
}

#[test]
fn a_program_that_cannot_be_started_here_is_an_error() {
    let stage = Stage::new();
    let program = package(&stage, &sample()).join("primes");
    for (contents, told) in [
        ("#!/bin/sh\r\nexit 0\r\n", "its first line ends with a carriage return"),
        ("#!/no/such/interpreter\n", "its interpreter /no/such/interpreter does not exist"),
        ("", "it is empty"),
    ] {
        fs::write(&program, contents).unwrap();
        let said = stage.says(&["package", "check", "package"]);
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(
            said.out.contains(&format!("error: cannot start {}: {told}", program.display())),
            "{}",
            said.out
        );
    }
}

#[test]
fn a_missing_program_is_an_error() {
    let stage = Stage::new();
    fs::remove_file(package(&stage, &sample()).join("primes")).unwrap();
    let said = stage.says(&["package", "check", "package"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("error: executable primes.exe does not exist"), "{}", said.out);
}

#[test]
fn what_only_windows_refuses_is_said_and_refused() {
    let stage = Stage::new();
    fs::remove_file(package(&stage, &sample()).join("Assets/StoreLogo.png")).unwrap();
    let said = stage.says(&["package", "check", "package", "--json"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let check: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(check["usable"], true);
    assert_eq!(check["problems"][0]["severity"], "windows_refuses");
    assert_eq!(check["problems"][0]["what"], "image Assets/StoreLogo.png does not exist");
}

#[test]
fn no_package_at_all_is_refused() {
    let stage = Stage::new();
    let said = stage.says(&["package", "check", "nowhere"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.starts_with("error: no AppxManifest.xml in nowhere\n  try: "), "{said:?}");
}

#[test]
fn a_package_without_a_task_server_is_told_so() {
    let stage = Stage::new();
    let manifest = sample();
    let (before, rest) = manifest.split_once("<Extensions>").unwrap();
    let (_, after) = rest.split_once("</Extensions>").unwrap();
    package(&stage, &format!("{before}{after}"));
    let said = stage.says(&["package", "check", "package"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("advice: the package declares no task server"), "{}", said.out);
    assert!(said.out.ends_with("is fine, but it cannot have tasks\n"), "{}", said.out);
}
