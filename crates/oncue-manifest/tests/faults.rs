//! All problems of a well-formed manifest, except for its applications: the message, the severity,
//! and the position.

mod sample;

use oncue_manifest::Severity::{Advice, Error, WindowsRefuses};
use sample::{SAMPLE, expect_faults, problems};

#[test]
fn the_sample_has_no_fault() {
    assert_eq!(problems(SAMPLE), []);
}

#[test]
fn places_are_lines_and_columns_of_characters() {
    let found = problems(&SAMPLE.replace("Version=\"1.2.3.4\"", "Version=\"1.2.3\""));
    assert_eq!((found[0].line, found[0].column), (8, 67));
    let found = problems(
        &SAMPLE.replace("Contoso.Sample", "Cöntösö").replace("Version=\"1.2.3.4\"", "Version=\"x\""),
    );
    assert_eq!((found[0].line, found[0].column), (8, 19));
    assert_eq!((found[1].line, found[1].column), (8, 60));
}

#[test]
fn identity() {
    expect_faults(&[
        (
            "<Identity Name=\"Contoso.Sample\"",
            "¦<Identity",
            Error,
            "attribute `Name` is missing in `Identity`",
        ),
        (
            "<Identity Name=\"Contoso.Sample\" Publisher=\"CN=Contoso\"",
            "¦<Identity Name=\"Contoso.Sample\"",
            Error,
            "attribute `Publisher` is missing in `Identity`",
        ),
        (
            "<Identity Name=\"Contoso.Sample\" Publisher=\"CN=Contoso\" Version=\"1.2.3.4\"",
            "¦<Identity Name=\"Contoso.Sample\" Publisher=\"CN=Contoso\"",
            Error,
            "attribute `Version` is missing in `Identity`",
        ),
        ("Name=\"Contoso.Sample\"", "Name=\"¦ab\"", Error, "`Name` has 2 characters; it must have 3 to 50"),
        (
            "Name=\"Contoso.Sample\"",
            "Name=\"¦Contoso_Sample\"",
            Error,
            "`Name` contains '_'; only ASCII letters, digits, `.` and `-` are allowed",
        ),
        (
            "Name=\"Contoso.Sample\"",
            "Name=\"¦../../etc\"",
            Error,
            "`Name` contains '/'; only ASCII letters, digits, `.` and `-` are allowed",
        ),
        (
            "Name=\"Contoso.Sample\"",
            "Name=\"¦lpt1\"",
            Error,
            "`Name` is `lpt1`, a name that Windows reserves for a device",
        ),
        ("\"CN=Contoso\"", "\"¦\"", Error, "`Publisher` has 0 characters; it must have 1 to 8192"),
        (
            "\"CN=Contoso\"",
            "\"¦Contoso\"",
            WindowsRefuses,
            "publisher part `Contoso` is not of the form `KEY=value`, as Windows requires",
        ),
        (
            "\"1.2.3.4\"",
            "\"¦1.2.3\"",
            Error,
            "version `1.2.3` is not four numbers from 0 to 65535, separated by `.`",
        ),
        (
            "\"1.2.3.4\"",
            "\"¦1.2.3.65536\"",
            Error,
            "version `1.2.3.65536` is not four numbers from 0 to 65535, separated by `.`",
        ),
        (
            "\"1.2.3.4\"",
            "\"¦0.2.3.4\"",
            WindowsRefuses,
            "version 0.2.3.4 begins with 0, which Windows does not accept",
        ),
        ("\"x64\"", "\"¦X64\"", Error, "architecture `X64` is not x86, x64, arm, arm64 or neutral"),
        ("\"x64\"", "\"x64\" ResourceId=\"¦\"", Error, "`ResourceId` has 0 characters; it must have 1 to 30"),
        (
            "\"x64\"",
            "\"x64\" ResourceId=\"¦split/scale\"",
            Error,
            "`ResourceId` contains '/'; only ASCII letters, digits, `.` and `-` are allowed",
        ),
        ("\"x64\"", "\"x64\" ¦version=\"1\"", Advice, "unknown attribute `version` in `Identity` is ignored"),
        (
            "  <Properties>",
            "  ¦<Identity/><Properties>",
            Error,
            "duplicate element `Identity`; line 8 already has one",
        ),
    ]);
}

#[test]
fn properties_and_languages() {
    expect_faults(&[
        (
            "<Logo>Assets\\Store.png</Logo>",
            "¦<Logo>..\\Store.png</Logo>",
            WindowsRefuses,
            "`..\\Store.png` of element `Logo` is not a file in the package",
        ),
        (
            "<Logo>Assets\\Store.png</Logo>",
            "¦<Logo> </Logo>",
            WindowsRefuses,
            "element `Logo` has 0 characters; Windows accepts 1 to 256",
        ),
        (
            "<Properties>\n    <DisplayName>Sample &amp; more</DisplayName>",
            "¦<Properties>",
            WindowsRefuses,
            "element `DisplayName` is missing in `Properties`; Windows requires it",
        ),
        (
            "<Logo>",
            "¦<displayname/><Logo>",
            Advice,
            "unknown element `displayname` in `Properties` is ignored",
        ),
        (
            "<Logo>",
            "¦<DisplayName>Again</DisplayName><Logo>",
            WindowsRefuses,
            "duplicate element `DisplayName`; line 10 already has one",
        ),
        (
            "Language=\"en-us\"/>",
            "Language=\"en-us\"/><Resource Language=\"¦x-generate\"/>",
            WindowsRefuses,
            "language `x-generate` is not a language tag, as Windows requires",
        ),
        (
            "<Resources><Resource Language=\"en-us\"/>",
            "¦<Resources>",
            Advice,
            "no `Resource` declares a `Language`",
        ),
    ]);
}

#[test]
fn targets() {
    expect_faults(&[
        (
            "\"10.0.19041.0\"",
            "\"¦10.0.17763.0\"",
            Advice,
            "`MinVersion` 10.0.17763.0 permits Windows versions before 10.0.19041.0, which do not support tasks with a class id",
        ),
        (
            "\"10.0.19041.0\"",
            "\"¦10.0.19041\"",
            WindowsRefuses,
            "`MinVersion` is `10.0.19041`, not four numbers from 0 to 65535, separated by `.`",
        ),
        (
            "\"10.0.22621.0\"",
            "\"¦10.0.18362.0\"",
            WindowsRefuses,
            "`MaxVersionTested` 10.0.18362.0 is older than `MinVersion` 10.0.19041.0",
        ),
        (
            "<TargetDeviceFamily Name=\"Windows.Desktop\"",
            "¦<TargetDeviceFamily Name=\"Windows.Universal\" MinVersion=\"10.0.19041.0\"/><TargetDeviceFamily Name=\"Windows.Desktop\"",
            WindowsRefuses,
            "attribute `MaxVersionTested` is missing in `TargetDeviceFamily`; Windows requires it",
        ),
        (
            "<Dependencies>\n    <TargetDeviceFamily Name=\"Windows.Desktop\"",
            "¦<Dependencies>\n    <TargetDeviceFamily Name=\"Windows.Xbox\"",
            Advice,
            "no `TargetDeviceFamily` is `Windows.Desktop` or `Windows.Universal`",
        ),
        (
            "<Dependencies>\n    <TargetDeviceFamily Name=\"Windows.Desktop\" MinVersion=\"10.0.19041.0\" MaxVersionTested=\"10.0.22621.0\"/>",
            "¦<Dependencies>",
            WindowsRefuses,
            "element `TargetDeviceFamily` is missing in `Dependencies`; Windows requires it",
        ),
    ]);
}

#[test]
fn capabilities() {
    expect_faults(&[
        (
            "<Capabilities><rescap:Capability Name=\"runFullTrust\"/>",
            "¦<Capabilities>",
            WindowsRefuses,
            "application `App` runs with full trust, but capability `runFullTrust` is missing; Windows requires it",
        ),
        (
            "<rescap:Capability Name",
            "¦<Capability Name",
            WindowsRefuses,
            "capability `runFullTrust` is in the wrong namespace, so Windows does not recognise it",
        ),
        (
            "<Capabilities>",
            "<Capabilities>¦<uap:Capability/>",
            WindowsRefuses,
            "attribute `Name` is missing in `uap:Capability`; Windows requires it",
        ),
    ]);
}

#[test]
fn namespaces() {
    expect_faults(&[
        (
            "\"uap uap10 com rescap\"",
            "\"¦uap uap10 com build\"",
            Error,
            "`IgnorableNamespaces` names `build`, which is not declared",
        ),
        (
            "  <Properties>",
            "  ¦<build:Metadata/><Properties>",
            Error,
            "prefix `build` of `build:Metadata` is not declared",
        ),
        (
            "  <Properties>",
            "  ¦<b:Metadata xmlns:b=\"urn:build\"/><Properties>",
            Error,
            "namespace `urn:build` of `b:Metadata` is unknown, and not listed in `IgnorableNamespaces`",
        ),
        (
            "<Application Id",
            "<Application xmlns:b=\"urn:build\" ¦b:x=\"1\" Id",
            Error,
            "namespace `urn:build` of `b:x` is unknown, and not listed in `IgnorableNamespaces`",
        ),
        ("  <Properties>", "  ¦<x xmlns=\"\"/><Properties>", Error, "`x` has no namespace"),
        (
            "  <Properties>",
            "  ¦<x:y xmlns:x=\"http://schemas.microsoft.com/appx/manifest/com/windows11\"/><Properties>",
            Advice,
            "namespace `http://schemas.microsoft.com/appx/manifest/com/windows11` of `x:y` is unknown and ignored",
        ),
    ]);
}

#[test]
fn every_problem_is_said_at_once_in_the_order_of_the_file() {
    let text = SAMPLE
        .replace("Version=\"1.2.3.4\"", "Version=\"1\"")
        .replace("14C5882B-35D3-41BE-86B2-5106269B97E6", "x")
        .replace("Square44x44Logo=\"b.png\"", "")
        .replace("bin\\server.exe", "../server.exe");
    let found = problems(&text);
    let lines: Vec<_> = found.iter().map(|problem| (problem.line, problem.severity)).collect();
    assert_eq!(lines, [(8, Error), (21, WindowsRefuses), (25, Error), (26, Error)]);
    let refused = oncue_manifest::Manifest::parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "line 8, column 67: version `1` is not four numbers from 0 to 65535, separated by `.`; and 3 more problems"
    );
}

#[test]
fn an_identity_is_all_that_cannot_be_missing() {
    let bare = |inner: &str| {
        format!(
            "<Package xmlns=\"http://schemas.microsoft.com/appx/manifest/foundation/windows10\">{inner}</Package>"
        )
    };
    let manifest = oncue_manifest::Manifest::parse(
        bare("<Identity Name=\"abc\" Publisher=\"CN=x\" Version=\"1.0.0.0\"/>").as_bytes(),
    )
    .unwrap();
    let said: Vec<_> =
        manifest.warnings.iter().map(|problem| (problem.severity, problem.to_string())).collect();
    assert_eq!(
        said,
        [
            (WindowsRefuses, "element `Properties` is missing in `Package`; Windows requires it".to_owned()),
            (Advice, "no `Resource` declares a `Language`".to_owned()),
            (
                WindowsRefuses,
                "element `Dependencies` is missing in `Package`; Windows requires it".to_owned()
            ),
            (Advice, "the package has no application, so it cannot have tasks".to_owned()),
        ]
    );
    let refused = oncue_manifest::Manifest::parse(bare("").as_bytes()).unwrap_err();
    assert_eq!(refused.first_error().unwrap().to_string(), "element `Identity` is missing in `Package`");
}

#[test]
fn more_problems_than_are_kept_are_counted() {
    let many = "<com:Class Id=\"x\"/>".repeat(250);
    let found = problems(&SAMPLE.replace("</com:ExeServer>", &format!("{many}</com:ExeServer>")));
    assert_eq!(found.len(), 101);
    assert_eq!(
        found[100].to_string(),
        "150 more problems are not listed (limit: 100 errors and as many warnings)"
    );
}

#[test]
fn a_misspelt_namespace_that_takes_all_task_servers_along_is_an_error() {
    let right = "http://schemas.microsoft.com/appx/manifest/com/windows10";
    for wrong in [
        "https://schemas.microsoft.com/appx/manifest/com/windows10",
        "http://schemas.microsoft.com/appx/manifest/comm/windows10",
        "http://schemas.microsoft.com/appx/manifest/com/windows1O",
        "http://schemas.microsoft.com/appx/manifest/com/Windows10",
        "http://schema.microsoft.com/appx/manifest/com/windows10",
        "http://schemas.microsoft.com/appx/manifest/com/windows10/",
        "urn:something-else",
    ] {
        let found = problems(&SAMPLE.replace(&format!("\"{right}\""), &format!("\"{wrong}\"")));
        let errors: Vec<_> = found.iter().filter(|problem| problem.severity == Error).collect();
        let [lost] = errors[..] else { panic!("{wrong}: {found:?}") };
        let said = lost.to_string();
        assert!(said.contains(wrong) && said.ends_with("left without a task server"), "{said}");
        assert_eq!(lost.way_out(), format!("write `{right}`"), "{wrong}");
    }
}
