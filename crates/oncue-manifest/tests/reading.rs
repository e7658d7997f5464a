//! The contents read from a manifest, however it is written.

#[expect(dead_code, reason = "the fault tests use the rest")]
mod sample;

use oncue_manifest::{Architecture, Manifest, Runtime, Severity, Version, executable_candidates};
use sample::SAMPLE;

fn read(text: &str) -> Manifest {
    Manifest::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Expects a manifest that means the same as the sample and has no problem.
fn expect_the_sample(text: &str) {
    assert_eq!(read(text), read(SAMPLE), "{text}");
}

#[test]
fn everything_that_is_written_is_read() {
    let manifest = read(SAMPLE);
    assert_eq!(manifest.identity.family_name(), "Contoso.Sample_h91ms92gdsmmt");
    assert_eq!(manifest.identity.full_name(), "Contoso.Sample_1.2.3.4_x64__h91ms92gdsmmt");
    assert_eq!(manifest.identity.architecture, Architecture::X64);
    assert_eq!(manifest.shown_name(), "Sample & more");
    assert_eq!(manifest.publisher_display_name.as_deref(), Some("Contoso"));
    assert_eq!(manifest.logo.as_deref(), Some(r"Assets\Store.png"));
    assert_eq!(manifest.languages, ["en-us"]);
    assert_eq!(manifest.capabilities, ["runFullTrust"]);
    assert_eq!(manifest.targets[0].name, "Windows.Desktop");
    assert_eq!(manifest.targets[0].min_version, Some(Version::new(10, 0, 19041, 0)));
    let application = &manifest.applications[0];
    assert_eq!((application.id.as_str(), application.runtime), ("App", Runtime::FullTrust));
    assert_eq!(application.executable.as_deref(), Some(r"bin\app.exe"));
    assert_eq!(application.visual_elements.square_44x44_logo.as_deref(), Some("b.png"));
    let server = &application.servers[0];
    assert_eq!(
        executable_candidates(&server.executable),
        [r"bin\server.exe", "bin/server.exe", "bin/server"]
    );
    assert_eq!((server.arguments.as_str(), server.display_name.as_deref()), ("-Serve", Some("Server")));
    let id = "14c5882b-35d3-41be-86b2-5106269b97e6".parse().unwrap();
    let declared = manifest.class(id).unwrap();
    assert_eq!((declared.application, declared.server), (application, server));
    assert_eq!(declared.class.display_name.as_deref(), Some("Task"));
}

#[test]
fn writing_does_not_matter() {
    expect_the_sample(&format!("\u{feff}{SAMPLE}"));
    expect_the_sample(&SAMPLE.replace('\n', "\r\n"));
    expect_the_sample(&SAMPLE.replace("\"CN=Contoso\"", "'&#x43;N=Cont&#111;so'"));
    expect_the_sample(&SAMPLE.replace("Sample &amp; more", "<![CDATA[Sample & ]]><!-- -->mor<?x y?>e\n"));
    expect_the_sample(
        &SAMPLE.replace("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n", "\n<!-- no declaration -->"),
    );
}

#[test]
fn prefixes_do_not_matter() {
    expect_the_sample(
        &SAMPLE.replace("com:", "z.1:").replace("xmlns:com", "xmlns:z.1").replace("uap10 com", "uap10 z.1"),
    );
    let prefixed = SAMPLE
        .replace("<?xml version=\"1.0\" encoding=\"utf-8\"?>", "")
        .replace("xmlns=", "xmlns:f=")
        .replace("<uap:", "<@uap:")
        .replace("</com:", "</@com:")
        .replace("<com:", "<@com:")
        .replace("<rescap:", "<@rescap:")
        .replace("</", "</f:")
        .replace("</f:@", "</")
        .replace('<', "<f:")
        .replace("<f:/f:", "</f:")
        .replace("<f:/", "</")
        .replace("<f:@", "<");
    assert!(prefixed.contains("<f:Package xmlns:f="));
    expect_the_sample(&prefixed);
    let local = SAMPLE
        .replace(
            "<com:ComServer>",
            "<c:ComServer xmlns:c=\"http://schemas.microsoft.com/appx/manifest/com/windows10\">",
        )
        .replace("</com:ComServer>", "</c:ComServer>");
    expect_the_sample(&local);
}

#[test]
fn what_is_ignorable_is_ignored_with_all_in_it() {
    let ignorable = SAMPLE
        .replace("IgnorableNamespaces=\"uap ", "xmlns:build=\"http://schemas.microsoft.com/developer/appx/2015/build\" xmlns:x='urn:x' IgnorableNamespaces=\"build x uap ")
        .replace("<Properties>", "<build:Metadata><build:Item Name=\"a\"/><Identity/></build:Metadata><Properties x:a=\"1\">");
    expect_the_sample(&ignorable);
    let newer = SAMPLE.replace("<Properties>", "<Properties><heap:HeapPolicy xmlns:heap=\"http://schemas.microsoft.com/appx/manifest/heap/windows10\">x</heap:HeapPolicy>");
    expect_the_sample(&newer);
}

#[test]
fn runtimes_are_said_in_two_ways() {
    for (written, runtime) in [
        ("EntryPoint=\"windows.fullTrustApplication\"", Runtime::FullTrust),
        ("uap10:RuntimeBehavior=\"packagedClassicApp\" uap10:TrustLevel=\"mediumIL\"", Runtime::FullTrust),
        ("uap10:RuntimeBehavior=\"win32App\" uap10:TrustLevel=\"mediumIL\"", Runtime::FullTrust),
        (
            "uap10:RuntimeBehavior=\"packagedClassicApp\" uap10:TrustLevel=\"appContainer\"",
            Runtime::AppContainer,
        ),
        ("uap10:RuntimeBehavior=\"windowsApp\"", Runtime::Universal),
        ("EntryPoint=\"Sample.App\"", Runtime::Universal),
    ] {
        let manifest = read(&SAMPLE.replace("EntryPoint=\"Windows.FullTrustApplication\"", written));
        assert_eq!(manifest.applications[0].runtime, runtime, "{written}");
        assert_eq!(manifest.warnings.is_empty(), runtime != Runtime::Universal, "{written}");
    }
}

#[test]
fn com4_is_read_and_its_age_is_told() {
    let com4 = SAMPLE.replace("com/windows10\"", "com/windows10/4\"");
    let manifest = read(&com4);
    assert_eq!(manifest.classes().count(), 1);
    let said: Vec<_> = manifest
        .warnings
        .iter()
        .map(|problem| (problem.line, problem.severity, problem.to_string()))
        .collect();
    let text = "needs Windows 10.0.20348.0; `MinVersion` 10.0.19041.0 also permits older versions, which ignore it silently";
    assert_eq!(
        said,
        [
            (23, Severity::Advice, format!("`com:Extension` {text}")),
            (25, Severity::Advice, format!("`com:ExeServer` {text}"))
        ]
    );
    assert_eq!(read(&com4.replace("10.0.19041.0", "10.0.20348.0")).warnings, []);
}

#[test]
fn a_server_may_refer_to_a_class_beside_it() {
    let beside = SAMPLE
        .replace("10.0.19041.0", "10.0.22000.0")
        .replace(
            "xmlns:com=",
            "xmlns:com4=\"http://schemas.microsoft.com/appx/manifest/com/windows10/4\" xmlns:com=",
        )
        .replace(
            "<com:ComServer>",
            "<com:ComServer><com4:Class Id=\"14C5882B-35D3-41BE-86B2-5106269B97E6\" DisplayName=\"Task\"/>",
        )
        .replace(
            "<com:Class Id=\"14C5882B-35D3-41BE-86B2-5106269B97E6\" DisplayName=\"Task\"/>",
            "<com4:ClassReference Id=\"14c5882b-35d3-41be-86b2-5106269b97e6\"/>",
        );
    let manifest = read(&beside);
    assert_eq!(manifest.warnings, []);
    assert_eq!(manifest.classes().next().unwrap().class.display_name.as_deref(), Some("Task"));
}

#[test]
fn names_that_only_windows_can_look_up_are_not_shown() {
    assert_eq!(
        read(&SAMPLE.replace("Sample &amp; more", "ms-resource:AppName")).shown_name(),
        "Contoso.Sample"
    );
}

#[test]
fn ways_out_name_what_was_meant() {
    for (old, new, way_out) in [
        ("<uap:VisualElements", "<VisualElements", "write `uap:VisualElements`"),
        ("Arguments=", "Argument=", "write `Arguments`"),
        ("<com:Class Id", "<com:class Id", "write `Class`"),
        (
            "\"14C5882B-35D3-41BE-86B2-5106269B97E6\"",
            "\"{14C5882B-35D3-41BE-86B2-5106269B97E6}\"",
            "write 14C5882B-35D3-41BE-86B2-5106269B97E6",
        ),
    ] {
        let problems = sample::problems(&SAMPLE.replace(old, new));
        assert!(problems.iter().any(|problem| problem.way_out() == way_out), "{new}: {problems:#?}");
    }
}
