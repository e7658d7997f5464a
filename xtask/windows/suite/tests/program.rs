//! The program `oncue` on Windows. Wine has no register of packages, so the tests check that this
//! is reported.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use windows_suite::{sample, setting};

fn oncue(arguments: &[&str]) -> Output {
    Command::new(setting("ONCUE_PROGRAM")).args(arguments).output().unwrap()
}

fn package() -> String {
    sample().parent().map(Path::display).unwrap().to_string()
}

/// Asserts the exit code and the output on standard error.
fn assert_ends(arguments: &[&str], code: i32, said: &[&str]) {
    let ended = oncue(arguments);
    let text = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {ended:?}");
    for part in said {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn the_samples_package_is_fine() {
    let checked = oncue(&["package", "check", &package()]);
    assert!(checked.status.success(), "{checked:?}");
    let said = String::from_utf8_lossy(&checked.stdout);
    assert_eq!(said, "✓ Primes 1.0.0.0 (SamplePackagedWinMainBackgroundApp_h91ms92gdsmmt) is fine\n");
}

#[test]
fn a_package_without_its_program_cannot_be_used() {
    let folder = setting("ONCUE_STAND_IN").join("without-program");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(Path::new(&package()).join("AppxManifest.xml"), folder.join("AppxManifest.xml")).unwrap();
    let checked = oncue(&["package", "check", &folder.display().to_string()]);
    assert_eq!(checked.status.code(), Some(3), "{checked:?}");
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(said.contains("error: executable primes.exe does not exist"), "{said}");
    // It is not registered either.
    assert_ends(&["package", "add", &folder.display().to_string()], 3, &["primes.exe does not exist"]);
}

#[test]
fn a_windows_without_a_register_of_packages_says_so() {
    let number = "(0x80040154)";
    assert_ends(&["package", "list"], 1, &["Windows could not list the packages", number, "build 19041"]);
    assert_ends(&["package", "add", &package()], 1, &["Windows could not register the package", number]);
}

#[test]
fn what_windows_does_itself_is_said_by_its_name() {
    assert_ends(&["list"], 3, &["`oncue list` is not available on Windows", "Get-AppBackgroundTask"]);
    assert_ends(&["why", "SampleTask"], 3, &["Windows does not report why", "event log"]);
    assert_ends(&["lisst"], 2, &["there is no verb `lisst`"]);
}
